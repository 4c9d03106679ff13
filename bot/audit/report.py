"""All that a check tells of a knowledge folder: problems, warnings and notes, with the figures beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from statistics import median

from bot.audit import safety
from bot.audit.collisions import collisions
from bot.audit.entries import entry_findings, reading_grades
from bot.audit.findings import Finding, Weight
from bot.audit.safety import Safety
from bot.audit.signatures import signature_findings
from bot.core.snapshot import Snapshot
from bot.errors import Problem
from bot.knowledge.cache import mark_passed
from bot.knowledge.checks import check
from bot.knowledge.draft import Draft
from bot.knowledge.loader import read_for_author
from bot.knowledge.trial import try_sentences

STRICT = frozenset({"unsigned", "voided", "overdue", "ahead", "unsourced"})
"""The kinds of finding that a strict check fails on, whatever they weigh: nobody answers for these."""

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and of how much; 0 of 0 where nobody knows."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is."""

    entries: int
    phrasings: int
    red_flags: int
    examples: int
    """Examples that triage learns from, harmless ones too."""
    questions: int
    """Messages that the matcher learns from beside the phrasings."""
    sentences: int
    """Those that are tried."""
    signed: int
    """Of entries and red flags."""
    to_sign: int


@dataclass(frozen=True, slots=True)
class Reading:
    """Flesch-Kincaid grades over all answers; of English."""

    median: float
    worst: float
    worst_entry: str


@dataclass(frozen=True, slots=True)
class Audit:
    """What came of a check."""

    version: str
    counts: Counts
    findings: tuple[Finding, ...]
    """By weight, the heaviest first, then by place."""
    reading: Reading | None
    """None without entries."""
    safety: Safety | None
    """None where the folder has problems, for then nothing can be tried."""
    snapshot: Snapshot | None
    """What answers; None where the folder has problems."""

    def of(self, weight: Weight) -> tuple[Finding, ...]:
        """Return the findings of this *weight*."""
        return tuple(finding for finding in self.findings if finding.weight is weight)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Why the folder would not be loaded; empty for a good one."""
        return tuple(finding.problem for finding in self.of(Weight.PROBLEM))

    def fails(self, *, strict: bool) -> bool:
        """Tell whether the check fails: for a problem, and when *strict* for what nobody answers for."""
        return bool(self.problems) or (strict and any(finding.kind in STRICT for finding in self.findings))


def audit(folder: Path, today: date, cache: Path | None = None, progress: Progress = lambda _what, _done, _all: None) -> Audit:
    """Check *folder* on the day *today*: every problem, and all that is worth a second look. Raises for broken defaults only.

    What can be told without the parts that have problems is told all the same. *cache* is the folder where what was learned is kept.
    """
    progress("reading and learning", 0, 0)
    read = read_for_author(folder, cache)
    draft, snapshot = read.draft, read.snapshot
    findings = [*_refused(draft), *entry_findings(draft), *signature_findings(draft, today)]
    measured: Safety | None = None
    if snapshot is not None:
        # Authors say the same words again and again.
        patient = replace(snapshot, triage=snapshot.triage.for_learning())
        untrue: list[Problem] = []
        if not read.passed:
            progress("trying sentences", 0, 0)
            untrue = try_sentences(patient, draft.places())
            if cache is not None and not untrue:
                mark_passed(cache, draft.version)
        findings += _untrue(draft, untrue)
        measured = safety.measure(draft, patient, untrue, _steps(progress, "looking for alarms", len(safety.harmless_of(draft))))
        findings += measured.findings
        phrasings = sum(len(entry.asks) for entry, _ in draft.entries)
        findings += collisions(draft, snapshot, _steps(progress, "leaving out phrasings", phrasings))
    ordered = sorted(findings, key=lambda finding: (-finding.weight, finding.problem))
    return Audit(draft.version, _counts(draft), tuple(ordered), _reading(draft), measured, snapshot)


def _refused(draft: Draft) -> Iterator[Finding]:
    """Yield why *draft* is not loaded: files that cannot be read, what does not have the shape it must, and what does not fit together."""
    between = set(check(draft)) if draft.problems else set()
    for problem in sorted(set(draft.problems)):
        kind = "inconsistent" if problem in between else "malformed" if problem.file in draft.documents else "unreadable"
        yield Finding(kind, Weight.PROBLEM, problem)


def _untrue(draft: Draft, untrue: Sequence[Problem]) -> Iterator[Finding]:
    silenced = safety.silenced(draft, untrue)
    return (Finding("silenced" if problem in silenced else "untrue", Weight.PROBLEM, problem) for problem in untrue)


def _steps(progress: Progress, what: str, count: int) -> Callable[[], object]:
    done = iter(range(1, count + 1))
    return lambda: progress(what, next(done, count), count)


def _counts(draft: Draft) -> Counts:
    entries = [entry for entry, _ in draft.entries]
    flags = draft.red_flags.flags if draft.red_flags else ()
    tried = sum(len(entry.hits) + len(entry.misses) for entry in entries)
    tried += sum(len(flag.fires_on) + len(flag.silent_on) + len(flag.soft_on) for flag in flags)
    signed = [*(entry.reviewed is not None for entry in entries), *(flag.reviewed is not None for flag in flags)]
    phrasings = sum(len(entry.asks) for entry in entries)
    return Counts(len(entries), phrasings, len(flags), len(draft.examples), len(draft.questions), tried, sum(signed), len(signed))


def _reading(draft: Draft) -> Reading | None:
    grades = reading_grades(draft)
    if not grades:
        return None
    worst = max(grades, key=lambda entry_id: grades[entry_id])
    return Reading(median(grades.values()), grades[worst], worst)
