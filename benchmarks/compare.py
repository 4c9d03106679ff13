"""Our matcher beside others on public sets: `python -m benchmarks.compare [BENCH_DIR] [--sets a,b] [--peers a,b] [--typos] [--out FILE]`.

BENCH_DIR holds a folder for each set, with `train.jsonl` and `dev.jsonl` (`text` and `intent` a line, `oos` for what must be declined),
maybe `oos_train.jsonl`, and for `--typos` the script `typos.py`. A set becomes a real knowledge folder; every engine learns from its
sentences and is measured on dev in a process of its own. One Markdown table a set, and below them what messages made to be slow cost.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import os
import shlex
import subprocess
import sys
import tempfile
import time
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.folders import LONGEST, TYPO_KINDS, Bench, find_sets, mistyped, read_bench, slow_messages, write_folder
from benchmarks.match_one import responder
from benchmarks.peers import MAKERS, OOS, OURS, Measured, Ranked, Task, timed_ms
from bot.core.snapshot import Snapshot
from bot.knowledge.loader import load_snapshot

_ROOT = Path(__file__).parent.parent
_USUAL_PEERS = "wratio,token_set,bm25,svm,svm_letters"
# One thread each: the CPU time of a message is then what the message costs. No library may ask the network for a model, or draw progress.
_SURROUNDINGS = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_OFFLINE": "1",
    "TQDM_DISABLE": "1",
}
_WARM_UP = 100
_NONE = "–"

_COLUMNS = (
    "engine",
    "top-1",
    "top-3",
    "AUROC",
    "in-scope/oos recall",
    "top-1 one typo",
    "top-1 letters",
    "CPU ms p50",
    "p99",
    "load CPU s",
    "RSS MB",
)
_NOTES = """\
- top-1, top-3: share of the messages in scope whose entry is ranked first, or among the first three; in percent, as all shares here.
- AUROC: how often a message in scope scores higher than one out of scope.
- in-scope/oos recall: messages in scope that get the right answer / messages out of scope that get none. This bot at the threshold it ships
  with, where an offer to choose from is no answer. A peer has no threshold, so it has the one that is best for the sum of the two *on these
  messages*, which flatters it.
- top-1 one typo, letters: the same messages with one typo each, or with one letter in eight mistyped.
- CPU ms: one message, said once, in one thread; of this bot reading and matching, without triage and reply.
- load: from the sentences to ready, imports left out. RSS: the peak of a process that does nothing else, imports included."""


# --- what the figures are -----------------------------------------------------------------------------------------------


def auroc(inside: Sequence[float], outside: Sequence[float]) -> float | None:
    """Return how likely a score of *inside* is above one of *outside*, 0.0 to 1.0, equal ones counting half; None when either is empty."""
    if not inside or not outside:
        return None
    below = sorted(outside)
    wins = sum(bisect_left(below, score) + bisect_right(below, score) for score in inside) / 2
    return wins / (len(inside) * len(outside))


def balanced(inside: Sequence[tuple[float, bool]], outside: Sequence[float]) -> tuple[float, float] | None:
    """Return in-scope accuracy and out-of-scope recall at the threshold that is best for their sum; None when either side is empty.

    *inside* is score and whether the first entry is the right one. A message is answered from the threshold up.
    """
    if not inside or not outside:
        return None
    right, wrong = sorted(score for score, hit in inside if hit), sorted(outside)
    found = (
        ((len(right) - bisect_left(right, least)) / len(inside), bisect_left(wrong, least) / len(outside))
        for least in (*sorted({*right, *wrong}), math.inf)
    )
    return max(found, key=sum)


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the value that *percent* of a hundred do not exceed: always one of *values*, which must not be empty."""
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def _at_shipped(rows: Sequence[tuple[str, Ranked]]) -> tuple[float, float | None]:
    """Return the share answered rightly in scope, and the share not answered out of scope (None when there is nothing out of scope)."""
    right = [wanted in (said.answered or ()) for wanted, said in rows if wanted != OOS]
    silent = [not said.answered for wanted, said in rows if wanted == OOS]
    return sum(right) / len(right), sum(silent) / len(silent) if silent else None


# --- one engine on one set ----------------------------------------------------------------------------------------------


def run(name: str, task: Task) -> Measured:
    """Measure the engine called *name* in a fresh process. Raises CalledProcessError when that fails."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.peers", name],
        input=json.dumps(asdict(task)),
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        check=True,
        cwd=_ROOT,
        env={**os.environ, **_SURROUNDINGS},
    )
    plain = json.loads(done.stdout)
    return Measured(**{**plain, "dev": [Ranked(*row) for row in plain["dev"]]})


def table_row(title: str, wanted: Sequence[str], measured: Measured) -> list[str]:
    """Return the cells of one engine, in the order of the columns; *wanted* is the entry id of each message of dev, or OOS."""
    rows = list(zip(wanted, measured.dev, strict=True))
    inside = [(said, entry) for entry, said in rows if entry != OOS]
    outside = [said.score for entry, said in rows if entry == OOS]
    shares: tuple[float | None, float | None] | None = balanced([(said.score, said.top[:1] == [entry]) for said, entry in inside], outside)
    if all(said.answered is not None for _, said in rows):
        shares = _at_shipped(rows)
    area = auroc([said.score for said, _ in inside], outside)
    return [
        title,
        _percent(sum(said.top[:1] == [entry] for said, entry in inside) / len(inside)),
        _percent(sum(entry in said.top for said, entry in inside) / len(inside)),
        f"{area:.3f}" if area is not None else _NONE,
        "/".join(_percent(share, 0) for share in shares) if shares else _NONE,
        *(_percent(_top_1(wanted, measured.typos.get(kind))) for kind in TYPO_KINDS),
        f"{percentile(measured.ms, 50):.2f}",
        f"{percentile(measured.ms, 99):.2f}",
        f"{measured.load_s:.2f}",
        f"{measured.rss_mb:.0f}",
    ]


def _top_1(wanted: Sequence[str], first: Sequence[str] | None) -> float | None:
    if first is None:
        return None
    hits = [entry == found for entry, found in zip(wanted, first, strict=True) if entry != OOS]
    return sum(hits) / len(hits)


def _percent(share: float | None, digits: int = 1) -> str:
    return _NONE if share is None else f"{share * 100:.{digits}f}"


# --- one set ------------------------------------------------------------------------------------------------------------


def report(bench: Bench, engines: Sequence[str], typos: Path | None) -> Iterator[str]:
    """Yield the lines of one set's table as they are measured; *typos* is the script that makes them, None for no typos."""
    outside = sum(row.entry_id == OOS for row in bench.dev)
    yield (
        f"{datetime.now(UTC).date()}, {bench.name}: {len(bench.train)} rows of train, {len(bench.dev)} of dev ({outside} out of scope), "
        f"{bench.conflicts} dropped as conflicts\n"
    )
    yield _line(_COLUMNS)
    yield _line(["---", *["---:"] * (len(_COLUMNS) - 1)])
    said = [row.text for row in bench.dev]
    mistakes = {kind: mistyped(said, kind, typos) for kind in TYPO_KINDS} if typos else {}
    with tempfile.TemporaryDirectory() as folder:
        write_folder(bench, Path(folder))
        task = Task(folder, [(row.text, row.entry_id) for row in bench.train], said, mistakes)
        for name in engines:
            yield _line(table_row(MAKERS[name].title, [row.entry_id for row in bench.dev], run(name, task)))


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


# --- messages made to be slow -------------------------------------------------------------------------------------------


def adversarial_ms(snapshot: Snapshot) -> dict[str, float]:
    """Return, for each kind of message made to be slow, the CPU milliseconds that all of `respond` takes: for the slowest, each said once."""
    asks = [ask for entry in snapshot.knowledge.entries for ask in entry.asks]
    words = sorted({word for ask in asks for word in ask.lower().split() if word.isalpha()})
    say = responder(snapshot)
    # A full garbage collection takes 50 ms beside 15,000 sentences. It falls on any message, and would hide which ones are slow.
    gc.collect()
    gc.freeze()
    try:
        return {kind: max(timed_ms(say, texts, asks[:_WARM_UP])) for kind, texts in slow_messages(words).items()}
    finally:
        gc.unfreeze()


def slow_report(bench: Bench) -> Iterator[str]:
    """Yield the lines of the table of messages made to be slow, on *bench*."""
    with tempfile.TemporaryDirectory() as folder:
        ms_by_kind = adversarial_ms(load_snapshot(write_folder(bench, Path(folder)), try_sentences=False))
    yield (
        f"Messages of {LONGEST:,} characters made to be slow, on {bench.name}: CPU ms of the whole reply, the slowest of a few, "
        "full garbage collections left out.\n"
    )
    yield _line(["kind", "CPU ms"])
    yield _line(["---", "---:"])
    yield from (_line([kind, f"{ms:.1f}"]) for kind, ms in ms_by_kind.items())
    yield _line(["**slowest**", f"{max(ms_by_kind.values()):.1f}"])


# --- all of it ----------------------------------------------------------------------------------------------------------


def lines(options: argparse.Namespace, command: str) -> Iterator[str]:
    """Yield all that is printed. Raises FileNotFoundError or ValueError when a set cannot be used."""
    peers = [name for name in options.peers.split(",") if name]
    absent = {name: what for name in peers if (what := MAKERS[name].missing())}
    benches = [read_bench(folder) for folder in find_sets(options.bench, [name for name in options.sets.split(",") if name])]
    typos = options.bench / "typos.py" if options.typos else None
    for bench in benches:
        yield f"$ {command}"
        yield from report(bench, [OURS, *(name for name in peers if name not in absent)], typos)
        yield ""
    yield from (f"{what}\n" for what in absent.values())
    yield f"{_NOTES}\n"
    yield from slow_report(max(benches, key=lambda bench: len(bench.train)))


def read_options(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options; what cannot be read ends the program with a line that says why."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare", description="This bot's matcher beside others on public sets.")
    parser.add_argument("bench", nargs="?", type=Path, default=Path("../shared/bench"), metavar="BENCH_DIR", help="default: %(default)s")
    parser.add_argument("--sets", default="", help="names of folders in BENCH_DIR, with commas between; default: all")
    parser.add_argument("--peers", default=_USUAL_PEERS, help=f"of {', '.join(name for name in MAKERS if name != OURS)}; default: %(default)s")
    parser.add_argument("--typos", action="store_true", help="measure messages with typos too")
    parser.add_argument("--out", type=Path, help="a file to write the same tables to")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.peers.split(",") if name and (name not in MAKERS or name == OURS)]
    if unknown:
        parser.error(f"--peers: no engine is called {', '.join(unknown)}")
    return options


def main() -> None:
    """Print the tables."""
    began = time.monotonic()
    options = read_options(sys.argv[1:])
    printed = []
    try:
        for line in lines(options, shlex.join(["python", "-m", "benchmarks.compare", *sys.argv[1:]])):
            print(line, flush=True)
            printed.append(line)
    except (FileNotFoundError, ValueError) as error:
        raise SystemExit(f"benchmarks.compare: {error}") from None
    if options.out:
        options.out.write_text("\n".join(printed) + "\n", encoding="utf-8")
    print(f"measured in {time.monotonic() - began:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
