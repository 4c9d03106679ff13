"""What is said: notes, alarms, offers, topics, and who says so."""

from __future__ import annotations

import dataclasses

import pytest

from bot.core import alarms, compose, pieces
from bot.core.action import Choice, More, NotThis, ShowEntry, Topics
from bot.core.content import Entry, Tier
from bot.core.model import Alert, Context, FlagHit, Note, Notice, Part, choices_of
from bot.core.snapshot import Snapshot
from tests.core.builders import ENTRIES, NOON, make_entry, make_knowledge, make_messages, make_snapshot, make_topic

SELF_CARE, FULL_NOTE, PHARMACIST, GP = ("pop-a-blister", "which-plaster", "blister-cream", "infected-blister")


def note(snapshot: Snapshot, *entry_ids: str, answered: int = 0, last: Tier | None = None) -> Note:
    context = Context(at=NOON, answered=answered, last_tier=last)
    return compose.note_for((snapshot.entries_by_id[entry_id] for entry_id in entry_ids), snapshot, context)


@pytest.mark.parametrize(
    ("entry_ids", "answered", "last", "full"),
    [
        pytest.param([SELF_CARE], 0, None, True, id="the first answer of a chat"),
        pytest.param([SELF_CARE], 1, Tier.SELF_CARE, False, id="the same tier again"),
        pytest.param([SELF_CARE], 1, Tier.PHARMACIST, True, id="a lower tier than before"),
        pytest.param([PHARMACIST], 1, Tier.SELF_CARE, True, id="a higher tier than before"),
        pytest.param([PHARMACIST], 1, Tier.PHARMACIST, False, id="another note of the same tier"),
        pytest.param([SELF_CARE], 1, None, True, id="answers before, of a tier not known"),
        pytest.param([GP], 9, Tier.GP_SOON, True, id="gp_soon always"),
        pytest.param([FULL_NOTE], 9, Tier.SELF_CARE, True, id="an entry marked full_note"),
        pytest.param([SELF_CARE, FULL_NOTE], 9, Tier.SELF_CARE, True, id="one of two marked full_note"),
        pytest.param([FULL_NOTE, PHARMACIST], 9, Tier.PHARMACIST, True, id="the less grave of two marked full_note"),
        pytest.param([SELF_CARE, PHARMACIST], 9, Tier.PHARMACIST, False, id="the graver of two as before"),
        pytest.param([SELF_CARE, GP], 9, Tier.GP_SOON, True, id="one of two is gp_soon"),
    ],
)
def test_a_note_is_full_where_it_matters(entry_ids: list[str], answered: int, last: Tier | None, full: bool, boots: Snapshot) -> None:
    told = note(boots, *entry_ids, answered=answered, last=last)

    assert told.full is full
    assert told.emergency_line == (boots.knowledge.topic.emergency_line if full else "")


@pytest.mark.parametrize("tier", Tier, ids=lambda tier: tier.key)
def test_each_tier_from_gp_soon_keeps_its_full_note(tier: Tier) -> None:
    snapshot = make_snapshot(make_knowledge(entries=[make_entry("one", tier=tier)]))

    assert note(snapshot, "one", answered=3, last=tier).full is (tier >= Tier.GP_SOON)


@pytest.mark.parametrize(
    ("entry_ids", "answered", "line"),
    [
        pytest.param([SELF_CARE], 0, "Full care one.", id="full, first"),
        pytest.param([FULL_NOTE], 1, "Full care two.", id="full, second"),
        pytest.param([FULL_NOTE], 2, "Full care one.", id="full, round again"),
        pytest.param([SELF_CARE], 1, "Care two.", id="short, second"),
        pytest.param([SELF_CARE], 2, "Care three.", id="short, third"),
        pytest.param([SELF_CARE], 3, "Care one.", id="short, round again"),
        pytest.param([GP], 1, "Full doctor two.", id="another tier"),
        pytest.param([PHARMACIST], 0, "Ask a chemist before you use a cream.", id="a note of its own"),
        pytest.param([SELF_CARE, GP], 0, "Full doctor one.", id="the graver of two"),
        pytest.param([PHARMACIST, SELF_CARE], 0, "Ask a chemist before you use a cream.", id="the graver one's own note"),
    ],
)
def test_the_wording_goes_with_the_turn(entry_ids: list[str], answered: int, line: str, boots: Snapshot) -> None:
    assert note(boots, *entry_ids, answered=answered, last=Tier.SELF_CARE).line == line


def test_an_answer_comes_with_its_long_part_and_its_buttons(boots: Snapshot) -> None:
    entry = boots.entries_by_id[SELF_CARE]
    advice = compose.advice([SELF_CARE], boots, Context())

    assert advice.parts == (Part(SELF_CARE, "", entry.answer, entry.more),)
    assert advice.lead == ""
    assert [[choice.action for choice in row] for row in advice.choices] == [[ShowEntry("which-plaster")], [NotThis(SELF_CARE), More(SELF_CARE)]]


def test_an_answer_that_was_not_sure_carries_its_title(boots: Snapshot) -> None:
    assert compose.advice([SELF_CARE], boots, Context(), titled=True, lead="First.").parts[0].title == "About: Pop a blister?"


@pytest.mark.parametrize(
    ("also", "shown"),
    [
        ((), ("which-plaster",)),
        (("new-boots",), ("new-boots",)),
    ],
    ids=["a related one", "a second question first"],
)
def test_one_more_entry_is_offered_beside_an_answer(also: tuple[str, ...], shown: tuple[str, ...], boots: Snapshot) -> None:
    actions = [choice.action for choice in choices_of(compose.advice([SELF_CARE], boots, Context(), also=also))]

    assert tuple(action.entry_id for action in actions if isinstance(action, ShowEntry)) == shown


def test_two_answers_are_two_openings_under_one_note(boots: Snapshot) -> None:
    advice = compose.advice([SELF_CARE, "new-boots"], boots, Context(), titled=False, lead="First.")

    assert advice.lead == "First."
    assert advice.parts == (
        Part(SELF_CARE, "Pop a blister?", "Leave it closed if you can."),
        Part("new-boots", "Break in new boots", "Wear them indoors first."),
    )
    assert advice.choices == (
        (Choice("Pop a blister?", ShowEntry(SELF_CARE)),),
        (Choice("Break in new boots", ShowEntry("new-boots")),),
    )


# --- alarms ---------------------------------------------------------------------------------------------------------


def raised(*hits: tuple[str, Tier], soft: bool = False) -> Alert:
    return Alert(tuple(FlagHit(flag_id, tier, soft, ()) for flag_id, tier in hits))


CHEST, TABLETS, LINE, SLOW, DESPAIR = (
    ("chest-pain", Tier.EMERGENCY),
    ("many-tablets", Tier.EMERGENCY),
    ("red-line", Tier.URGENT_TODAY),
    ("slow-to-heal", Tier.GP_SOON),
    ("despair", Tier.CRISIS),
)


@pytest.mark.parametrize(
    ("alert", "text"),
    [
        pytest.param(
            raised(CHEST), "You wrote about your chest.\n\nSit down and rest.\n\nCall for help now.", id="what was read, a first line, the alarm"
        ),
        pytest.param(raised(LINE), "See somebody today.", id="the alarm alone"),
        pytest.param(raised(TABLETS), "Call the poison line now.", id="a text of its own"),
        pytest.param(raised(("slow-to-heal", Tier.URGENT_TODAY)), "See somebody today.", id="a rule above its flag's tier"),
        pytest.param(
            raised(CHEST, TABLETS, LINE), "You wrote about your chest.\n\nSit down and rest.\n\nCall for help now.", id="three flags, one alarm"
        ),
        pytest.param(raised(DESPAIR), "Please talk to somebody now.", id="a crisis"),
        pytest.param(raised(DESPAIR, LINE, SLOW), "Please talk to somebody now.", id="a crisis stands alone"),
        pytest.param(raised(DESPAIR, LINE, TABLETS), "Call the poison line now, and stay with somebody.", id="a crisis that has been acted on"),
    ],
)
def test_one_alarm_speaks(alert: Alert, text: str, boots: Snapshot) -> None:
    alarm, _ = alarms.alarm(alert, boots, Context(), ())

    assert alarm.text == text
    assert (alarm.tier, alarm.flag_ids) == (alert.tier, alert.flag_ids)


@pytest.mark.parametrize(
    ("alert", "candidates", "waiting"),
    [
        pytest.param(raised(CHEST), ("new-boots", "pop-a-blister"), ("new-boots",), id="the first"),
        pytest.param(raised(CHEST), ("walk-on", "new-boots"), ("new-boots",), id="not the withheld one"),
        pytest.param(raised(CHEST), ("walk-on",), (), id="nothing but the withheld one"),
        pytest.param(raised(CHEST, LINE), ("pop-a-blister", "walk-on"), (), id="withheld by either flag"),
        pytest.param(raised(CHEST), (), (), id="nothing"),
        pytest.param(raised(DESPAIR), ("new-boots",), (), id="never in a crisis"),
    ],
)
def test_one_answer_may_wait_under_an_alarm(alert: Alert, candidates: tuple[str, ...], waiting: tuple[str, ...], boots: Snapshot) -> None:
    alarm, behind = alarms.alarm(alert, boots, Context(), candidates)

    assert behind == waiting
    assert tuple(choice.action for choice in choices_of(alarm)) == tuple(ShowEntry(entry_id) for entry_id in waiting)


@pytest.mark.parametrize(
    ("alert", "text"),
    [
        pytest.param(Alert((FlagHit("chest-pain", Tier.EMERGENCY, False, (), "overdose"),)), "Call the poison line now.", id="an emergency"),
        pytest.param(Alert((FlagHit("despair", Tier.CRISIS, False, (), "overdose-intent"),)), "and stay with somebody.", id="a crisis"),
        pytest.param(
            Alert((FlagHit("despair", Tier.CRISIS, False, (), "urgent_today"), FlagHit("many-tablets", Tier.EMERGENCY, False, ()))),
            "and stay with somebody.",
            id="a crisis that another flag has a text for",
        ),
    ],
)
def test_a_rule_may_speak_with_its_own_words(alert: Alert, text: str, boots: Snapshot) -> None:
    alarm, _ = alarms.alarm(alert, boots, Context(), ())

    assert alarm.text.endswith(text)


@pytest.mark.parametrize(
    ("wording", "text"),
    [
        pytest.param("Now.", "You wrote about your chest.\n\nSit down and rest.\n\nNow.", id="neither: both stand above"),
        pytest.param("{first_line}\n\nNow.", "Sit down and rest.\n\nNow.", id="the first line opens it"),
        pytest.param("Now. {read_as}\n\n{first_line}", "Now. You wrote about your chest.\n\nSit down and rest.", id="both in its midst"),
    ],
)
def test_an_alarm_may_place_what_was_read_itself(wording: str, text: str) -> None:
    messages = make_messages()
    snapshot = make_snapshot(make_knowledge(messages=dataclasses.replace(messages, alarms={**messages.alarms, "emergency": wording})))

    assert alarms.alarm(raised(CHEST), snapshot, Context(), ())[0].text == text


def test_what_a_flag_does_not_have_leaves_no_gap() -> None:
    messages = make_messages()
    wording = "{first_line}\n\n{read_as}\n\nNow."
    snapshot = make_snapshot(make_knowledge(messages=dataclasses.replace(messages, alarms={**messages.alarms, "urgent_today": wording})))

    assert alarms.alarm(raised(LINE), snapshot, Context(), ())[0].text == "Now."


@pytest.mark.parametrize(
    ("alert", "key"),
    [(raised(SLOW), "gp_line"), (Alert(raised(SLOW).hits, seen=True), "gp_line_seen")],
    ids=["not seen", "seen by a doctor"],
)
def test_what_a_doctor_has_seen_is_led_in_otherwise(alert: Alert, key: str, boots: Snapshot) -> None:
    assert compose.lead(alert, boots) == make_messages().say(key)


@pytest.mark.parametrize(
    ("alert", "line"),
    [
        (raised(LINE, soft=True), "If a red line is spreading on you now, see somebody today."),
        (raised(CHEST, LINE, soft=True), make_messages().say("soft_lead")),
    ],
    ids=["its own line", "the usual line"],
)
def test_a_danger_asked_about_is_led_in(alert: Alert, line: str, boots: Snapshot) -> None:
    assert compose.lead(alert, boots) == line


# --- notices --------------------------------------------------------------------------------------------------------


def test_an_offer_shows_titles_and_a_way_out(boots: Snapshot) -> None:
    offer = compose.offer(["new-boots", "walk-on"], boots, Context(), lead="First.")

    assert offer.text.startswith("First.\n\n")
    assert [(choice.label, choice.action) for choice in choices_of(offer)] == [
        ("Break in new boots", ShowEntry("new-boots")),
        ("Walk on or stop?", ShowEntry("walk-on")),
        (boots.knowledge.messages.say("none_of_these"), NotThis("new-boots")),
    ]


def test_an_offer_is_worded_by_the_turn(boots: Snapshot) -> None:
    texts = [compose.offer(["new-boots", "walk-on"], boots, Context(answered=turn)).text for turn in range(3)]
    again = compose.offer(["new-boots", "walk-on"], boots, Context(), again=True).text

    assert texts[0] == texts[2] != texts[1]
    assert again == boots.knowledge.messages.say("offer_again")


def test_i_do_not_know_says_so_and_shows_the_topics(boots: Snapshot) -> None:
    notice = compose.dont_know(boots, Context(), lead="First.")

    assert notice.text.split("\n\n") == ["First.", boots.knowledge.messages.say("dont_know"), boots.knowledge.messages.say("safety_line")]
    assert notice.choices == pieces.themes(boots)
    assert compose.dont_know(boots, Context(answered=1)).text != compose.dont_know(boots, Context()).text


def test_a_danger_without_an_answer_leads_to_the_safety_entry(boots: Snapshot) -> None:
    notice = compose.without_answer("First.", boots)

    assert notice.text.split("\n\n") == ["First.", boots.knowledge.messages.say("safety_line")]
    assert [choice.action for choice in choices_of(notice)] == [ShowEntry("infected-blister")]


def test_a_topic_without_a_safety_entry_has_the_line_alone() -> None:
    bare = make_snapshot(make_knowledge(topic=dataclasses.replace(make_topic(), safety_entry=None)))

    assert compose.without_answer("First.", bare).choices == ()


@pytest.mark.parametrize(("turn", "text"), [(0, "Hello."), (1, "Hi there."), (2, "Good day."), (3, "Hello.")], ids=str)
def test_small_talk_takes_turns(turn: int, text: str, boots: Snapshot) -> None:
    assert compose.small_talk("hello", boots, Context(answered=turn)) == Notice(text, pieces.themes(boots))
    assert compose.small_talk("hello", boots, Context(answered=turn), lead="First.") == Notice(f"First.\n\n{text}", pieces.themes(boots))


def crowded(entries: int) -> Snapshot:
    return make_snapshot(make_knowledge(entries=[make_entry(f"entry-{number}", theme="many") for number in range(entries)]))


@pytest.mark.parametrize(
    ("entries", "page", "shown", "turns"),
    [
        pytest.param(20, 0, range(8), [("Next", 1)], id="the first page"),
        pytest.param(20, 1, range(8, 16), [("Back", 0), ("Next", 2)], id="one in between"),
        pytest.param(20, 2, range(16, 20), [("Back", 1)], id="the last page"),
        pytest.param(20, 99, range(16, 20), [("Back", 1)], id="past the end"),
        pytest.param(20, -3, range(8), [("Next", 1)], id="before the beginning"),
        pytest.param(8, 0, range(8), [], id="a page exactly"),
        pytest.param(9, 1, range(8, 9), [("Back", 0)], id="one more"),
    ],
)
def test_a_long_theme_is_shown_in_pages(entries: int, page: int, shown: range, turns: list[tuple[str, int]]) -> None:
    notice = compose.topics(crowded(entries), "many", page)
    choices = list(choices_of(notice))

    assert [choice.action for choice in choices if isinstance(choice.action, ShowEntry)] == [ShowEntry(f"entry-{number}") for number in shown]
    assert choices[len(shown) : -1] == [Choice(label, Topics("many", to)) for label, to in turns]
    assert choices[-1].action == Topics()
    assert notice.text == "Many: pick a question."


@pytest.mark.parametrize("theme", ["", "gone-since"], ids=["none", "gone"])
def test_without_a_theme_the_themes_are_shown(theme: str, boots: Snapshot) -> None:
    assert compose.topics(boots, theme) == Notice(boots.knowledge.messages.say("topics_intro"), pieces.themes(boots))


def test_themes_stand_two_a_row_titled_ones_first() -> None:
    """Those that `topic.yaml` names, in its order; then the others, in the order of the files."""
    topic = dataclasses.replace(make_topic(), theme_titles={"walking": "On the way", "empty": "Nothing", "feet": "Feet"})
    entries = [make_entry(f"entry-{at}", theme=theme) for at, theme in enumerate(["b-side", "feet", "a", "walking", "b-side"])]

    assert pieces.themes(make_snapshot(make_knowledge(entries=entries, topic=topic))) == (
        (Choice("On the way", Topics("walking")), Choice("Feet", Topics("feet"))),
        (Choice("B side", Topics("b-side")), Choice("A", Topics("a"))),
    )


@pytest.mark.parametrize(
    ("entry_id", "told", "untold"),
    [
        ("pop-a-blister", ["source_line", "checked_by", "reviewed_none"], ["sources_none", "unsourced"]),
        ("which-plaster", ["source_line", "checked_none", "reviewed_by"], ["sources_none", "unsourced"]),
        ("blister-cream", ["sources_none", "checked_none", "reviewed_none", "unsourced"], ["source_line"]),
    ],
    ids=["checked", "reviewed", "neither, and unsourced"],
)
def test_sources_tell_who_says_so_and_who_has_signed(entry_id: str, told: list[str], untold: list[str], boots: Snapshot) -> None:
    entry: Entry = boots.entries_by_id[entry_id]
    notice = compose.sources(entry, boots)
    say = boots.knowledge.messages.say
    lines = {
        "source_line": say("source_line", name="Walkers' Union", title="Care of the feet", url="https://example.org/feet"),
        "checked_by": say("checked_by", by="A. Walker", date="2026-01-02"),
        "reviewed_by": say("reviewed_by", by="B. Nurse", role="nurse", date="2026-02-03"),
        **{key: say(key) for key in ("sources_none", "checked_none", "reviewed_none", "unsourced")},
    }

    assert notice.text.startswith(say("sources_intro", title=entry.title))
    assert all(lines[key] in notice.text for key in told)
    assert not any(lines[key] in notice.text for key in untold)
    assert notice.text.endswith(say("report_wrong", contact="the hut keeper"))
    assert [choice.action for choice in choices_of(notice)] == [ShowEntry(entry_id)]


def test_without_a_contact_nobody_is_named() -> None:
    bare = make_snapshot(make_knowledge(topic=dataclasses.replace(make_topic(), contact="")))

    assert compose.sources(ENTRIES[0], bare).text.endswith(bare.knowledge.messages.say("reviewed_none"))


# --- joining --------------------------------------------------------------------------------------------------------


def test_after_an_answer_the_context_knows_what_was_shown() -> None:
    context = Context(at=NOON, answered=4, candidates=("old",), offered=("new-boots",))

    after = compose.after_answer(context, [ENTRIES[0], ENTRIES[3]], NOON, ("pop-a-blister", "walk-on", "infected-blister", "new-boots"))

    assert after == Context(NOON, "pop-a-blister", Tier.GP_SOON, 5, ("walk-on", "new-boots"))
