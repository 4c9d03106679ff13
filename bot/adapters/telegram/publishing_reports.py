"""What came of a reload, of taking one back or of a file that was sent, in one message each; where anything would be lost, it asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC

from bot.adapters.telegram.admin import fitting
from bot.adapters.telegram.changes import Changes, Sheet
from bot.authoring.telling import Titles
from bot.core.action import Choice, Operate, Rows
from bot.core.model import Notice
from bot.knowledge.live import ReloadReport
from bot.knowledge.versions import KeptVersion
from bot.publishing import Staged
from bot.replicas import ReplicatedReload
from bot.service import Service

LEAVE = "leave"
"""The verb of the button that changes nothing."""
UNDO = "undo"
"""The verb of the button that brings a version back, or asks whether to."""

_IDS_SHOWN = 20
_IDS_UNITS = 700
"""Of one message: three lists of ids leave most of it for what people would notice."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a way to change the knowledge speaks of itself."""

    done: str
    same: str
    refused: str
    """Keys of sentences."""
    agree: str
    """The verb of the button that says yes to what would be lost."""


RELOAD = Manner("reload_done", "reload_same", "reload_failed", "reload")
TAKE_BACK = Manner("undo_done", "undo_same", "undo_failed", "undo-agreed")
PUT = Manner("put_done", "reload_same", "put_failed", "put")


def outcome(service: Service, done: ReplicatedReload, titles: Titles, manner: Manner) -> Notice:
    """Return what came of a change: that it is live and what differs, that it was refused and why, or the question whether to."""
    report = done.here
    if report.problems:
        return Notice(_refusal(service, report, service.say(manner.refused, version=report.before, count=str(len(report.problems)))))
    if report.waiting:
        sheet = Sheet(service, [service.say("publish_waits", before=report.before, after=report.after)])
        _foresee(sheet, service, report, titles)
        # Only after a reload does the folder hold what waits: what was taken back or sent stands elsewhere until somebody agrees.
        return Notice(sheet.text, _asking(service, manner, report.after, left=report.after if manner is RELOAD else ""))
    sheet = Sheet(service, [*_success(service, report, manner), *_elsewhere(service, done)])
    if report.difference is not None:
        Changes(service, report.difference, titles).have_come(sheet)
    return Notice(sheet.text)


def looked_at(service: Service, staged: Staged, name: str, titles: Titles) -> Notice:
    """Return what becomes of a file that was sent, called *name* in the folder, and whether to put it live."""
    report = staged.report
    if report.problems:
        return Notice(_refusal(service, report, service.say("file_refused", name=name, version=report.before, count=str(len(report.problems)))))
    if not staged.version:
        return Notice(service.say("file_same", name=name))
    sheet = Sheet(service, [service.say("file_sound", name=name, before=report.before), *_parts(service, report)])
    _foresee(sheet, service, report, titles)
    return Notice(sheet.text, _asking(service, PUT, staged.version))


def kept(service: Service, versions: tuple[KeptVersion, ...]) -> Notice:
    """Return the list of *versions*, newest first, with a button for each that does not answer now."""
    serving = service.snapshot.version
    others = [each for each in versions if each.version != serving]
    if not others:
        return Notice(service.say("undo_none"))
    lines = [_version_line(service, each, serving) for each in versions]
    rows = tuple((Choice(f"{_minute(each)}, {each.version}", Operate(UNDO, each.version)),) for each in others)
    return Notice("\n".join([service.say("undo_intro"), *lines]), rows)


def left(service: Service, waiting: str) -> Notice:
    """Return which version answers, and what to do about *waiting*, which the folder holds; empty where it holds no other."""
    serving = service.snapshot.version
    if waiting in ("", serving):
        return Notice(service.say("left", version=serving))
    put_back = Choice(service.say("put_files_back", version=serving), Operate(UNDO, serving))
    return Notice(service.say("left_waiting", version=serving, waiting=waiting), ((put_back,),))


def _version_line(service: Service, each: KeptVersion, serving: str) -> str:
    if each.version == serving:
        return service.say("undo_line_serving", version=each.version, at=_minute(each))
    return service.say("undo_line", version=each.version, at=_minute(each))


def _minute(each: KeptVersion) -> str:
    return f"{each.kept_at.astimezone(UTC):%Y-%m-%d %H:%M}"


def _foresee(sheet: Sheet, service: Service, report: ReloadReport, titles: Titles) -> None:
    if report.difference is not None:
        Changes(service, report.difference, titles).would_come(sheet)


def _asking(service: Service, manner: Manner, version: str, left: str = "") -> Rows:
    """Return the two buttons: to put *version* live, or to leave it; *left* is the one that stays in the folder then."""
    put, leave = Operate(manner.agree, version), Operate(LEAVE, left)
    return ((Choice(service.say("put_live"), put), Choice(service.say("leave_it"), leave)),)


def _success(service: Service, report: ReloadReport, manner: Manner) -> Iterator[str]:
    if report.before == report.after:
        yield service.say(manner.same, version=report.after)
    else:
        yield service.say(manner.done, before=report.before, after=report.after)
        yield from _parts(service, report)
    if not report.kept:
        yield service.say("reload_not_kept", version=report.after)


def _parts(service: Service, report: ReloadReport) -> Iterator[str]:
    for key, ids in (("reload_added", report.added), ("reload_removed", report.removed), ("reload_changed", report.changed)):
        if ids:
            yield service.say(key, count=str(len(ids)), ids=_listed(service, ids))


def _elsewhere(service: Service, done: ReplicatedReload) -> Iterator[str]:
    """Yield what other replicas did; nothing where there are none."""
    if not done.store_answered:
        yield service.say("reload_untold")
    elif done.count > 1:
        yield service.say("reload_took", took=str(len(done.took)), count=str(done.count), names=_listed(service, done.took))
        told = tuple(_each_elsewhere(service, done))
        yield from told[:_IDS_SHOWN]
        if len(told) > _IDS_SHOWN:
            yield service.say("reload_more", count=str(len(told) - _IDS_SHOWN))


def _each_elsewhere(service: Service, done: ReplicatedReload) -> Iterator[str]:
    """Yield a line for each replica that did not take it."""
    for replica in done.refused:
        yield service.say("reload_replica_refused", name=replica.name, version=replica.version, count=str(replica.problems))
    for replica in done.differing:
        yield service.say("reload_replica_differs", name=replica.name, version=replica.version)
    for name in done.loading:
        yield service.say("reload_replica_loading", name=name)
    for name in done.unheard:
        yield service.say("reload_replica_unheard", name=name)


def _listed(service: Service, ids: tuple[str, ...]) -> str:
    shown = tuple(fitting(ids[:_IDS_SHOWN], _IDS_UNITS))
    rest = len(ids) - len(shown)
    return f"{', '.join(shown)} {service.say('reload_more', count=str(rest))}" if rest > 0 else ", ".join(shown)


def _refusal(service: Service, report: ReloadReport, heading: str) -> str:
    sheet = Sheet(service)
    sheet.add_list(heading, tuple(map(str, report.problems)))
    return sheet.text
