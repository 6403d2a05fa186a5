"""What the tests must not depend on: targets of whoever runs them, and how many threads BLAS would like.

NumPy multiplies on one thread here and in every process that a test starts: the workers use the other cores. Hypothesis
fails no test because a busy machine was slow.
"""

import os

from hypothesis import HealthCheck, settings

os.environ.pop("EDGEWRIGHT_TARGETS", None)
os.environ["XDG_CONFIG_HOME"] = os.devnull
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
settings.register_profile("any machine", suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")
