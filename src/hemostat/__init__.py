"""Hemostat: from a leak of health data to the exact people, what of each is exposed, and how we know."""

import os

# Arrow's default pool spends a second of system time on the staged cells of a million rows; said before it is loaded.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
# Nothing here multiplies matrices: the threads that numpy's library keeps ready for it only cost their start.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.2.0"
