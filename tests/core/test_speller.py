"""Typo repair: by spelling, by sound, and never at a price."""

from collections.abc import Callable

import jellyfish
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from bot.core.speller import ONE_EDIT_FROM, TWO_EDITS_FROM, Speller

COUNTS = {"neck": 50, "spasm": 20, "muscle": 10, "headache": 5, "shoulder": 4, "stiff": 3, "massage": 2, "pillow": 2, "numb": 1, "38": 1}


def make_speller(*, real_words: str = "", confusables: tuple[str, ...] = (), sound: Callable[[str], str] | None = None) -> Speller:
    return Speller(COUNTS, real_words=frozenset(real_words.split()), confusables=[frozenset(pair.split()) for pair in confusables], sound=sound)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        pytest.param("neck", "neck", id="known"),
        pytest.param("nexk", "neck", id="one letter wrong"),
        pytest.param("spsm", "spasm", id="one letter missing"),
        pytest.param("spassm", "spasm", id="one letter too many"),
        pytest.param("muscel", "muscle", id="neighbours swapped"),
        pytest.param("eck", "neck", id="three letters, one left out"),
        pytest.param("nex", "nex", id="three letters are too few for another slip"),
        pytest.param("mxsclx", "mxsclx", id="two edits in six letters"),
        pytest.param("haedakhe", "headache", id="two edits in eight letters"),
        pytest.param("hxexaxhe", "hxexaxhe", id="three edits in eight letters"),
        pytest.param("n3ck", "n3ck", id="holds a digit"),
        pytest.param("39", "39", id="a number near a number"),
        pytest.param("", "", id="nothing"),
        pytest.param("шея", "шея", id="another script"),
        pytest.param("p" * 4_000, "p" * 4_000, id="as long as a message"),
    ],
)
def test_a_word_is_repaired_within_the_edits_its_length_allows(typed: str, meant: str) -> None:
    assert make_speller().repair(typed) == meant


def test_a_real_word_is_left_alone() -> None:
    assert make_speller().repair("stuff") == "stiff"
    assert make_speller(real_words="stuff staff").repair("stuff") == "stuff"


@pytest.mark.parametrize("pair", ["nunb numb", "numb nunb"], ids=["one way round", "the other"])
def test_confusables_never_become_one_another(pair: str) -> None:
    assert make_speller().repair("nunb") == "numb"
    assert make_speller(confusables=(pair,)).repair("nunb") == "nunb"


def test_a_confusable_may_still_become_something_else() -> None:
    speller = Speller({"heel": 9, "hear": 1}, confusables=[frozenset({"heal", "heel"})])

    assert speller.repair("heal") == "hear"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("nek", "neck"), ("spazzim", "spasm"), ("stiph", "stiff"), ("hedayk", "hedayk"), ("ne", "ne"), ("shay", "shay")],
    ids=["nek", "spazzim", "stiph", "sounds otherwise", "too short to hear", "like nothing known"],
)
def test_what_is_written_by_ear_is_heard(typed: str, meant: str) -> None:
    assert make_speller(sound=jellyfish.metaphone).repair(typed) == meant


def test_without_ears_only_the_spelling_counts() -> None:
    assert make_speller().repair("hedeik") == "hedeik"


def test_words_without_a_sound_are_not_alike() -> None:
    """Metaphone hears nothing in "ghgh", and that nothing is like no other."""
    assert jellyfish.metaphone("ghgh") == jellyfish.metaphone("www") == ""
    assert Speller({"ghgh": 1}, sound=jellyfish.metaphone).repair("www") == "www"


@pytest.mark.parametrize(
    ("counts", "meant"),
    [
        pytest.param({"shoulder": 1, "sxyulder": 99}, "shoulder", id="the nearer one first"),
        pytest.param({"shoulder": 1, "xsoulder": 99}, "shoulder", id="then the one with the same first letter"),
        pytest.param({"shoulder": 9, "soulders": 1}, "shoulder", id="then the more frequent"),
        pytest.param({"soulders": 9, "shoulder": 1}, "soulders", id="in either order"),
        pytest.param({"soulders": 1, "shoulder": 1}, "shoulder", id="then the alphabet"),
    ],
)
def test_one_word_wins_whatever_the_order(counts: dict[str, int], meant: str) -> None:
    assert Speller(counts).repair("soulder") == meant


def test_thresholds_can_be_raised() -> None:
    strict = Speller(COUNTS, one_edit_from=6, two_edits_from=9)

    assert strict.repair("nexk") == "nexk"
    assert strict.repair("muscel") == "muscle"
    assert strict.repair("haedakhe") == "haedakhe"


def test_what_is_remembered_is_bounded_and_changes_nothing() -> None:
    speller = make_speller()
    letters = "abcdefghijklmnopqrstuvwxyz"
    strange = [f"zq{a}{b}{c}q" for a in letters for b in letters for c in letters + "ABCDEF"]

    assert len(strange) > 20_001
    assert all(speller.repair(word) == word for word in strange)
    assert speller.repair("muscel") == speller.repair("muscel") == "muscle"


@given(
    st.text(st.characters(exclude_categories=()), max_size=40)
    | st.sampled_from(sorted(COUNTS)).flatmap(lambda word: st.permutations(word).map("".join))
)
def test_a_repaired_word_is_known_and_stays(typed: str) -> None:
    speller = make_speller(sound=jellyfish.metaphone)
    meant = speller.repair(typed)

    assert meant == typed or meant in COUNTS
    assert speller.repair(meant) == meant


_WORDS = st.text("abcdeé", min_size=1, max_size=10)


@given(known=st.lists(_WORDS, min_size=1, max_size=20), typed=_WORDS)
def test_no_word_within_reach_is_passed_over(known: list[str], typed: str) -> None:
    """However few words are compared letter by letter, what is repaired to is as near as the nearest of all."""
    meant = Speller(dict.fromkeys(known, 1)).repair(typed)
    limit = 2 if len(typed) >= TWO_EDITS_FROM else 1 if len(typed) >= ONE_EDIT_FROM else 0
    distances = [OSA.distance(typed, word) for word in known]

    if typed in known:
        assert meant == typed
    elif limit and min(distances) <= limit:
        assert OSA.distance(typed, meant) == min(distances)
    elif limit:
        assert meant == typed
