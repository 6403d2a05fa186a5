"""x86-64 with AVX2: rows widened to int16, four positions times 16 outputs."""
