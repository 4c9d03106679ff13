"""Sign-off pages: what a clinician reads before signing is what people are told, and the line to sign with is right."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.core.content import Signature, Tier
from bot.core.model import Advice, Alarm, Notice
from bot.core.snapshot import Snapshot
from bot.core.triage.pattern import parse
from bot.core.triage.rules import Example, Examples, Group, RedFlags, Rule, Shift
from bot.knowledge.red_flag_schema import RedFlagsFile
from bot.knowledge.signing import SHARED, content_hash, flag_hash, shared_hash
from bot.review import in_words, page, page_ids
from tests.core.builders import ENTRIES, NUMBERS, RED_FLAGS, make_knowledge, make_snapshot, say

TODAY = date(2026, 3, 4)
UNNAMED = RedFlagsFile.model_validate({"flags": [{"id": "unnamed", "tier": "urgent_today", "why": "w", "by_likeness": "true"}]}).to_rules().flags
RULE = RED_FLAGS.flags[3].rules[0]
RICH = replace(
    RED_FLAGS.flags[3],
    rules=(
        replace(
            RULE,
            all_of=(*RULE.all_of, Group("where", (parse("<limb> .. swollen"), parse("{duration >= 3 weeks}")))),
            none_of=(parse("red wine"),),
            same_clause=True,
            even_when_asked=True,
            even_when_past=True,
            raises=(Shift(Tier.EMERGENCY, "shivers", (parse("shiver*"),)),),
        ),
        Rule((Group("warm", (parse("warm"),)),), soft=True),
    ),
    looks_like=(parse("red line on the map"),),
    lowers=(Shift(Tier.GP_SOON, "months", (parse("for months"),)),),
    counts_when_past=True,
    silent_on=("a line on the map",),
    soft_on=("is it sepsis",),
    known_misses=("streaks up to the knee",),
)
FLAGS = RedFlags(
    (*RED_FLAGS.flags[:3], RICH, RED_FLAGS.flags[4], *UNNAMED),
    lists={"limb": (parse("leg/arm"), parse("<foot>")), "foot": (parse("foot"),), "idle": (parse("elbow"),)},
    idioms=(parse("red line of the metro"),),
    cues={"past": ("last term",)},
    seen=(parse("doctor said"),),
)
EXAMPLES = Examples("d", (Example("my leg is striped", Tier.URGENT_TODAY, "red-line"), Example("a red hat", None)))


@pytest.fixture(scope="module")
def boots() -> Snapshot:
    return make_snapshot(replace(make_knowledge(red_flags=FLAGS, numbers=NUMBERS), examples=EXAMPLES))


def quoted(text: str) -> str:
    """*text* as a page shows it."""
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def test_there_is_a_page_for_all_that_can_be_signed(boots: Snapshot) -> None:
    ids = page_ids(boots)

    assert ids == (*(flag.id for flag in FLAGS.flags), SHARED, *(entry.id for entry in ENTRIES))
    assert all(page(page_id, boots, TODAY).startswith("# ") for page_id in ids)


def test_without_flags_nothing_is_shared() -> None:
    bare = make_snapshot(make_knowledge(red_flags=RedFlags()))

    assert page_ids(bare) == tuple(entry.id for entry in ENTRIES)
    with pytest.raises(KeyError):
        page(SHARED, bare, TODAY)


def test_nothing_else_has_a_page(boots: Snapshot) -> None:
    with pytest.raises(KeyError):
        page("no-such-page", boots, TODAY)


@pytest.mark.parametrize(
    ("flag_id", "said"),
    [
        ("despair", "i want to die"),
        ("chest-pain", "i have chest pain"),
        ("many-tablets", "i took all the tablets"),
        ("red-line", "red line up my leg, all swollen"),
        ("red-line", "red line up my leg, all swollen, i shiver"),
        ("slow-to-heal", "my toe turned black"),
        ("many-tablets", "i want to die. i took all the tablets"),
    ],
)
def test_the_exact_reply_stands_on_the_page(flag_id: str, said: str, boots: Snapshot) -> None:
    """With the numbers of all regions; at each tier that it can have; and where a crisis is met beside it."""
    reply = say(said, boots).reply

    assert isinstance(reply, Alarm)
    assert quoted(reply.text) in page(flag_id, boots, TODAY)


@pytest.mark.parametrize(("flag_id", "said"), [("slow-to-heal", "my blister never heals"), ("red-line", "is it sepsis")])
def test_the_exact_line_above_an_answer_stands_on_the_page(flag_id: str, said: str, boots: Snapshot) -> None:
    reply = say(said, boots).reply
    shown = page(flag_id, boots, TODAY)

    assert isinstance(reply, Advice | Notice)
    first = (reply.lead if isinstance(reply, Advice) else reply.text).splitlines()[0]
    assert first
    assert quoted(first) in shown


def test_a_flag_by_likeness_shows_what_it_says(boots: Snapshot) -> None:
    shown = page("unnamed", boots, TODAY)

    assert "It has no rules" in shown
    assert f"As urgent_today:\n\n{quoted(boots.knowledge.messages.alarms['urgent_today'])}" in shown
    assert "only asked about" not in shown


@pytest.mark.parametrize(
    "line",
    [
        "1. urgent_today: all of these in one clause; in a question too; however long ago",
        "   - where: [limb] .. swollen; (duration at least 3 weeks)",
        "   - but not in a clause with: red wine",
        "   - here, raised to emergency by shivers: shiver~",
        "2. urgent_today: all of these in one message, or in messages within ten minutes; always answered softly",
        "For every way above, lowered to gp_soon by months: for months",
        "It counts although it has gone again, unless it was long ago.",
        "- red line on the map",
        "- sepsis",
        "Not offered beside it: pop-a-blister.",
        "- a red line runs up my leg",
        "- a line on the map",
        "- is it sepsis",
        "Beside the rules, 1 examples teach what such messages are like: examples_danger.yaml.",
        "- streaks up to the knee",
        "- [foot]: foot",
        "- [limb]: leg/arm; [foot]",
        "Source: none given.",
    ],
)
def test_all_that_decides_stands_on_the_page(line: str, boots: Snapshot) -> None:
    assert line in page("red-line", boots, TODAY).splitlines()


def test_what_does_not_decide_stands_on_no_page(boots: Snapshot) -> None:
    """A list that a flag does not use; nothing is noted of what slips through, which is said."""
    assert "[idle]" not in page("red-line", boots, TODAY)
    assert "## Lists" not in page("despair", boots, TODAY)
    assert "nothing has been noted yet" in page("despair", boots, TODAY)
    assert "examples teach" not in page("despair", boots, TODAY)


def test_what_all_flags_share_has_a_page_of_its_own(boots: Snapshot) -> None:
    shown = page(SHARED, boots, TODAY).splitlines()

    assert {"- red line of the metro", "- last term", "- doctor said"} <= set(shown)


def test_an_entry_is_shown_as_it_is_answered(boots: Snapshot) -> None:
    shown = page("pop-a-blister", boots, TODAY)
    reply = say("should i pop a blister", boots).reply

    assert isinstance(reply, Advice)
    for text in (reply.parts[0].answer, reply.parts[0].more, reply.note.line, reply.note.emergency_line):
        assert text
        assert quoted(text) in shown
    assert "- Walkers' Union, Care of the feet, https://example.org/feet" in shown
    assert "A. Walker, 2026-01-02." in shown
    assert "Held back under:\n\n- red-line" in shown
    assert "- how do i pop popcorn" in shown


def test_an_entry_says_what_it_rests_on(boots: Snapshot) -> None:
    shown = page("blister-cream", boots, TODAY)

    assert "Parts of this rest on general knowledge" in shown
    assert "Facts compared with the sources: not yet." in shown
    assert "Held back under" not in shown


def test_the_line_to_sign_with_holds_today_and_the_hash(boots: Snapshot) -> None:
    hashes = {
        "red-line": flag_hash(RICH, FLAGS, boots.knowledge.messages),
        SHARED: shared_hash(FLAGS),
        "new-boots": content_hash(boots.entries_by_id["new-boots"]),
    }

    for page_id, now in hashes.items():
        assert page(page_id, boots, TODAY).endswith(f'\n    reviewed: {{by: NAME, role: ROLE, date: "2026-03-04", hash: "{now}"}}\n')


def test_a_signed_page_names_who_signed() -> None:
    signature = Signature("Dr. A", "GP", "2026-05-31")
    flags = replace(FLAGS, flags=(replace(FLAGS.flags[0], reviewed=signature), *FLAGS.flags[1:]), reviewed=signature)
    signed = make_snapshot(make_knowledge(red_flags=flags))

    for page_id in ("despair", SHARED):
        assert page(page_id, signed, TODAY).endswith("\nSigned by Dr. A, GP, 2026-05-31.\n")
    assert page("which-plaster", signed, TODAY).endswith("\nSigned by B. Nurse, nurse, 2026-02-03.\n")


@pytest.mark.parametrize(
    ("phrase", "words"),
    [
        ("stiff*/sore <neck>", "stiff~/sore [neck]"),
        ("heart_attack", "heart attack"),
        ("face & droop*", "face + droop~"),
        ("face .. droop", "face .. droop"),
        ("=numb", "numb"),
        ("=numb/=dead arm", "numb/dead arm"),
        ("is +it", "is it"),
        ("{temperature >= 38 C}", "(temperature at least 38 C)"),
        ("{temperature > 38 C}", "(temperature over 38 C)"),
        ("{temperature <= 35 C}", "(temperature at most 35 C)"),
        ("{age < 12}", "(age under 12)"),
        ("{age = 12}", "(age exactly 12)"),
        ("{weeks 20..42} pregnant", "(weeks 20 to 42) pregnant"),
        ("{pressure >= 180/120}", "(pressure at least 180/120)"),
    ],
)
def test_a_phrase_is_read_without_the_grammar(phrase: str, words: str) -> None:
    assert in_words(parse(phrase)) == words
