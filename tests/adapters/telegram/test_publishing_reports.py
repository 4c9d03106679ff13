"""What came of a change to the knowledge is told in one message: what would be lost first, and how much is not shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.telegram import publishing_reports as reports
from bot.adapters.telegram.changes import Changes, Sheet
from bot.adapters.telegram.publishing_reports import PUT, RELOAD, TAKE_BACK, Manner
from bot.adapters.telegram.render import render
from bot.authoring.telling import titles_of
from bot.core.action import Operate
from bot.core.content import Tier
from bot.core.model import REPLY_LIMIT_UNITS, Notice, choices_of
from bot.core.snapshot import Snapshot
from bot.core.text import utf16_units
from bot.errors import Problem
from bot.knowledge.behaviour import Change, Difference, Loss, Reaction
from bot.knowledge.live import LiveKnowledge, ReloadReport
from bot.knowledge.versions import KeptVersion
from bot.publishing import Staged
from bot.replicas import ReplicatedReload
from bot.service import Service
from bot.store.memory import MemoryStore
from bot.store.records import Replica

OLD, NEW = "0123456789ab", "cdef01234567"
TITLES = {"chain": "Oil a squeaky chain", "tyre": "Mend a flat tyre"}
CHAIN, TYRE, NOTHING = Reaction("answered", ("chain",), (), None), Reaction("answered", ("tyre",), (), None), Reaction("unknown", (), (), None)
ALARM = Reaction("alarm", (), ("rf-no-brakes",), Tier.EMERGENCY)
LOST_FLAG = Change("help, my brakes failed", ALARM, CHAIN, Loss.RED_FLAG)
LOST_ANSWER = Change("my chain squeaks", CHAIN, NOTHING, Loss.ANSWER)
MOVED = Change("my tyre is flat", CHAIN, TYRE, None)
DIFFERENCE = Difference(812, (LOST_FLAG, LOST_ANSWER, MOVED, MOVED))
MANNERS = pytest.mark.parametrize("manner", [RELOAD, TAKE_BACK, PUT], ids=lambda manner: manner.agree)
PROBLEM = Problem("entries/repairs.yaml", 4, 3, "wrong")


def told(service: Service, report: ReloadReport, manner: Manner = RELOAD) -> Notice:
    return reports.outcome(service, ReplicatedReload(report, ("a",)), TITLES, manner)


def sent(service: Service, report: ReloadReport) -> Notice:
    version = "" if report.before == report.after else report.after
    return reports.looked_at(service, Staged(report, version), "repairs.yaml", TITLES)


def operations(notice: Notice) -> list[Operate]:
    actions = [choice.action for choice in choices_of(notice)]
    assert all(isinstance(action, Operate) for action in actions)
    return [action for action in actions if isinstance(action, Operate)]


# --- live ---------------------------------------------------------------------------------------------------------------


@MANNERS
def test_what_is_live_is_told_with_what_changed(service: Service, manner: Manner) -> None:
    report = ReloadReport(OLD, NEW, added=("bell",), removed=("horn",), changed=("chain", "red_flags"), difference=DIFFERENCE)
    notice = told(service, report, manner)

    say = service.say
    assert notice.text.split("\n")[:5] == [
        say(manner.done, before=OLD, after=NEW),
        say("reload_added", count="1", ids="bell"),
        say("reload_removed", count="1", ids="horn"),
        say("reload_changed", count="2", ids="chain, red_flags"),
        say("changes_now", count="4", tried="812"),
    ]
    assert notice.choices == ()


def test_each_change_is_told_in_its_order(service: Service) -> None:
    lines = told(service, ReloadReport(OLD, NEW, difference=DIFFERENCE)).text.split("\n")

    assert [line.partition("”")[0] for line in lines[-4:]] == [f"• “{change.sentence}" for change in (LOST_FLAG, LOST_ANSWER, MOVED, MOVED)]


@MANNERS
def test_that_nothing_changed_is_said(service: Service, manner: Manner) -> None:
    assert told(service, ReloadReport(OLD, OLD), manner).text == service.say(manner.same, version=OLD)


def test_that_no_reply_changed_is_said(service: Service) -> None:
    text = told(service, ReloadReport(OLD, NEW, changed=("chain",), difference=Difference(812, ()))).text

    assert text.endswith(service.say("changes_none", tried="812"))


def test_where_nothing_was_compared_nothing_is_said_of_it(service: Service) -> None:
    assert "812" not in (text := told(service, ReloadReport(OLD, NEW)).text)
    assert "known sentences" not in text


def test_each_way_to_do_it_has_words_and_a_verb_of_its_own(service: Service) -> None:
    manners = (RELOAD, TAKE_BACK, PUT)

    assert len({manner.agree for manner in manners} | {reports.UNDO, reports.LEAVE}) == 5
    assert len({manner.done for manner in manners}) == len({manner.refused for manner in manners}) == 3
    for manner in manners:
        for key, values in (
            (manner.done, {"before": OLD, "after": NEW}),
            (manner.same, {"version": OLD}),
            (manner.refused, {"version": OLD, "count": "1"}),
        ):
            assert not re.search(r"[{}]", service.say(key, **values))
            assert OLD in service.say(key, **values)


# --- refused --------------------------------------------------------------------------------------------------------------


@MANNERS
def test_what_is_refused_is_told_with_where(service: Service, manner: Manner) -> None:
    notice = told(service, ReloadReport(OLD, OLD, problems=(PROBLEM,)), manner)

    assert notice.text == f"{service.say(manner.refused, version=OLD, count='1')}\nentries/repairs.yaml:4:3: wrong"
    assert notice.choices == ()


def test_of_other_replicas_nothing_is_said_where_it_was_refused_here(service: Service) -> None:
    done = ReplicatedReload(ReloadReport(OLD, OLD, problems=(PROBLEM,)), took=("a",), unheard=("b",), store_answered=False)

    assert len(reports.outcome(service, done, {}, RELOAD).text.split("\n")) == 2


# --- asked first ----------------------------------------------------------------------------------------------------------


@MANNERS
def test_what_would_be_lost_is_told_and_asked_about(service: Service, manner: Manner) -> None:
    notice = told(service, ReloadReport(OLD, NEW, difference=DIFFERENCE, waiting=True), manner)

    say = service.say
    assert notice.text.split("\n") == [
        say("publish_waits", before=OLD, after=NEW),
        say("changes_would", count="4", tried="812"),
        say("lost_flags", count="1"),
        "• “help, my brakes failed”: red flag rf-no-brakes (emergency) → Oil a squeaky chain",
        say("lost_answers", count="1"),
        "• “my chain squeaks”: Oil a squeaky chain → no answer",
        say("other_changes", count="2"),
        "• “my tyre is flat”: Oil a squeaky chain → Mend a flat tyre",
        "• “my tyre is flat”: Oil a squeaky chain → Mend a flat tyre",
    ]
    assert operations(notice) == [Operate(manner.agree, NEW), Operate("leave", NEW if manner is RELOAD else "")]
    assert [choice.label for choice in choices_of(notice)] == [say("put_live"), say("leave_it")]


def test_what_would_not_be_lost_has_no_heading(service: Service) -> None:
    text = told(service, ReloadReport(OLD, NEW, difference=Difference(9, (LOST_ANSWER,)), waiting=True)).text

    assert service.say("lost_flags", count="0") not in text
    assert service.say("other_changes", count="0") not in text


def test_a_red_flag_that_would_be_lost_is_seen_however_many_answers_would_be(service: Service) -> None:
    difference = Difference(900, (*[LOST_FLAG] * 3, *[LOST_ANSWER] * 300, *[MOVED] * 300))
    lines = told(service, ReloadReport(OLD, NEW, difference=difference, waiting=True)).text.split("\n")

    assert [line for line in lines[2:6] if "brakes failed" in line] == lines[3:6]
    assert lines[2] == service.say("lost_flags", count="3")


@pytest.mark.parametrize("waiting", ["", OLD], ids=["it stands nowhere", "it is live by now"])
def test_left_as_it_is(service: Service, waiting: str) -> None:
    serving = service.snapshot.version
    notice = reports.left(service, waiting and serving)

    assert notice == Notice(service.say("left", version=serving))


def test_where_the_folder_holds_what_was_left_that_is_said_with_a_way_out(service: Service) -> None:
    serving = service.snapshot.version
    notice = reports.left(service, NEW)

    assert notice.text == service.say("left_waiting", version=serving, waiting=NEW)
    assert operations(notice) == [Operate("undo", serving)]


# --- a file that was sent -------------------------------------------------------------------------------------------------


def test_a_sound_file_is_told_with_what_it_changes_and_asked_about(service: Service) -> None:
    report = ReloadReport(OLD, NEW, added=("bell",), difference=Difference(812, (MOVED,)))
    notice = sent(service, report)

    say = service.say
    assert notice.text.split("\n")[:4] == [
        say("file_sound", name="repairs.yaml", before=OLD),
        say("reload_added", count="1", ids="bell"),
        say("changes_would", count="1", tried="812"),
        say("other_changes", count="1"),
    ]
    assert operations(notice) == [Operate("put", NEW), Operate("leave", "")]


def test_a_file_that_changes_no_reply_may_go_live_too(service: Service) -> None:
    notice = sent(service, ReloadReport(OLD, NEW, changed=("chain",), difference=Difference(812, ())))

    assert notice.text.endswith(service.say("changes_none", tried="812"))
    assert operations(notice)[0] == Operate("put", NEW)


def test_a_file_that_could_not_be_compared_is_asked_about_all_the_same(service: Service) -> None:
    notice = sent(service, ReloadReport(OLD, NEW))

    assert notice.text == service.say("file_sound", name="repairs.yaml", before=OLD)
    assert len(operations(notice)) == 2


def test_a_file_that_says_the_same_is_not_asked_about(service: Service) -> None:
    assert sent(service, ReloadReport(OLD, OLD)) == Notice(service.say("file_same", name="repairs.yaml"))


def test_a_file_with_problems_is_told_where(service: Service) -> None:
    notice = sent(service, ReloadReport(OLD, OLD, problems=(PROBLEM,)))

    assert notice.text == f"{service.say('file_refused', name='repairs.yaml', version=OLD, count='1')}\n{PROBLEM}"
    assert notice.choices == ()


# --- one line -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reaction", "words"),
    [
        (CHAIN, "Oil a squeaky chain"),
        (Reaction("answered", ("chain", "tyre"), (), None), "Oil a squeaky chain, Mend a flat tyre"),
        (Reaction("answered", ("bell",), (), None), "bell"),
        (Reaction("answered", ("chain",), ("rf-wobble",), Tier.GP_SOON), "Oil a squeaky chain, with red flag rf-wobble (gp_soon)"),
        (Reaction("offered", ("chain", "tyre"), (), None), "a choice of Oil a squeaky chain, Mend a flat tyre"),
        (ALARM, "red flag rf-no-brakes (emergency)"),
        (Reaction("alarm", ("chain",), ("rf-a",), Tier.CRISIS), "red flag rf-a (crisis), behind it Oil a squeaky chain"),
        (Reaction("alarm", (), ("rf-a", "rf-b"), None), "red flag rf-a, rf-b (?)"),
        (Reaction("answered", ("chain",), also=("tyre",)), "Oil a squeaky chain, beside it Mend a flat tyre"),
        (Reaction("smalltalk", ("thanks",), (), None), "small talk (thanks)"),
        (Reaction("foreign", ("de",), (), None), "taken for another language"),
        (NOTHING, "no answer"),
    ],
    ids=lambda value: "" if isinstance(value, str) else value.kind,
)
def test_a_reaction_is_told_in_words_an_author_knows(service: Service, reaction: Reaction, words: str) -> None:
    sheet = Sheet(service)
    Changes(service, Difference(1, (Change("a", reaction, reaction, None),)), TITLES).have_come(sheet)

    assert sheet.text.split("\n")[1] == f"• “a”: {words} → {words}"


def test_a_sentence_stands_on_one_line_and_is_cut(service: Service) -> None:
    sheet = Sheet(service)
    Changes(service, Difference(1, (Change("my  chain\nsqueaks " + "so " * 200, CHAIN, TYRE, None),)), TITLES).have_come(sheet)
    (line,) = sheet.text.split("\n")[1:]

    assert line.startswith("• “my chain squeaks so so")
    assert "…”: Oil" in line
    assert len(line) < 200


@pytest.mark.parametrize("last", ["x", "the last, and then a good many words more than would fit on a line of a phone"])
def test_reactions_that_begin_alike_are_shown_where_they_differ(service: Service, last: str) -> None:
    many = tuple(f"entry-number-{number}" for number in range(9))
    sheet = Sheet(service)
    change = Change("a", Reaction("answered", (*many, "here")), Reaction("answered", (*many, last)), None)
    Changes(service, Difference(1, (change,)), {}).have_come(sheet)
    line = sheet.text.split("\n")[1]

    assert "-number-8, here → …" in line
    assert f"-number-8, {last[:20]}" in line
    assert len(line) < 180


def test_titles_are_those_of_the_later_version(bicycles: Snapshot) -> None:
    first, *others = bicycles.knowledge.entries
    later = replace(
        bicycles, knowledge=replace(bicycles.knowledge, entries=(replace(first, title="Another"), replace(others[0], id="bell", title="Ring")))
    )
    titles = titles_of(bicycles, later)

    assert titles == {entry.id: entry.title for entry in others} | {first.id: "Another", "bell": "Ring"}


# --- one message ----------------------------------------------------------------------------------------------------------

IDS = st.lists(st.text("abc-", min_size=1, max_size=60), max_size=60).map(tuple)
REACTIONS = st.builds(
    Reaction,
    st.sampled_from(["answered", "offered", "alarm", "smalltalk", "foreign", "unknown"]),
    st.lists(st.text("<&ab🚲", min_size=1, max_size=90), max_size=3).map(tuple),
    st.lists(st.text("rf-", min_size=1, max_size=40), max_size=3).map(tuple),
    st.sampled_from([None, *Tier]),
)
CHANGES = st.builds(Change, st.text("so <&\n🚲", min_size=1, max_size=200), REACTIONS, REACTIONS, st.sampled_from([None, *Loss]))
DIFFERENCES = st.builds(Difference, st.integers(0, 9999), st.lists(CHANGES, max_size=60).map(tuple), st.integers(0, 99)).filter(
    lambda difference: difference.changes or not difference.cut
)
REPORTS = st.builds(
    ReloadReport, before=st.just(OLD), after=st.just(NEW), added=IDS, removed=IDS, changed=IDS, difference=DIFFERENCES, waiting=st.booleans()
)
TELLERS: tuple[Callable[[Service, ReloadReport], Notice], ...] = (told, sent)


@pytest.fixture(scope="module")
def teller(bicycles: Snapshot) -> Service:
    """A service that nothing changes."""
    return Service(LiveKnowledge(Path(), bicycles), MemoryStore())


@given(report=REPORTS, tell=st.sampled_from(TELLERS))
def test_whatever_changed_it_is_one_message_and_nothing_goes_uncounted(teller: Service, report: ReloadReport, tell: Callable[..., Notice]) -> None:
    notice = tell(teller, report)
    difference = report.difference
    assert difference is not None

    assert utf16_units(notice.text) <= REPLY_LIMIT_UNITS
    assert len(render(notice).pages) == 1
    changes = notice.text.partition("known sentences")[2].split("\n")[1:]
    shown = sum(line.startswith("• ") for line in changes)
    rest = [re.fullmatch(r"and (\d+) more|(\d+) further changes are not listed\.", line) for line in changes]
    assert shown + sum(int(found[1] or found[2]) for found in rest if found) == difference.count
    for loss, key in ((Loss.RED_FLAG, "lost_flags"), (Loss.ANSWER, "lost_answers")):
        count = sum(change.loss is loss for change in difference.changes)
        assert not count or not notice.choices or teller.say(key, count=str(count)) in notice.text


@MANNERS
@pytest.mark.parametrize("count", [1, 500])
def test_many_problems_fit_one_message_and_the_rest_is_counted(service: Service, manner: Manner, count: int) -> None:
    problems = tuple(Problem("entries/repairs.yaml", line, 1, "wrong " * 9) for line in range(1, count + 1))
    text = told(service, ReloadReport(OLD, OLD, problems=problems), manner).text

    lines = text.split("\n")
    assert utf16_units(text) <= REPLY_LIMIT_UNITS
    assert lines[1] == str(problems[0])
    if count > 1:
        assert 30 < len(lines) < count
        assert lines[-1] == service.say("reload_more", count=str(count - (len(lines) - 2)))


def test_long_ids_leave_room_for_what_people_would_notice(service: Service) -> None:
    ids = tuple(f"{number}-".ljust(60, "x") for number in range(20))
    text = told(service, ReloadReport(OLD, NEW, ids, ids, ids, difference=DIFFERENCE)).text

    assert utf16_units(text) <= REPLY_LIMIT_UNITS
    assert all(f"“{change.sentence}”" in text for change in DIFFERENCE.changes)


@MANNERS
@pytest.mark.parametrize("after", [OLD, NEW])
def test_that_what_answers_could_not_be_kept_is_said(service: Service, manner: Manner, after: str) -> None:
    text = told(service, ReloadReport(OLD, after, kept=False), manner).text

    assert text.endswith(service.say("reload_not_kept", version=after))


def test_many_ids_are_counted_not_all_named(service: Service) -> None:
    text = told(service, ReloadReport(OLD, NEW, added=tuple(f"entry-{number}" for number in range(30)))).text

    assert "entry-19 " in text
    assert "entry-20" not in text
    assert text.endswith(service.say("reload_more", count="10"))


# --- several replicas -----------------------------------------------------------------------------------------------------

LOADED = ReloadReport(OLD, NEW)


def test_a_replica_that_did_not_take_it_is_named_with_the_reason(service: Service) -> None:
    done = ReplicatedReload(
        LOADED,
        took=("a", "b"),
        refused=(Replica("c", 7, "old", problems=3),),
        differing=(Replica("d", 7, "odd"),),
        loading=("e",),
        unheard=("f",),
    )

    say = service.say
    assert reports.outcome(service, done, {}, RELOAD).text.split("\n") == [
        say("reload_done", before=OLD, after=NEW),
        say("reload_took", took="2", count="6", names="a, b"),
        say("reload_replica_refused", name="c", version="old", count="3"),
        say("reload_replica_differs", name="d", version="odd"),
        say("reload_replica_loading", name="e"),
        say("reload_replica_unheard", name="f"),
    ]


def test_many_replicas_are_counted_not_all_named(service: Service) -> None:
    names = tuple(f"replica-{number}" for number in range(25))
    text = reports.outcome(service, ReplicatedReload(LOADED, took=("a",), unheard=names), {}, RELOAD).text

    assert "replica-19 " in text
    assert "replica-20" not in text
    assert text.endswith(service.say("reload_more", count="5"))


@pytest.mark.parametrize(
    ("done", "keys"),
    [
        (ReplicatedReload(LOADED, took=("a",)), ["reload_done"]),
        (ReplicatedReload(LOADED, took=("a",), store_answered=False), ["reload_done", "reload_untold"]),
    ],
    ids=["alone", "the store is down"],
)
def test_of_other_replicas_nothing_is_said_but_where_there_are_any_or_may_be(service: Service, done: ReplicatedReload, keys: list[str]) -> None:
    lines = reports.outcome(service, done, {}, RELOAD).text.split("\n")

    assert lines == [service.say(key, **({"before": OLD, "after": NEW} if key == "reload_done" else {})) for key in keys]


# --- the versions that are kept -------------------------------------------------------------------------------------------


def versions(*names: str) -> tuple[KeptVersion, ...]:
    return tuple(KeptVersion(name, datetime(2026, 3, day, 18, 40, tzinfo=UTC)) for day, name in zip(range(28, 0, -1), names, strict=False))


def test_versions_are_listed_with_a_button_for_each_but_the_one_that_answers(service: Service) -> None:
    serving = service.snapshot.version
    notice = reports.kept(service, versions(NEW, serving, OLD))

    say = service.say
    assert notice.text.split("\n") == [
        say("undo_intro"),
        say("undo_line", version=NEW, at="2026-03-28 18:40"),
        say("undo_line_serving", version=serving, at="2026-03-27 18:40"),
        say("undo_line", version=OLD, at="2026-03-26 18:40"),
    ]
    assert operations(notice) == [Operate("undo", NEW), Operate("undo", OLD)]
    assert [choice.label for choice in choices_of(notice)] == [f"2026-03-28 18:40, {NEW}", f"2026-03-26 18:40, {OLD}"]


@pytest.mark.parametrize("serves", [True, False])
def test_that_no_other_is_kept_is_said(service: Service, serves: bool) -> None:
    assert reports.kept(service, versions(service.snapshot.version) if serves else ()) == Notice(service.say("undo_none"))
