"""The command that checks a knowledge folder; errors are met in `cli`."""

from __future__ import annotations

import argparse
import gc
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.audit.findings import Finding, Weight
from bot.audit.report import STRICT, Audit, Reading, audit
from bot.audit.safety import Safety
from bot.earlier import earlier
from bot.errors import ConfigError, KnowledgeError
from bot.folders import cache_folder, knowledge_folder, read_folder_settings
from bot.knowledge.behaviour import Change, Difference, Reaction, compare
from bot.knowledge.loader import load_snapshot
from bot.progress import Bar

_SHOWN = {Weight.PROBLEM: 50, Weight.WARNING: 10, Weight.NOTE: 10}
"""Of each kind of finding; notes are only counted unless a strict check fails on them."""
_CHANGES_SHOWN = 20


def check(options: argparse.Namespace) -> int:
    """Check a folder, print what was found, and return the exit code.

    1: there are problems; or, when strict, somebody must answer for what is unsigned, voided, overdue, dated ahead or unsourced, or an answer or a
    red flag is lost. Raises ConfigError where there is nothing to compare with.
    """
    settings = read_folder_settings()
    folder, cache = options.folder or knowledge_folder(settings, options.knowledge), cache_folder(settings)
    with Bar(sys.stderr) as bar, ExitStack() as stack, _no_garbage():
        before = stack.enter_context(earlier(options.against, folder)) if options.against is not None else None
        told = audit(folder, datetime.now(UTC).date(), cache, bar.show)
        difference = _difference(told, before, options.against, cache, bar) if before is not None else None
    if options.json:
        print(json.dumps(_plain(told, difference), ensure_ascii=False, indent=2))
    else:
        for line in _lines(told, difference, folder, options):
            print(line)
    return int(told.fails(strict=options.strict) or (options.strict and difference is not None and bool(difference.losses)))


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Nearly all that is made stays until the end; looking through it for garbage, again and again, would cost a fifth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _difference(told: Audit, before: Path, named: str, cache: Path | None, bar: Bar) -> Difference | None:
    if told.snapshot is None:
        return None
    bar.show("learning what it was", 0, 0)
    try:
        was = load_snapshot(before, try_sentences=False, cache=cache)
    except KnowledgeError as error:
        what = f"'{named}' has {len(error.problems)} problem(s), the first is {error.problems[0]}; name one that has none"
        raise ConfigError(f"--against: {what}") from error
    return compare(was, told.snapshot, lambda done, count: bar.show("comparing answers", done, count))


# --- for people -----------------------------------------------------------------------------------------------------


def _lines(told: Audit, difference: Difference | None, folder: Path, options: argparse.Namespace) -> Iterator[str]:
    yield from _findings(told, options)
    problems = told.of(Weight.PROBLEM)
    if difference is not None:
        yield from _changes(difference, every=options.all)
    elif options.against is not None:
        yield f"Not compared with '{options.against}': that takes a folder without problems."
    if problems:
        kinds = _by_kind(problems)
        yield f"{len(problems)} problem(s) found{': ' + _counted(kinds) if len(kinds) > 1 else ''}."
    elif not options.quiet:
        yield from _summary(told, folder, options)


def _findings(told: Audit, options: argparse.Namespace) -> Iterator[str]:
    for weight in (Weight.PROBLEM, Weight.WARNING, Weight.NOTE):
        most = sys.maxsize if options.all else _SHOWN[weight]
        said = "" if weight is Weight.PROBLEM else f"{weight.name.lower()}: "
        for kind, findings in _by_kind(told.of(weight)).items():
            if not _is_shown(kind, weight, options):
                continue
            yield from (f"{finding.problem} ({said}{kind})" if said else str(finding.problem) for finding in findings[:most])
            if len(findings) > most:
                yield f"... and {len(findings) - most} more of '{kind}'; --all shows them"


def _is_shown(kind: str, weight: Weight, options: argparse.Namespace) -> bool:
    fails = weight is Weight.PROBLEM or (options.strict and kind in STRICT)
    return bool(fails or options.all or (weight is Weight.WARNING and not options.quiet))


def _counted(kinds: Mapping[str, Sequence[Finding]]) -> str:
    return ", ".join(f"{len(findings)} {kind}" for kind, findings in kinds.items())


def _by_kind(findings: Iterable[Finding]) -> Mapping[str, list[Finding]]:
    found: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        found[finding.kind].append(finding)
    return found


def _summary(told: Audit, folder: Path, options: argparse.Namespace) -> Iterator[str]:
    counts = told.counts
    flags = f"{counts.red_flags} red flag{'s' * (counts.red_flags != 1)}"
    yield (
        f"{folder}: good. Version {told.version}: {counts.entries} entries with {counts.phrasings} phrasings, {flags}, "
        f"{counts.examples} examples of danger, {counts.questions} of questions, {counts.sentences} embedded sentences tried."
    )
    yield from filter(None, (_safety(told.safety), _reading(told.reading)))
    yield f"Signed: {counts.signed} of {counts.to_sign} entries and red flags. napebot review shows what there is to sign."
    for weight in (Weight.WARNING, Weight.NOTE):
        kinds = _by_kind(told.of(weight))
        if kinds:
            more = "" if options.all or weight is Weight.WARNING else " (--all shows them)"
            count = len(told.of(weight))
            yield f"{count} {weight.name.lower()}{'s' * (count != 1)}: {_counted(kinds)}{more}."
    if options.strict and told.fails(strict=True):
        yield "Strict: somebody must answer for what is unsigned, voided, overdue, dated ahead or unsourced."


def _safety(safety: Safety | None) -> str:
    dangers = f"{safety.caught} of {safety.dangers} sentences of danger raise their red flag" if safety else ""
    return f"Safety: {dangers}; {safety.alarmed} of {safety.harmless} harmless ones raise an alarm." if safety else ""


def _reading(reading: Reading | None) -> str:
    return f"Reading: school year {reading.median:.1f} in the middle, {reading.worst:.1f} at most ('{reading.worst_entry}')." if reading else ""


def _changes(difference: Difference, *, every: bool) -> Iterator[str]:
    if not difference.count:
        yield f"All {difference.tried} known sentences get what they got before."
        return
    losses = f", {len(difference.losses)} of them lose an answer or a red flag" if difference.losses else ""
    yield f"{difference.count} of {difference.tried} known sentences now get another reply{losses}:"
    shown = difference.changes if every else difference.changes[:_CHANGES_SHOWN]
    yield from map(_change, shown)
    if difference.count > len(shown):
        yield f"... and {difference.count - len(shown)} more; --all shows them"


def _change(change: Change) -> str:
    lost = f"  LOST {change.loss.value}:" if change.loss else " "
    return f"{lost} {change.sentence!r}: {_reaction(change.before)} -> {_reaction(change.after)}"


def _reaction(reaction: Reaction) -> str:
    parts = (
        reaction.kind,
        ", ".join(reaction.about),
        f"(also {', '.join(reaction.also)})" if reaction.also else "",
        f"({reaction.tier.key}: {', '.join(reaction.flags)})" if reaction.tier is not None else "",
    )
    return " ".join(filter(None, parts))


# --- for machines ---------------------------------------------------------------------------------------------------


def _plain(told: Audit, difference: Difference | None) -> dict[str, Any]:
    measured = told.safety
    return {
        "version": told.version,
        "good": not told.problems,
        "counts": asdict(told.counts),
        "reading": asdict(told.reading) if told.reading else None,
        "safety": {key: getattr(measured, key) for key in ("dangers", "caught", "harmless", "alarmed")} if measured else None,
        "findings": [
            {
                "kind": finding.kind,
                "weight": finding.weight.name.lower(),
                "file": finding.problem.file,
                "line": finding.problem.line,
                "column": finding.problem.column,
                "what": finding.problem.what,
                "words": list(finding.words),
                "entries": list(finding.entries),
            }
            for finding in told.findings
        ],
        "difference": None if difference is None else _plain_difference(difference),
    }


def _plain_difference(difference: Difference) -> dict[str, Any]:
    def plain(reaction: Reaction) -> dict[str, Any]:
        return {**asdict(reaction), "tier": reaction.tier.key if reaction.tier is not None else None}

    return {
        "tried": difference.tried,
        "changes": [
            {"sentence": each.sentence, "before": plain(each.before), "after": plain(each.after), "loss": each.loss.value if each.loss else None}
            for each in difference.changes
        ],
    }
