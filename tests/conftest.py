"""What the tests must not depend on: targets of whoever runs them, and how many threads BLAS would like.

NumPy multiplies on one thread here and in every process that a test starts: the workers use the other cores.
"""

import os

os.environ.pop("EDGEWRIGHT_TARGETS", None)
os.environ["XDG_CONFIG_HOME"] = os.devnull
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
