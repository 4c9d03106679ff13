"""What was asked in vain, as `napebot misses` prints it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from bot.core.misses import MissGroup
from bot.inbox import Inbox, has_gaps
from bot.knowledge.phrasing_trial import Trial

_NOTHING = "Nothing yet: questions are shown once five similar ones were asked, or somebody had one passed on."


def as_lines(inbox: Inbox) -> Iterator[str]:
    """Yield a line for each group: how many, their words, the entries that were not what they asked, and whether somebody passed it on."""
    for group in inbox.groups:
        not_this = f"\t(not {', '.join(group.not_this)})" if group.not_this else ""
        yield f"{group.count}\t{group.words}{not_this}" + (f"\t({'; also: '.join(('passed on', *group.passed[1:]))})" if group.passed else "")
    if not inbox.groups:
        yield _NOTHING


def as_yaml(inbox: Inbox, trials: Mapping[MissGroup, Trial]) -> Iterator[str]:
    """Yield what to write into which file, for each group, with all else as comments."""
    for group in inbox.groups:
        yield f"# {group.count} asked: {group.words}"
        yield from _proposal(group, trials[group], inbox) if group in trials else ("# no entry fits it",)
        yield ""
    if not inbox.groups:
        yield f"# {_NOTHING}"


def _proposal(group: MissGroup, trial: Trial, inbox: Inbox) -> Iterator[str]:
    entry = inbox.snapshot.entries_by_id[trial.addition.entry_id]
    if trial.line is None or trial.problems:
        yield f"# not as another way to ask '{entry.title}' ({entry.id}):"
        yield from (f"#   {problem}" for problem in trial.problems)
        return
    where = "in the brackets, behind the last" if trial.line.in_brackets else "as this line"
    yield f"# another way to ask '{entry.title}' ({entry.id}), if that is what they meant: {trial.line.file}:{trial.line.line}, {where}"
    if has_gaps(group):
        yield "# words were taken out of it: say it anew"
    yield trial.line.added


def as_json(inbox: Inbox, trials: Mapping[MissGroup, Trial] | None) -> str:
    """Return all of it as JSON: a list of objects, with `proposal` where *trials* were made (null where no entry fits)."""
    return json.dumps([_object(group, trials) for group in inbox.groups], ensure_ascii=False, indent=2)


def _object(group: MissGroup, trials: Mapping[MissGroup, Trial] | None) -> dict[str, object]:
    told: dict[str, object] = {"count": group.count, "words": group.words, "not_this": group.not_this, "passed": group.passed}
    if trials is None:
        return told
    trial = trials.get(group)
    return {**told, "proposal": _told(group, trial) if trial else None}


def _told(group: MissGroup, trial: Trial) -> dict[str, object]:
    line = trial.line
    where = {} if line is None else {"file": line.file, "line": line.line, "yaml": line.added, "in_brackets": line.in_brackets}
    told = {"entry": trial.addition.entry_id, "phrasing": trial.addition.phrasing, "gaps": has_gaps(group), "passed": trial.passed}
    return {**told, **where, "problems": [str(problem) for problem in trial.problems]}
