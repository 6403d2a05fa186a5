"""NumPy multiplies on one thread here and in every process that a test starts: the workers use the other cores."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
