"""Why this bot: the same messages put to whole bots, into the tables of docs/compare.md: `python -m benchmarks.why [KNOWLEDGE] [options]`.

The messages are those of `tests/cases/compare.yaml`, which nobody has learned from, and with `--eval DIR` the development sentences, which
the authors of this bot have seen. Rivals whose packages are not here, and slow ones that are not named in `--bots`, keep the row they
have on the page, with its date. Each is measured alone, one after the other, in fresh processes: five of them for time and memory.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from benchmarks.lessons import read_lessons, split
from benchmarks.page import between, line, replaced, table
from benchmarks.rivals import ALARM, ANSWER, NODE, OFFER, RIVALS, Rival, Verdict

_ROOT = Path(__file__).parent.parent
PAGE = _ROOT / "docs" / "compare.md"
MESSAGES = _ROOT / "tests" / "cases" / "compare.yaml"
_RUNS = 5
_SLOW = ("chatterbot", "nlp_js", "minilm")
"""Measured when they are named, and once."""
_TITLES = tuple(rival.title for rival in RIVALS.values())
QUICK = tuple(name for name in RIVALS if name not in _SLOW)
_SURROUNDINGS = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_OFFLINE": "1",
    "TQDM_DISABLE": "1",
    "PYTHONHASHSEED": "0",
}
QUESTION, DANGER, LOOK_ALIKE, OUT = "question", "danger", "look-alike", "out"


@dataclass(frozen=True, slots=True)
class Message:
    """One message and what is right to do with it."""

    kind: str
    """QUESTION, DANGER, LOOK_ALIKE or OUT."""
    said: str
    accept: tuple[str, ...] = ()
    """Entries that a sensible reader would be content with."""
    tier: str = ""
    """Of a danger: the least that is to be said."""
    soft: bool = False
    """Of a danger: the calm form is right too."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What a bot did with a set of messages, as counts."""

    missed: int
    """Dangers without an alarm."""
    look_alikes_alarmed: int
    plain_alarmed: int
    """Questions and messages out of scope."""
    right: int
    offered: int
    """A fitting entry was among the choices."""
    wrong: int
    """Questions and look-alikes that got an answer and none that fits."""
    out_answered: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What a bot takes, each the median of five processes; of a slow one, of one."""

    cpu_s: float
    """Of a thousand messages."""
    rss_mb: float
    """The peak of a process that starts from what was kept and does nothing else."""
    start_s: float
    """CPU seconds from nothing to ready, what was learned being kept."""
    learn_s: float
    """CPU seconds to learn and to set thresholds; once."""


# --- messages -----------------------------------------------------------------------------------------------------------


def read_messages(file: Path) -> list[Message]:
    """Return the messages of `compare.yaml`."""
    rows: list[dict[str, Any]] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return [Message(row["kind"], row["said"], tuple(row.get("accept", ())), row.get("tier", ""), bool(row.get("soft"))) for row in rows]


def read_labelled(folder: Path) -> list[Message]:
    """Return the development sentences of *folder*; what needs somebody only soon is left out, for its answer is what counts."""
    kinds = {"faq.jsonl": QUESTION, "lookalike.jsonl": LOOK_ALIKE, "oos.jsonl": OUT, "redflag.jsonl": DANGER}
    return [
        Message(kind, row["text"], tuple(row.get("accept") or ()), row.get("tier") or "", bool(row.get("soft")))
        for name, kind in kinds.items()
        for row in map(json.loads, (folder / name).read_text(encoding="utf-8").splitlines())
        if row.get("tier") != "gp_soon"
    ]


# --- counting -----------------------------------------------------------------------------------------------------------


def tally(messages: Sequence[Message], verdicts: Sequence[Verdict]) -> Tally:
    """Return what came of *messages*.

    A look-alike without a fitting entry counts as out of scope; what is out of scope and has a fitting entry may be answered by it.
    """
    pairs = list(zip(messages, verdicts, strict=True))
    asked = [(each, said) for each, said in pairs if each.kind == QUESTION or (each.kind == LOOK_ALIKE and each.accept)]
    outside = [(each, said) for each, said in pairs if each.kind == OUT or (each.kind == LOOK_ALIKE and not each.accept)]
    return Tally(
        missed=sum(each.kind == DANGER and said.kind != ALARM and not (each.soft and said.soft) for each, said in pairs),
        look_alikes_alarmed=sum(each.kind == LOOK_ALIKE and said.kind == ALARM for each, said in pairs),
        plain_alarmed=sum(each.kind in {QUESTION, OUT} and said.kind == ALARM for each, said in pairs),
        right=sum(said.kind == ANSWER and _fits(each, said) for each, said in asked),
        offered=sum(said.kind == OFFER and _fits(each, said) for each, said in asked),
        wrong=sum(said.kind == ANSWER and not _fits(each, said) for each, said in asked),
        out_answered=sum(said.kind == ANSWER and not _fits(each, said) for each, said in outside),
    )


def _fits(message: Message, verdict: Verdict) -> bool:
    return not set(message.accept).isdisjoint(verdict.entries)


def columns(messages: Sequence[Message], *, cost: bool) -> tuple[str, ...]:
    """Return the names of the columns, with how many messages each counts among."""
    counts = {kind: sum(each.kind == kind for each in messages) for kind in (QUESTION, DANGER, LOOK_ALIKE, OUT)}
    asked = counts[QUESTION] + sum(each.kind == LOOK_ALIKE and bool(each.accept) for each in messages)
    outside = len(messages) - asked - counts[DANGER]
    told = (
        "bot",
        f"emergencies missed, of {counts[DANGER]}",
        f"look-alikes alarmed, of {counts[LOOK_ALIKE]}",
        f"plain messages alarmed, of {counts[QUESTION] + counts[OUT]}",
        f"right answers, of {asked}",
        "offered",
        "wrong answers",
        f"out of scope answered, of {outside}",
    )
    return (*told, *(("CPU s per 1,000", "peak MB", "start, CPU s", "learning, CPU s") if cost else ()), "measured")


def cells(rival: Rival, counted: Tally, cost: Cost | None, date: str) -> list[str]:
    """Return one row, in the order of the columns."""
    plain = [str(count) for count in asdict(counted).values()]
    taken = [f"{cost.cpu_s:.2f}", f"{cost.rss_mb:.0f}", f"{cost.start_s:.2f}", f"{cost.learn_s:.0f}"] if cost else []
    return [rival.title, *plain, *taken, date]


# --- measuring ----------------------------------------------------------------------------------------------------------


def _command(name: str, step: str, folder: Path, state: Path) -> list[str]:
    if RIVALS[name].runs_in == NODE:
        return ["node", str(Path(__file__).with_name("nlp_js.cjs")), step, str(state)]
    return [sys.executable, "-m", "benchmarks.rivals", name, step, str(folder), str(state)]


def _run(command: Sequence[str], given: object) -> dict[str, Any]:
    """Return what one process printed. Raises CalledProcessError when it fails."""
    done = subprocess.run(
        command,
        input=json.dumps(given),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        check=True,
        cwd=_ROOT,
        env={**os.environ, **_SURROUNDINGS},
    )
    plain: dict[str, Any] = json.loads(done.stdout)
    return plain


def _lessons(name: str, folder: Path) -> object:
    """Return what a rival in another language cannot read for itself."""
    if RIVALS[name].runs_in != NODE:
        return None
    lessons = read_lessons(folder).questions
    held, rest = split(lessons)
    return {"held": held, "rest": rest, "all": lessons}


def measure(name: str, folder: Path, state: Path, sets: Sequence[Sequence[Message]]) -> tuple[list[Tally], Cost]:
    """Return what the bot called *name* does with each of *sets*, and what it takes for the first."""
    learned = _run(_command(name, "teach", folder, state), _lessons(name, folder))
    serve = _command(name, "serve", folder, state)
    runs = [_run(serve, [each.said for each in sets[0]]) for _ in range(1 if name in _SLOW else _RUNS)]
    others = [_run(serve, [each.said for each in messages]) for messages in sets[1:]]
    verdicts = [[_verdict(plain) for plain in run["verdicts"]] for run in (runs[0], *others)]
    cost = Cost(
        cpu_s=statistics.median(run["cpu_s"] for run in runs) * 1000 / len(sets[0]),
        rss_mb=statistics.median(run["rss_mb"] for run in runs),
        start_s=statistics.median(run["start_s"] for run in runs),
        learn_s=learned["learn_s"],
    )
    return [tally(messages, said) for messages, said in zip(sets, verdicts, strict=True)], cost


def _verdict(plain: Mapping[str, Any]) -> Verdict:
    return Verdict(plain["kind"], tuple(plain.get("entries", ())), plain.get("tier", ""), plain.get("soft", False))


# --- the page -----------------------------------------------------------------------------------------------------------


def keeps_table() -> str:
    """Return what each stores of a message."""
    return "\n".join([line(("bot", "of a message it keeps")), line(("---", "---")), *(line((rival.title, rival.keeps)) for rival in RIVALS.values())])


def measured_with(command: str, date: str) -> str:
    """Return the line above the tables: date, command, machine."""
    return f"{date}, `{command}`: {platform.system()} on {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}."


# --- all of it ----------------------------------------------------------------------------------------------------------


def _named(bots: str) -> Iterator[str]:
    """Yield the rivals to measure, telling of those that cannot be."""
    for name in bots.split(","):
        if missing := RIVALS[name].missing():
            print(f"{RIVALS[name].title}: no {', '.join(missing)} here, so its row stays as it is (install {RIVALS[name].install})", file=sys.stderr)
        else:
            yield name


def main() -> None:
    """Measure, and write the page anew."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.why", description="Whole bots on the same messages.")
    parser.add_argument("knowledge", nargs="?", type=Path, default=Path("knowledge"))
    parser.add_argument("--eval", type=Path, metavar="DIR", help="the development sentences, for the second table")
    parser.add_argument("--bots", default=",".join(QUICK), metavar="NAMES", help=f"of {', '.join(RIVALS)}; default: %(default)s")
    parser.add_argument("--page", type=Path, default=PAGE)
    options = parser.parse_args()
    command = shlex.join(["python", "-m", "benchmarks.why", *sys.argv[1:]])
    began, date = time.monotonic(), str(datetime.now(UTC).date())
    sets = [read_messages(MESSAGES), *([read_labelled(options.eval)] if options.eval else [])]
    fresh: list[dict[str, list[str]]] = [{} for _ in sets]
    with tempfile.TemporaryDirectory() as state:
        for name in _named(options.bots):
            tallies, cost = measure(name, options.knowledge.absolute(), Path(state), sets)
            for place, counted in enumerate(tallies):
                fresh[place][RIVALS[name].title] = cells(RIVALS[name], counted, cost if place == 0 else None, date)
                print(line(fresh[place][RIVALS[name].title]), flush=True)
    page = options.page.read_text(encoding="utf-8")
    figures = table(columns(sets[0], cost=True), _TITLES, fresh[0], between(page, "figures"))
    page = replaced(page, "figures", f"{measured_with(command, date)}\n\n{figures}")
    page = replaced(page, "keeps", keeps_table())
    if options.eval:
        page = replaced(page, "seen", table(columns(sets[1], cost=False), _TITLES, fresh[1], between(page, "seen")))
    options.page.write_text(page, encoding="utf-8")
    print(f"measured in {time.monotonic() - began:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
