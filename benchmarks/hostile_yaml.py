"""What bad YAML comes to: `python -m benchmarks.hostile_yaml [MUTANTS]`.

Every kind of mistake of the tests, 5,000 mutants of the files of a good folder, and files made to cost much. Each must be refused with a place
in a file, or load; nothing else counts as right. Of the mutants that can be read every twentieth is learned from and tried as well.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random

from bot.errors import KnowledgeError
from bot.knowledge.loader import load_snapshot, read_knowledge
from tests.knowledge.bad_files import BAD, TEXTS
from tests.knowledge.folders import EXAMPLES, GOOD, write_folder
from tests.knowledge.mutants import mutant

_MUTANTS = 5_000
_SEED = 5
_TRIED_EVERY = 20
_BOUND_MS = 100.0
_WHOLE: Mapping[str, str] = {**GOOD, **EXAMPLES}
_PLACED = re.compile(r"[^\s:]+:[1-9]\d*:[1-9]\d*: \S")
_WIDTH = 9
_MEBIBYTE = 1024 * 1024


def verdict(read: Callable[[], object]) -> str:
    """Return `loads`, `refused` with a place for each problem, or what else came of it."""
    try:
        read()
    except KnowledgeError as error:
        return "refused" if error.problems and all(_PLACED.match(str(problem)) for problem in error.problems) else "refused without a place"
    except Exception as error:  # Anything else is what is looked for.
        return type(error).__name__
    return "loads"


def mistakes(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield each mistake and what came of it; `refused elsewhere` where the places named are not those of the mistake."""
    for bad in BAD:
        write_folder(folder, {**EXAMPLES, bad.file: bad.content})
        yield bad.name, _expected(folder, [at for at, _ in bad.problems])
    for name, raw, at, _ in TEXTS:
        write_folder(folder, {**EXAMPLES, "none.yaml": raw})
        yield name, _expected(folder, [f"none.yaml:{at}"])


def _expected(folder: Path, places: list[str]) -> str:
    try:
        read_knowledge(folder)
    except KnowledgeError as error:
        found = {f"{problem.file}:{problem.line}:{problem.column}" for problem in error.problems}
        return "refused" if found.issuperset(places) else "refused elsewhere"
    return "loads"


def mutants(folder: Path, count: int) -> Counter[str]:
    """Return what came of so many mutants."""
    draw = Random(_SEED)  # noqa: S311 - nothing here is secret; it must be the same every time
    told: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as cache:
        for _ in range(count):
            name = draw.choice(sorted(_WHOLE))
            write_folder(folder, {**EXAMPLES, name: mutant(_WHOLE[name].encode(), draw)})
            came = verdict(lambda: read_knowledge(folder))
            told[came] += 1
            if came == "loads" and told[came] % _TRIED_EVERY == 0:
                told[f"of these tried: {verdict(lambda: load_snapshot(folder, cache=Path(cache)))}"] += 1
    return told


def costly() -> dict[str, bytes]:
    """Return files that cost a careless reader much."""
    levels = [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * _WIDTH)}]\n" for level in range(1, 13)]
    merges = [f"m{level}: &m{level}\n  <<: [{', '.join([f'*m{level - 1}'] * _WIDTH)}]\n" for level in range(1, 9)]
    return {
        "alias bomb of 12 levels": ("a0: &a0 [lol]\n" + "".join(levels)).encode(),
        "alias bomb of merges": ("m0: &m0 {k: v}\n" + "".join(merges)).encode(),
        "bomb behind 900 KB of text": (f"- {'x' * 900_000}\n- &b [y]\n" + f"- [{', '.join(['*b'] * _WIDTH)}]\n" * 100).encode(),
        "bomb behind 40,000 values": ("- x\n" * 40_000 + "- &b [y]\n" + f"- [{', '.join(['*b'] * _WIDTH)}]\n" * 100).encode(),
        "alias of itself": b"- &a [*a, *a]\n",
        "1 MiB of aliases": (b"- &a x\n" + b"- *a\n" * (_MEBIBYTE // 5))[:_MEBIBYTE],
        "1 MiB of open lists": b"[" * _MEBIBYTE,
        "1 MiB of list marks": b"- " * (_MEBIBYTE // 2),
        "1 MiB of tags": b"- !x y\n" * (_MEBIBYTE // 7),
        "5 MB of one scalar": b"- " + b"x" * 5_000_000,
        "5 MB of a good list": b"- a good sentence\n" * (5_000_000 // 18),
    }


def cpu_ms(folder: Path, raw: bytes) -> tuple[str, float]:
    """Return what came of a good folder with *raw* for a file, and the CPU that this file cost beside the others."""
    write_folder(folder, {"none.yaml": b"- a good sentence\n"})
    verdict(lambda: read_knowledge(folder))
    began = time.process_time()
    verdict(lambda: read_knowledge(folder))
    around = time.process_time() - began
    write_folder(folder, {"none.yaml": raw})
    began = time.process_time()
    came = verdict(lambda: read_knowledge(folder))
    return came, max(0.0, time.process_time() - began - around) * 1000


def main() -> int:
    """Print the tables; 1 where anything is not as it must be."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else _MUTANTS
    print(f"$ python -m benchmarks.hostile_yaml {count}")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        kinds = dict(mistakes(folder))
        print(f"\n{len(kinds)} kinds of mistakes: {dict(Counter(kinds.values()))}")
        wrong = [f"{name}: {came}" for name, came in kinds.items() if came != "refused"]
        costs = {name: cpu_ms(folder, raw) for name, raw in costly().items()}
        for name, (came, spent) in costs.items():
            print(f"{name:<26} {came:<10} {spent:7.1f} ms of CPU")
            wrong += [name] if came != "refused" or spent > _BOUND_MS else []
        told = mutants(folder, count)
        print(f"{count} mutants: {dict(told)}")
        wrong += [name for name in told if name.removeprefix("of these tried: ") not in ("loads", "refused")]
    print(f"\nnot as they must be: {wrong or 'none'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
