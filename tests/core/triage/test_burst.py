"""What is told in bits: what waits for the rest, what the rest makes of it, and what is let go."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.content import Tier
from bot.core.language import Language
from bot.core.model import Context, HalfMet, Utterance
from bot.core.respond import respond
from bot.core.snapshot import Snapshot
from bot.core.text import normalise
from bot.core.triage.burst import BURST, MOST_HALF_MET, Heard, carried_on, still_waiting
from bot.core.triage.engine import Triage
from tests.core.triage.conftest import BITS, CONFUSABLES, ROOT, read_red_flags
from tests.core.triage.test_engine import outcome

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ORDINARY = ROOT.parent / "shared" / "eval" / "faq.jsonl"
PAIRS = 2_000
RARE = 0.025
"""Of pairs of questions by different people: one of a pregnancy or an accident, and one of a headache, make a danger together."""


@pytest.fixture(scope="module")
def bits(english: Language) -> Triage:
    return Triage(read_red_flags(BITS), english, CONFUSABLES)


def talk(triage: Triage, language: Language, *said: str) -> list[Heard]:
    """What triage makes of messages that follow one another."""
    carried: frozenset[str] = frozenset()
    heard = []
    for each in said:
        heard.append(triage.listen(normalise(each, language), carried))
        carried = heard[-1].kept | frozenset(heard[-1].added)
    return heard


@pytest.mark.parametrize(
    ("said", "want"),
    [
        (("i have a fever", "and my neck is ok, no, i have a stiff neck"), "live neck-fever"),
        (("i have a stiff neck", "39C"), "live neck-fever"),
        (("i have a fever", "what a day", "and a stiff neck"), "live neck-fever"),
        (("i have a fever", "is a stiff neck bad"), "none"),
        (("is a fever bad", "i have a stiff neck"), "none"),
        (("had a fever years ago", "i have a stiff neck"), "none"),
        (("no fever", "i have a stiff neck"), "none"),
        (("i have a fever", "no fever any more", "i have a stiff neck"), "none"),
        (("i have a fever", "had a fever years ago", "i have a stiff neck"), "none"),
        (("i have a fever", "cabin fever", "i have a stiff neck"), "live neck-fever"),
        (("cabin fever", "i have a stiff neck"), "none"),
        (("fever tree", "i have a stiff neck"), "none"),
        (("fever after the vaccine", "i have a stiff neck"), "none"),
        (("i have a fever", "stiff neck after the vaccine"), "none"),
        (("i have a fever", "vaccine was fine. i have a stiff neck"), "live neck-fever"),
        (("i have a fever", "i have a fever"), "none"),
        (("i have a rash", "it does itch"), "none"),
        (("my arm", "so cold"), "none"),
        (("i have many pills", "is it wrong to end it"), "live die"),
        (("is it many pills", "to end it"), "none"),
        (("my arm", "is it numb"), "none"),
        (("both arms. my arm", "it is numb"), "live numb"),
    ],
    ids=" / ".join,
)
def test_halves_in_two_messages(said: tuple[str, ...], want: str, bits: Triage, english: Language) -> None:
    assert outcome(talk(bits, english, *said)[-1].alert) == want


def test_what_raises_may_come_first(bits: Triage, english: Language) -> None:
    *_, heard = talk(bits, english, "it is both arms", "my arm is numb")

    assert heard.alert is not None
    assert heard.alert.tier is Tier.EMERGENCY


def test_what_lowers_counts_in_its_own_message_only(bits: Triage, english: Language) -> None:
    *_, heard = talk(bits, english, "i am on holiday", "my arm is numb")

    assert heard.alert is not None
    assert heard.alert.tier is Tier.URGENT_TODAY


def test_an_alarm_is_not_raised_again_by_the_next_innocent_message(bits: Triage, english: Language) -> None:
    first, second, third = talk(bits, english, "i have a fever", "i have a stiff neck", "how do i sleep with a stiff neck")

    assert first.alert is None
    assert outcome(second.alert) == "live neck-fever"
    assert (second.kept, second.added) == (frozenset(), ())
    assert third.alert is None


def test_a_lesser_alarm_leaves_what_could_come_to_more(bits: Triage, english: Language) -> None:
    first, second = talk(bits, english, "stiff neck for 4 weeks", "and a fever now")

    assert outcome(first.alert) == "live long"
    assert len(first.added) == 1
    assert outcome(second.alert) == "live neck-fever"


def test_the_hit_of_a_burst_names_the_words_of_its_own_message(bits: Triage, english: Language) -> None:
    *_, heard = talk(bits, english, "i have a fever", "i have a stiff neck")

    assert heard.alert is not None
    assert heard.alert.hits[0].words == ("stiff", "neck")


def test_ids_outlive_a_reload_and_strange_ones_are_let_go(bits: Triage, english: Language) -> None:
    again = Triage(read_red_flags(BITS), english, CONFUSABLES)
    (fever,) = bits.listen(normalise("i have a fever", english), frozenset()).added

    assert len(fever) == 8
    heard = again.listen(normalise("i have a stiff neck", english), frozenset({fever, "00000000"}))
    assert outcome(heard.alert) == "live neck-fever"
    assert again.listen(normalise("hello", english), frozenset({fever, "00000000"})).kept == {fever}


def test_the_least_dangerous_stands_first_and_is_dropped_first(bits: Triage, english: Language) -> None:
    numb, fever_neck = bits.listen(normalise("i have a stiff neck. numb", english), frozenset()).added

    assert outcome(bits.listen(normalise("my arm", english), frozenset({numb})).alert) == "live numb"
    assert outcome(bits.listen(normalise("a fever", english), frozenset({fever_neck})).alert) == "live neck-fever"


def test_what_can_wait_for_days_is_not_put_together_from_bits(bits: Triage, english: Language) -> None:
    first, second = talk(bits, english, "spasms for 4 weeks", "i have a stiff neck")

    assert first.added == ()
    assert second.alert is None


# --- carrying ---


GROUPS = st.dictionaries(st.text("abc", min_size=1, max_size=4), st.integers(0, 20), max_size=80)


@given(GROUPS, st.lists(st.text("abcd", min_size=1), unique=True))
def test_what_is_carried_is_bounded_and_stands_once(old: dict[str, int], added: list[str]) -> None:
    half_met = tuple(HalfMet(group, NOON - timedelta(minutes=minutes)) for group, minutes in old.items())
    heard = Heard(None, frozenset(half.group for half in half_met), tuple(added))

    after = carried_on(half_met, heard, NOON)

    groups = [half.group for half in after]
    assert len(groups) == len(set(groups)) <= MOST_HALF_MET
    assert groups[-len(added) :] == added[-MOST_HALF_MET:] or not added
    assert all(half.at == NOON for half in after if half.group in added)


def test_what_is_older_than_a_burst_is_forgotten() -> None:
    young, old = HalfMet("a", NOON - BURST), HalfMet("b", NOON - BURST - timedelta(seconds=1))

    assert still_waiting((old, young), NOON) == (young,)


@pytest.mark.parametrize(("wait", "alarmed"), [(BURST, True), (BURST + timedelta(seconds=1), False)], ids=["in time", "too late"])
def test_a_conversation_joins_two_messages_within_ten_minutes(wait: timedelta, alarmed: bool, snapshot: Snapshot) -> None:
    first = respond(Utterance("i have a fever", NOON), snapshot, Context())
    second = respond(Utterance("and my neck is stiff", NOON + wait), snapshot, first.context)

    assert first.alert is None or not first.alert.live
    assert first.context.half_met
    assert (second.alert is not None and second.alert.live and second.alert.tier is Tier.EMERGENCY) is alarmed


def test_two_ordinary_messages_stay_ordinary(snapshot: Snapshot) -> None:
    first = respond(Utterance("my neck is stiff", NOON), snapshot, Context())
    second = respond(Utterance("how do i sleep?", NOON), snapshot, first.context)

    assert first.context.half_met
    assert second.alert is None


# --- a burst is the joined message ---

FACTS = ("i have a fever", "i have a stiff neck", "it is numb", "my arm", "i have many pills", "i end it", "hello there", "no idea why")


@given(st.lists(st.sampled_from(FACTS), min_size=2, max_size=5, unique=True))
def test_live_statements_come_to_the_same_in_bits_and_in_one(bits: Triage, english: Language, said: list[str]) -> None:
    """The highest tier that spoke in the course of the bits is that of the whole."""
    spoke = [heard.alert.tier for heard in talk(bits, english, *said) if heard.alert is not None and heard.alert.live]
    whole = bits.examine(normalise(". ".join(said), english))

    assert max(spoke, default=None) == (whole.tier if whole is not None else None)


@given(st.lists(st.text(max_size=60), max_size=4))
def test_any_messages_are_listened_to(triage: Triage, english: Language, said: list[str]) -> None:
    for heard in talk(triage, english, *said):
        assert len(set(heard.added)) == len(heard.added)


def _ordinary(snapshot: Snapshot, path: Path) -> list[str]:
    if path.is_file():
        return [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]
    return [ask for entry in snapshot.knowledge.entries for ask in entry.asks]


def test_ordinary_messages_alarm_in_bits_only_where_they_would_in_one(snapshot: Snapshot, english: Language) -> None:
    """Pairs of different people's questions: one message that held both would alarm as well, and it is rare."""
    rules = snapshot.triage.taught(None)
    said = _ordinary(snapshot, ORDINARY)
    texts = [normalise(each, english) for each in said]
    alone = [rules.listen(text, frozenset()) for text in texts]

    def alarms(heard: Heard) -> bool:
        return heard.alert is not None and heard.alert.live and heard.alert.tier >= Tier.URGENT_TODAY

    calm = [number for number, heard in enumerate(alone) if not alarms(heard)]
    assert len(calm) > PAIRS**0.5
    pairs = [(calm[number % len(calm)], calm[(number * 7_919 + 1) % len(calm)]) for number in range(PAIRS)]
    alarmed = [(one, other) for one, other in pairs if alarms(rules.listen(texts[other], frozenset(alone[one].added)))]

    for one, other in alarmed:
        assert alarms(rules.listen(normalise(said[one] + ". " + said[other], english), frozenset())), (said[one], said[other])
    assert len(alarmed) <= RARE * len(pairs)
