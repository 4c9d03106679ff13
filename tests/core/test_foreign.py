"""Messages in other languages: told from ours by letters and words, and answered in their own."""

from __future__ import annotations

import dataclasses
import random
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.foreign import ANY_OTHER, SCRIPTS, ForeignIndex, OtherLanguage, OtherLanguages
from bot.core.language import Language
from bot.core.model import Alarm, Ambiguous, Answered, NoMatch, Notice
from bot.core.snapshot import Snapshot
from bot.core.text import utf16_units
from bot.core.wordlist import WordList
from bot.knowledge.document import Plain
from bot.knowledge.strict_yaml import parse_yaml
from tests.core.builders import say
from tests.disguises import no_punctuation

CASES = Path(__file__).parents[1] / "cases" / "languages.yaml"
NOT_TOLD = {"en", "unsure"}
SHORT_ENOUGH = 700
"""UTF-16 units: somebody in pain reads it on a phone."""


def read_cases() -> dict[str, list[str]]:
    """Return the messages by the code of their language."""
    plain: Plain = parse_yaml(CASES.read_bytes(), CASES.name).plain
    assert isinstance(plain, dict)
    return {code: [str(said) for said in each] for code, each in plain.items() if isinstance(each, list)}


BY_CODE = read_cases()
FOREIGN = [(said, code) for code, each in BY_CODE.items() if code not in NOT_TOLD for said in each]
OURS = [said for code in sorted(NOT_TOLD) for said in BY_CODE[code]]


@pytest.fixture(scope="module")
def index(snapshot: Snapshot) -> ForeignIndex:
    return snapshot.foreign


# --- which language -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("said", "code"), FOREIGN)
def test_a_message_in_another_language_is_told_by_its_name(said: str, code: str, index: ForeignIndex) -> None:
    assert index.find(said) == code


@pytest.mark.parametrize("said", OURS)
def test_what_is_english_or_says_too_little_is_not_foreign(said: str, index: ForeignIndex) -> None:
    assert index.find(said) == ""


def test_there_are_messages_in_every_language_with_words_of_its_own(snapshot: Snapshot) -> None:
    known = {each.code for each in snapshot.knowledge.others.languages}

    assert len(FOREIGN) > 450
    assert len(OURS) > 150
    assert set(BY_CODE) - NOT_TOLD - {ANY_OTHER} <= known
    assert known - set(BY_CODE) == {"sr", "ne", "kn", "ml"}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("कृपया मलाई भन्नुहोस् मेरो घाँटी किन दुख्छ", "ne"),
        ("боли ме врат и не могу да окренем главу, шта да радим", "sr"),
        ("ನನ್ನ ಕುತ್ತಿಗೆ ನೋಯುತ್ತಿದೆ", "kn"),
        ("എന്റെ കഴുത്ത് വേദനിക്കുന്നു", "ml"),
        ("ᐃᓄᒃᑎᑐᑦ ᐅᖃᐅᓯᖅ", ANY_OTHER),
    ],
)
def test_languages_with_few_words_are_told_by_their_letters(said: str, code: str, index: ForeignIndex) -> None:
    assert index.find(said) == code


def test_our_own_sentences_are_ours(snapshot: Snapshot) -> None:
    """Titles, phrasings and red flags: whatever an author writes in English is read as English."""
    knowledge = snapshot.knowledge
    said = [ask for entry in knowledge.entries for ask in (entry.title, *entry.asks, *entry.hits)]
    said += [fires for flag in knowledge.red_flags.flags for fires in (*flag.fires_on, *flag.silent_on, *flag.soft_on)]
    assert len(said) > 3_000

    assert [each for each in said if snapshot.foreign.find(each)] == []


def test_mistakes_of_typing_make_no_other_language(snapshot: Snapshot) -> None:
    chance = random.Random(11)  # noqa: S311
    asks = [ask for entry in snapshot.knowledge.entries for ask in entry.asks]
    taken = []
    for _ in range(2_000):
        words = chance.choice(asks).split()
        for number, word in enumerate(words):
            at = chance.randrange(len(word))
            if len(word) > 3 and chance.random() < 0.3:
                words[number] = word[:at] + chance.choice("aeiounrst") + word[at + 1 :]
        taken += [" ".join(words)] if snapshot.foreign.find(" ".join(words)) else []

    assert len(taken) <= 2


@pytest.mark.parametrize(
    "change",
    [str.upper, str.title, no_punctuation, lambda said: f"  {said} 🙏", lambda said: unicodedata.normalize("NFD", said), lambda said: said + " 112"],
    ids=["shouted", "titled", "unpunctuated", "emoji", "decomposed", "number"],
)
def test_writing_habits_do_not_hide_a_language(change: object, index: ForeignIndex) -> None:
    assert callable(change)
    # In capitals a Turkish ı and i become one letter, which leaves two rare words too little to be told by.
    hidden = [said for said, code in FOREIGN if index.find(change(said)) != code]

    assert hidden in ([], ["kafamı çeviremiyorum"])


@pytest.mark.parametrize("said", ["еsсаре", "nесk hurts wоrse", "mу nеck is stіff", "ｎｅｃｋ ｐａｉｎ", "𝐧𝐞𝐜𝐤 𝐩𝐚𝐢𝐧", "n̶e̶c̶k̶ p̶a̶i̶n̶"])
def test_english_in_disguise_is_english(said: str, index: ForeignIndex) -> None:
    assert index.find(said) == ""


@pytest.mark.parametrize("said", ["see https://ejemplo.es/dolor-de-cuello-y-espalda", "dolor.cuello@ejemplo.es", "@mi_cuello_duele", "/hola"])
def test_addresses_and_names_of_accounts_are_no_words(said: str, index: ForeignIndex) -> None:
    assert index.find(said) == ""


def test_a_word_said_again_says_nothing_more(index: ForeignIndex) -> None:
    assert index.find("yo") == index.find("yo yo yo yo") == ""


@given(st.text())
def test_any_text_has_a_known_code_or_none(text: str) -> None:
    found = SMALL.find(text)

    assert found in {"", ANY_OTHER, "aa", "bb", "cc", "dd"}


# --- a bot that reads something else --------------------------------------------------------------------------------

AA = OtherLanguage("aa", "A", "latin", "é", "mira tete* le")
BB = OtherLanguage("bb", "B", "latin", "éü", "mira bunto")
CC = OtherLanguage("cc", "C", "cyrillic", "", "что")
DD = OtherLanguage("dd", "D", "cyrillic", "ї", "що")
READS = Language("en", "", stop_words=frozenset({"the", "le"}), real_words=WordList.of(["hand"]))
SMALL = ForeignIndex(READS, OtherLanguages((AA, BB, CC, DD), "Taxi"))


@pytest.mark.parametrize(
    ("said", "code"),
    [
        pytest.param("mira", "aa", id="of two alike the first"),
        pytest.param("mira bunto", "bb", id="the one with more of its words"),
        pytest.param("tetera", "aa", id="a beginning"),
        pytest.param("tet", "", id="too short a beginning"),
        pytest.param("mira the hand", "", id="ours weighs more"),
        pytest.param("mira hand", "", id="one against one"),
        pytest.param("mira bunto hand", "bb", id="two against one"),
        pytest.param("mira le", "aa", id="a word of both speaks against the other alone"),
        pytest.param("mira taxi", "aa", id="a word of everybody"),
        pytest.param("vié lüé", "bb", id="letters"),
        pytest.param("vié", "", id="one word with strange letters may be a name"),
        pytest.param("mira x1 one two three four five six seven", "", id="one word of many"),
        pytest.param("что", "cc", id="letters of a script, and a word"),
        pytest.param("щщ", "cc", id="letters of a script alone"),
        pytest.param("їж що", "dd", id="the other of the script"),
        pytest.param("что the neck", "", id="fewer letters than ours"),
        pytest.param("αβγ δεζ", ANY_OTHER, id="a script nobody knows"),
        pytest.param("я", "", id="one letter is no word"),
        pytest.param("首", ANY_OTHER, id="but in Chinese"),
        pytest.param("", "", id="nothing"),
        pytest.param("x'mira d'bunto", "bb", id="behind an apostrophe"),
    ],
)
def test_letters_and_words_are_weighed(said: str, code: str) -> None:
    assert SMALL.find(said) == code


def test_a_bot_does_not_take_its_own_language_for_another() -> None:
    others = OtherLanguages((AA, CC, DD))
    latin, cyrillic = (ForeignIndex(Language(code, ""), others) for code in ("aa", "cc"))

    assert (latin.find("mira"), latin.find("что")) == ("", "cc")
    assert (cyrillic.find("mira"), cyrillic.find("что"), cyrillic.find("їж")) == ("aa", "", "")


def test_a_bot_that_knows_no_other_language_finds_none() -> None:
    assert ForeignIndex(Language("en", ""), OtherLanguages()).find("что") == ""


def test_a_long_message_costs_no_more_than_its_beginning(index: ForeignIndex) -> None:
    assert index.find("my neck hurts " * 40 + "me duele el cuello " * 200) == ""
    assert index.find("me duele el cuello " * 40 + "my neck hurts " * 200) == "es"


# --- what is said ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", [FOREIGN[0][0], "merci", "comment relâcher un torticolis svp", "首の後ろが痛い", "mujhe gardan me dard hai"])
def test_it_is_said_in_that_language_and_the_talk_goes_on_as_it_was(said: str, snapshot: Snapshot) -> None:
    before = say("ice or heat?", snapshot).context
    turn = say(said, snapshot, before)
    code = snapshot.foreign.find(said)
    words = snapshot.knowledge.messages

    assert turn.outcome == NoMatch(code)
    assert turn.reason == f"another language: {code}"
    assert turn.reply == Notice(f"{words.other_languages[code]}\n\n{words.say('only_my_language')}")
    assert dataclasses.replace(turn.context, at=before.at, half_met=before.half_met) == before


def test_letters_nobody_knows_get_the_line_in_several_languages(snapshot: Snapshot) -> None:
    turn = say(BY_CODE[ANY_OTHER][0], snapshot)

    assert turn.outcome == NoMatch(ANY_OTHER)
    assert turn.reply == Notice(snapshot.knowledge.messages.other_languages[ANY_OTHER].strip())


@pytest.mark.parametrize(
    "said",
    [
        "mi padre chest pain cannot breathe",
        "hola, mi marido face drooping and slurred speech, ayuda",
        "ich habe chest pain und kann nicht breathe, cannot breathe",
        "помогите chest pain cannot breathe, что делать, очень болит шея и голова",
    ],
)
def test_a_red_flag_among_foreign_words_still_fires(said: str, snapshot: Snapshot) -> None:
    turn = say(said, snapshot)

    assert isinstance(turn.reply, Alarm)
    assert turn.alert is not None
    assert turn.alert.live


def test_a_danger_asked_about_among_foreign_words_opens_the_reply(snapshot: Snapshot) -> None:
    asked = "hola buenos días, what are the signs of meningitis? me duele el cuello, la cabeza, la espalda, los hombros y no sé qué hacer"
    turn = say(asked, snapshot)

    assert turn.outcome == NoMatch("es")
    assert turn.alert is not None
    assert not turn.alert.live
    assert isinstance(turn.reply, Notice)
    assert not turn.reply.text.startswith(snapshot.knowledge.messages.other_languages["es"])
    assert snapshot.knowledge.messages.other_languages["es"] in turn.reply.text


@pytest.mark.parametrize("said", ["mi cuello is killing me, ice or heat?", "my neck: ice or heat, danke", "hola, ice or heat for a stiff neck?"])
def test_what_is_half_english_is_answered(said: str, snapshot: Snapshot) -> None:
    outcome = say(said, snapshot).outcome

    assert isinstance(outcome, Answered | Ambiguous)
    assert outcome.entry_ids[0] == "ice-or-heat"


def test_without_a_text_in_it_a_language_is_none_of_our_business(snapshot: Snapshot) -> None:
    knowledge = snapshot.knowledge
    silent = dataclasses.replace(knowledge, messages=dataclasses.replace(knowledge.messages, other_languages={}))
    turn = say("me duele la rodilla, hola", dataclasses.replace(snapshot, knowledge=silent))

    assert not isinstance(turn.outcome, NoMatch) or turn.outcome.language == ""


def test_every_language_has_a_short_text_that_says_when_to_call(snapshot: Snapshot) -> None:
    texts, others = snapshot.knowledge.messages.other_languages, snapshot.knowledge.others

    assert texts.keys() == {*(each.code for each in others.languages), ANY_OTHER}
    assert len(others.languages) >= 50
    assert len(set(texts.values())) == len(texts)
    for code, text in texts.items():
        assert "112" in text or "۱۱۲" in text, code
        assert code == ANY_OTHER or utf16_units(text) <= SHORT_ENOUGH, code


def test_each_text_is_in_the_letters_of_its_language(snapshot: Snapshot) -> None:
    """So no text stands under a neighbour's name: what the bot says is itself told as that language."""
    texts, found = snapshot.knowledge.messages.other_languages, snapshot.foreign.find
    alike = {"da": {"da", "nb"}, "nb": {"da", "nb"}, "id": {"id", "ms"}, "ms": {"id", "ms"}}

    assert {each.script for each in snapshot.knowledge.others.languages} <= SCRIPTS
    assert [code for code, text in texts.items() if code != ANY_OTHER and found(text) not in alike.get(code, {code})] == []
