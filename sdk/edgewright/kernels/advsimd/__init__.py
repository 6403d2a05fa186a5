"""What the kernels of `neon`, `sdot` and `armv7_neon` share: blocks of outputs and padded panels of input rows."""
