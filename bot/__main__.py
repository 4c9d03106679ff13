"""`python -m bot` is `napebot`."""

import os

# Before numpy is imported: our arrays are small, and threads of its own would only cost start-up time and memory.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from bot.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
