"""A process that settles updates, for tests that run several, or kill them. Run as a module: URL, first id, how many, seed.

Its workers take the updates in an order drawn from the seed; each is claimed, and settled whatever
the claim says, so that only the store can keep effects from happening twice. Each settling writes a line, so that a test sees how far
it has come. It says when it is ready, and begins at a line on its input; the last line is how many claims and how many settlings were this process's.
"""

import asyncio
import random
import sys

from bot.core.model import Context
from bot.store.opening import open_store
from bot.store.records import Count, Effects, Miss, Standing
from tests.store.people import DAY, person

WORKERS = 4


def effects_of(update_id: int) -> Effects:
    """What an update leaves behind: one of each kind, and counts that all updates share."""
    counts = (Count(DAY, "answered"), Count(DAY, "answered", f"entry-{update_id % 7}"))
    return Effects(((person(f"person {update_id}"), Context(answered=1)),), counts, (Miss(DAY, f"words {update_id}"),))


async def main(url: str, first: int, count: int, seed: int) -> None:
    store = await open_store(url, holder="settler")
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)  # So that several begin at once.
    update_ids = list(range(first, first + count))
    random.Random(seed).shuffle(update_ids)  # noqa: S311  (no secret)
    waiting = iter(update_ids)
    ours = kept = 0

    async def work() -> None:
        nonlocal ours, kept
        for update_id in waiting:
            claim = await store.claim(update_id, alone=False)
            ours += claim.standing is Standing.OURS
            was_new = await store.settle((update_id,), effects_of(update_id))
            kept += was_new
            print("settled", update_id, flush=True)

    await asyncio.gather(*(work() for _ in range(WORKERS)))
    await store.close()
    print("end", ours, kept, flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], *map(int, sys.argv[2:])))
