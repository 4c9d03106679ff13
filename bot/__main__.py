"""`python -m bot` is `napebot`."""

import gc
import os

# Before numpy is imported: our arrays are small, and threads of its own would only cost start-up time and memory.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Nothing that is imported becomes garbage; looking for some takes a tenth of the time.
gc.disable()

from bot.cli import main  # noqa: E402

gc.freeze()
gc.enable()

if __name__ == "__main__":
    raise SystemExit(main())
