"""How the engine judges: what counts, what is denied, over, asked about, somebody else's, and what is a number."""

from __future__ import annotations

import pytest

from bot.core.content import Tier
from bot.core.language import Language
from bot.core.model import Alert
from bot.core.text import normalise
from bot.core.triage import finder
from bot.core.triage.engine import Triage
from bot.core.triage.rules import RedFlags
from tests.core.triage.conftest import BITS, CONFUSABLES, TOY, Examine, read_red_flags


def outcome(alert: Alert | None) -> str:
    """`none`, or the flags that count with `live` or `soft` before them."""
    return "none" if alert is None else " ".join(["live" if alert.live else "soft", *alert.flag_ids])


@pytest.mark.parametrize(
    ("said", "want"),
    [
        ("stiff neck and fever", "live neck-fever"),
        ("fever. my neck is so very stiff", "none"),
        ("fever. my stiff neck", "live neck-fever"),
        ("i am stiff in the neck and got a fever", "live neck-fever"),
        ("rigid like a board is my neck, fever too", "live neck-fever"),
        ("stiff shoulders, knees, elbows and neck, fever", "none"),
        ("stiff. neck. fever", "none"),
        ("a stiff neck", "none"),
        ("", "none"),
    ],
)
def test_words_are_met_in_order_and_near_one_another(said: str, want: str, toy: Examine) -> None:
    assert outcome(toy(said)) == want


@pytest.mark.parametrize(
    "said",
    [
        "no seizure",
        "i have not had a seizure",
        "never had a seizure",
        "without any seizure",
        "no headache, vomiting or seizure",
        "no headache or vomiting",
        "neither vomiting nor seizure",
        "denies vomiting",
        "seizure ruled out",
        "it started at home, my seizure was ruled out",
        "no nausea and vomiting",
        "i do not think i am confused",
    ],
)
def test_what_is_denied_is_silent(said: str, toy: Examine) -> None:
    assert toy(said) is None


@pytest.mark.parametrize(
    "said",
    [
        "no fever but vomiting",
        "no fever and he is vomiting",
        "no fever, i am vomiting",
        "no fever, vomiting since noon",
        "no, vomiting",
        "no fever. vomiting",
        "not drunk, just confused",
        "no headache today yet one two three four five six seven confused",
        "came without warning, seizure",
        "no relief, vomiting",
        "no idea why, confused",
        "not only confused",
        "she will not stop vomiting",
        "not getting better, vomiting",
        "never felt like this before, vomiting",
        "it is not like she is not confused",
        "no fever yesterday, vomiting yesterday",
        "confused, he is not there mentally",
        "confused. ruled out a cold",
        "confused here among many other strange new people, cold ruled out",
    ],
)
def test_what_only_looks_denied_fires(said: str, toy: Examine) -> None:
    alert = toy(said)

    assert alert is not None
    assert alert.live


def test_a_sign_denied_in_one_clause_and_there_in_another_is_there(toy: Examine) -> None:
    assert outcome(toy("stiff neck. no fever yesterday. fever today")) == "live neck-fever"


@pytest.mark.parametrize(
    ("said", "want"),
    [
        ("had a stiff neck and fever last year", "none"),
        ("stiff neck and fever five years ago", "none"),
        ("when i was a kid i had a stiff neck and fever", "none"),
        ("when i was a kid, i had a stiff neck with fever", "none"),
        ("stiff neck and fever, years ago", "none"),
        ("stiff neck and fever in 2019", "none"),
        ("stiff neck and fever last month", "none"),
        ("stiff neck and fever, all better now", "none"),
        ("stiff neck and fever, not better now", "live neck-fever"),
        ("fever, stiff neck, now all gone limp", "live neck-fever"),
        ("stiff neck and fever that started last month", "live neck-fever"),
        ("my face drooped since birth", "none"),
        ("stiff neck and fever went away and came back", "live neck-fever"),
        ("stiff neck and fever since last year", "live neck-fever"),
        ("had a stiff neck with fever last year and it is a stiff neck with fever again", "live neck-fever"),
        ("my face drooped for ten minutes, fine now", "live face"),
        ("my face drooped last month", "live face"),
        ("my face drooped years ago", "none"),
        ("had cancer five years ago and a headache", "live illness-once-had"),
        ("i was suicidal years ago", "soft die"),
    ],
)
def test_time(said: str, want: str, toy: Examine) -> None:
    assert outcome(toy(said)) == want


@pytest.mark.parametrize(
    ("said", "want"),
    [
        ("is a stiff neck with fever bad", "soft neck-fever"),
        ("hi, can a stiff neck and a fever mean anything?", "soft neck-fever"),
        ("the signs of a stiff neck with fever", "soft neck-fever"),
        ("is my stiff neck and fever bad", "live neck-fever"),
        ("is a stiff neck and a fever of 39 bad", "live neck-fever"),
        ("is a stiff neck with fever since last night bad", "live neck-fever"),
        ("do not know, stiff neck and fever", "live neck-fever"),
        ("had a stiff neck and fever", "live neck-fever"),
        ("why is the neck so stiff neck fever", "live neck-fever"),
        ("what if i get a stiff neck and fever", "soft neck-fever"),
        ("what happens if somebody has a stiff neck and fever", "soft neck-fever"),
        ("what if one day i get a stiff neck and fever", "soft neck-fever"),
        ("is my stiff neck and fever bad if my wife gets the same one every night", "live neck-fever"),
        ("for one day a stiff neck and fever", "live neck-fever"),
        ("it is as if i had a stiff neck and fever", "live neck-fever"),
        ("how do i know a stiff neck with fever", "soft neck-fever"),
        ("is a stiff neck with fever bad? it started at noon", "live neck-fever"),
        ("is a stiff neck with fever bad? thanks", "soft neck-fever"),
        ("what is meningitis", "soft neck-fever"),
        ("meningitis", "none"),
        ("my meningitis leaflet", "none"),
        ("is there a painless way", "live die"),
        ("i cannot cope anymore", "soft die"),
        ("why", "none"),
    ],
)
def test_asking_and_imagining_are_soft(said: str, want: str, toy: Examine) -> None:
    assert outcome(toy(said)) == want


@pytest.mark.parametrize(
    ("said", "want"),
    [
        ("my wife is confused", "live face"),
        ("in the film he is confused", "none"),
        ("saw a film and i am confused", "live face"),
        ("in my novel the king is confused", "none"),
        ("asking for a friend: she wants to die", "live die"),
    ],
)
def test_whose_it_is(said: str, want: str, toy: Examine) -> None:
    assert outcome(toy(said)) == want


@pytest.mark.parametrize(
    ("said", "want"),
    [
        ("hay fever and a stiff neck", "none"),
        ("stiff neck, hay fever and a fever", "live neck-fever"),
        ("this pain is killing me and i want to die", "live die"),
        ("fever tree tonic and a stiff neck", "none"),
        ("confused at the dentist", "none"),
        ("confused at the dentist. confused at home", "live face"),
        ("confused, no dentist", "live face"),
    ],
)
def test_idioms_and_lookalikes_take_only_their_own_words_away(said: str, want: str, toy: Examine) -> None:
    assert outcome(toy(said)) == want


@pytest.mark.parametrize(
    ("said", "want"),
    [
        ("stiff neck and 39C", "live neck-fever"),
        ("stiff neck and 37C", "none"),
        ("101 fever, stiff neck", "live neck-fever"),
        ("headache and 190/100", "live pressure"),
        ("headache and 150/125", "live pressure"),
        ("headache and 150/90", "none"),
        ("took 20 tablets", "live too-many"),
        ("took twenty tablets", "live too-many"),
        ("took 2 tablets", "none"),
        ("took 20 minutes for the tablet", "none"),
        ("6000 mg of paracetamol", "live too-many"),
        ("im 63, new headache", "live old"),
        ("im 33, new headache", "none"),
        ("spasm for 4 weeks", "live long"),
        ("spasm for four days", "none"),
        ("30 weeks pregnant", "live long"),
    ],
)
def test_numbers_with_their_units(said: str, want: str, toy: Examine) -> None:
    assert outcome(toy(said)) == want


@pytest.mark.parametrize(
    ("said", "want"),
    [
        ("siezure", "live face"),
        ("vomitting", "live face"),
        ("num ness", "none"),
        ("numbers", "none"),
        ("stuff neck and fever", "none"),
    ],
)
def test_only_long_words_are_repaired(said: str, want: str, toy: Examine) -> None:
    assert outcome(toy(said)) == want


def test_groups_may_be_met_in_different_clauses_unless_the_rule_says_otherwise(toy: Examine) -> None:
    assert outcome(toy("fever. also. stiff neck")) == "live neck-fever"
    assert outcome(toy("rash and itch")) == "live both-here"
    assert toy("rash. itch") is None


def test_a_rule_may_raise_the_flag_less_high(toy: Examine) -> None:
    alone, with_sign = toy("190/130"), toy("190/130 and a headache")

    assert alone is not None
    assert with_sign is not None
    assert (alone.tier, with_sign.tier) == (Tier.URGENT_TODAY, Tier.EMERGENCY)


def test_live_hits_come_first_then_tiers_then_the_order_of_the_file(toy: Examine) -> None:
    alert = toy("im 70 with a new headache. face drooping. i want to die. is a stiff neck with fever bad")

    assert alert is not None
    assert [(hit.flag_id, hit.soft) for hit in alert.hits] == [("die", False), ("face", False), ("old", False), ("neck-fever", True)]


def test_a_hit_names_the_words_that_met_it(toy: Examine) -> None:
    alert = toy("honestly my nape is STIFF, a stiff nape and such a feverr")

    assert alert is not None
    assert alert.hits[0].words == ("stiff", "nape", "feverr")


def test_a_live_hit_outranks_a_soft_one_of_the_same_flag(toy: Examine) -> None:
    assert outcome(toy("is meningitis bad. stiff neck and fever")) == "live neck-fever"


def test_no_flags_raise_nothing(english: Language) -> None:
    assert Triage(RedFlags(), english, frozenset()).examine(normalise("i want to die", english)) is None


def test_a_language_without_cues_still_finds(english: Language) -> None:
    bare = Language("xx", "english")
    triage = Triage(read_red_flags(TOY), bare, CONFUSABLES)

    assert outcome(triage.examine(normalise("no want to die", bare))) == "live die"


def test_very_many_matches_are_thinned_and_not_lost(toy: Examine) -> None:
    alert = toy("stiff neck " * 300 + "fever")

    assert outcome(alert) == "live neck-fever"


def test_repeated_words_far_apart_are_searched_in_order(toy: Examine) -> None:
    assert outcome(toy("neck hand " * 9 + "and then rigid, with fever")) == "live neck-fever"
    assert toy("rigid " + "hand " * 45 + "neck " * 9 + "fever") is None
    assert toy("neck " + "hand " * 45 + "rigid fever") is None


def test_a_full_memory_of_words_starts_anew(english: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finder, "_CACHE_SIZE", 1)
    triage = Triage(read_red_flags(TOY), english, CONFUSABLES)

    assert outcome(triage.examine(normalise("one two three four stiff neck five six fever", english))) == "live neck-fever"


def test_a_topic_adds_cues_of_its_own(english: Language) -> None:
    """What the language leaves alone, because it speaks of the topic's own things."""
    said = normalise("stiff neck and fever, doctor says it is all in the mind of novelists", english)
    plain = Triage(read_red_flags(TOY), english, CONFUSABLES)
    told = Triage(read_red_flags(TOY + "\ncues:\n  stories: [novelists]\n"), english, CONFUSABLES)

    assert outcome(plain.examine(said)) == "live neck-fever"
    assert outcome(told.examine(said)) != "live neck-fever"


@pytest.mark.parametrize(
    ("said", "tier"),
    [
        ("my arm is numb", Tier.URGENT_TODAY),
        ("my arm is numb. both arms", Tier.EMERGENCY),
        ("my arm is numb, not both arms", Tier.URGENT_TODAY),
        ("my arm is numb for 4 months", Tier.GP_SOON),
        ("my arm is numb for 4 days", Tier.URGENT_TODAY),
        ("my arm is numb, both arms, for 4 months", Tier.EMERGENCY),
        ("so weak", Tier.URGENT_TODAY),
        ("so weak, i black out", Tier.CRISIS),
        ("so weak, i black out. both arms", Tier.CRISIS),
        ("falling down on holiday", Tier.CRISIS),
    ],
)
def test_what_is_said_beside_it_raises_or_lowers_a_tier(said: str, tier: Tier, english: Language) -> None:
    alert = Triage(read_red_flags(BITS), english, CONFUSABLES).examine(normalise(said, english))

    assert alert is not None
    assert alert.tier is tier


@pytest.mark.parametrize(("said", "alarm"), [("so weak", "own"), ("so weak, both arms", None), ("my arm is numb", None)])
def test_a_rule_speaks_with_its_own_alarm_at_its_own_tier(said: str, alarm: str | None, english: Language) -> None:
    """Its words are written for that tier; raised, it speaks as the flag does."""
    alert = Triage(read_red_flags(BITS), english, CONFUSABLES).examine(normalise(said, english))

    assert alert is not None
    assert alert.hits[0].alarm == alarm


@pytest.mark.parametrize(
    ("said", "seen"),
    [("my arm is numb, the doctor said rest", True), ("my arm is numb. no doctor said anything", False), ("my arm is numb", False)],
)
def test_an_alert_knows_whether_a_doctor_has_seen_it(said: str, seen: bool, english: Language) -> None:
    alert = Triage(read_red_flags(BITS), english, CONFUSABLES).examine(normalise(said, english))

    assert alert is not None
    assert alert.seen is seen


@pytest.mark.parametrize(
    ("said", "want"),
    [
        ("seizure? no", "none"),
        ("seizure? No.", "none"),
        ("confused? nope. vomiting: none", "none"),
        ("seizure none", "none"),
        ("headache yes, seizure no", "none"),
        ("had a seizure. no no", "none"),
        ("seizure? yes. vomiting? no", "live face"),
        ("seizure? no idea", "live face"),
        ("seizure, no", "live face"),
        ("no. i had a seizure", "live face"),
        ("no", "none"),
        ("seizure gone? no", "live face"),
        ("seizure stopped: no", "live face"),
        ("is the seizure over? no", "soft face"),
        ("a seizure after a long and tiring walk home? no", "live face"),
    ],
)
def test_a_bare_no_denies_the_short_statement_before_it(said: str, want: str, toy: Examine) -> None:
    """Not a long one, and not one that asks whether something has gone: then it is there still."""
    assert outcome(toy(said)) == want


@pytest.mark.parametrize(
    ("said", "want"),
    [
        ("my dog had a seizure", "none"),
        ("my dog suddenly had a seizure", "none"),
        ("his old cat has a seizure", "none"),
        ("my poor little dog had a seizure", "none"),
        ("the hero of it, the wizard has a seizure", "none"),
        ("my dog was barking and i had a seizure", "live face"),
        ("i had a seizure and my dog was scared", "live face"),
        ("my dog is sick. i keep vomiting", "live face"),
        ("my dog was there when my son had a seizure", "live face"),
        ("dog walk, then a seizure", "live face"),
        ("on a walk past the farm by the river the dog saw the seizure", "live face"),
    ],
)
def test_what_befalls_a_pet_or_a_figure_befalls_nobody(said: str, want: str, toy: Examine) -> None:
    assert outcome(toy(said)) == want
