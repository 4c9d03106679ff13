"""The mistakes that authors make, planted in a good kitchen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.knowledge.loader import read_draft
from bot.knowledge.signing import content_hash, flag_hash
from tests.kitchen import DANGERS, ENTRIES

EGGS, BREAD, FLAGS = "entries/eggs.yaml", "entries/bread.yaml", "red_flags.yaml"
NUMBERS: Mapping[str, str] = {
    "numbers.yaml": """\
checked: 2999-01-01
anywhere: {name: Anywhere, emergency: a shout, nurse: your mother, poison: a shout, listen: your friends}
regions:
  uk: {name: UK, emergency: "1"}
""",
}
EXAMPLES: Mapping[str, str] = {
    "examples_danger.yaml": "gas:\n  emergency:\n    - it smells of gas by the stove\n    - the kitchen reeks of gas\n",
    "examples_harmless.yaml": "- the gas bill came\n- we cook with gas\n",
}
GOOD: Mapping[str, str] = {**ENTRIES, **DANGERS}
LAST_ANSWER = "  answer: Sprinkle it with water and bake it for five minutes, or make crumbs of it.\n"
SHORT = "Wait until it is done, then eat it. "
HARD = "Undertake rehydration preparatory to considerable refrigeration, facilitating satisfactory gelatinisation characteristics everywhere.\n"
ONE_SENTENCE = "  more: You take it and you cut it and you toast it and you eat it and then you do it all again for as long as any of it is left.\n"


def of_good(file: str, old: str, new: str) -> dict[str, str]:
    """The good file with one change."""
    assert GOOD[file].count(old) == 1
    return {file: GOOD[file].replace(old, new)}


def below_last(text: str) -> dict[str, str]:
    """Something more in the last entry of the bread file."""
    return {BREAD: GOOD[BREAD] + text}


def signed(day: str, folder: Path) -> dict[str, str]:
    """The last entry of the bread file, signed as it is on a *day*."""
    entry = next(entry for entry, _ in read_draft(folder).entries if entry.id == "stale-bread")
    return below_last(f"  reviewed: {{by: A. Cook, role: cook, date: {day}, hash: {content_hash(entry)}}}\n")


def flag_signed(day: str, folder: Path) -> dict[str, str]:
    """The last red flag, signed as it is on a *day*."""
    draft = read_draft(folder)
    assert draft.red_flags is not None
    assert draft.messages is not None
    digest = flag_hash(draft.red_flags.flags[-1], draft.red_flags, draft.messages)
    return {FLAGS: GOOD[FLAGS] + f"    reviewed: {{by: A. Cook, role: cook, date: {day}, hash: {digest}}}\n"}


@dataclass(frozen=True)
class Mistake:
    """One that is planted in the good kitchen."""

    name: str
    plant: Mapping[str, str] | Callable[[Path], Mapping[str, str]]
    kind: str
    file: str
    at: str
    """Text that begins where the finding points; the last of its sort in the file."""
    cure: str
    """Words of the cure."""
    weight: str = "warning"


MISTAKES = (
    Mistake(
        "a stolen phrasing",
        of_good(BREAD, "    - rescue a hard loaf\n", "    - minutes to boil a hard egg with a runny yolk\n"),
        "stolen", BREAD, "minutes to boil a hard egg", "contrast under `not`",
    ),
    Mistake(
        "a red flag that is silenced", of_good(FLAGS, "fires_on: [i smell gas]", "fires_on: [i smell gas, smoke in the hall]"),
        "silenced", FLAGS, "smoke in the hall", "should raise it live", "problem",
    ),
    Mistake("an overdue review", lambda folder: signed("2020-01-31", folder), "overdue", BREAD, "2020-01-31", "have it reviewed again"),
    Mistake("an overdue review of a flag", lambda folder: flag_signed("2020-01-31", folder), "overdue", FLAGS, "2020-01-31", "and signed anew"),
    Mistake("a review of tomorrow's tomorrow", lambda folder: signed("2999-01-31", folder), "ahead", BREAD, "2999-01-31", "write the day on which"),
    Mistake(
        "a voided signature", below_last("  reviewed: {by: A. Cook, role: cook, date: 2020-01-31, hash: 0123456789abcdef}\n"),
        "voided", BREAD, "0123456789abcdef", "have it reviewed again",
    ),
    Mistake("facts checked long ago", below_last("  checked: {by: A. Cook, date: 2020-01-31}\n"), "overdue", BREAD, "2020-01-31", "compare them"),
    Mistake(
        "numbers looked up long ago", {"numbers.yaml": NUMBERS["numbers.yaml"].replace("2999", "2020")},
        "overdue", "numbers.yaml", "2020-01-01", "look each up again",
    ),
    Mistake(
        "a typo in a related id", of_good(EGGS, "related: [fried-eggs, old-eggs]", "related: [fried-eggs, old-egs]"),
        "inconsistent", EGGS, "old-egs", "did you mean 'old-eggs'?", "problem",
    ),
    Mistake("a note that there is not", below_last("  note: keep-cold\n"), "inconsistent", BREAD, "keep-cold", "write one that there is", "problem"),
    Mistake("an answer too long", below_last(f"  more: {SHORT * 30}\n"), "too-long", BREAD, "Sprinkle it", "shorten them"),
    Mistake(
        "an opening too long", of_good(BREAD, LAST_ANSWER, f"  answer: {SHORT * 8}\n"), "too-long", BREAD, SHORT * 8, "end its first paragraph sooner"
    ),
    Mistake(
        "a phrasing under two entries", of_good(BREAD, "    - rescue a hard loaf\n", "    - how do i knead\n"),
        "inconsistent", BREAD, "how do i knead", "leave it to one of them", "problem",
    ),
    Mistake(
        "a phrasing that adds nothing", of_good(BREAD, "    - rescue a hard loaf\n", "    - leftover toast recipes\n"),
        "adds-nothing", BREAD, "leftover toast recipes", "another way to say it", "note",
    ),
    Mistake(
        "too few phrasings", {BREAD: GOOD[BREAD] + "- id: toast\n  title: Toast\n  asks:\n    - burnt toast\n  answer: Scrape it.\n"},
        "too-few", BREAD, "- burnt toast", "add some under `asks`",
    ),
    Mistake(
        "an unknown key", of_good(BREAD, "  keywords: [stale,", "  keyword: [stale,"),
        "malformed", BREAD, "keyword:", "did you mean 'keywords'?", "problem",
    ),
    Mistake(
        "a tab", of_good(BREAD, "  keywords: [stale,", "\tkeywords: [stale,"), "unreadable", BREAD, "\tkeywords", "indent with spaces", "problem"
    ),
    Mistake("a line too far in", of_good(BREAD, "  keywords: [stale,", "   keywords: [stale,"), "unreadable", BREAD, "keywords", "indent", "problem"),
    Mistake(
        "a duplicate id", of_good(BREAD, "- id: stale-bread", "- id: knead-dough"),
        "inconsistent", BREAD, "knead-dough", "give one of the two", "problem",
    ),
    Mistake(
        "a duplicate key", below_last("  title: Old bread\n"), "unreadable", BREAD, "title: Old bread", "delete one of them", "problem"
    ),
    Mistake("an unsourced fact", below_last("  unsourced: true\n"), "unsourced", BREAD, "true", "find who says so", "note"),
    Mistake(
        "an example against another", {**EXAMPLES, "examples_harmless.yaml": "- the gas bill came\n- It smells of gas, by the stove!\n"},
        "inconsistent", "examples_harmless.yaml", "It smells of gas", "keep the one that is right", "problem",
    ),
    Mistake("hard words", of_good(BREAD, LAST_ANSWER, f"  answer: {HARD}"), "hard-to-read", BREAD, HARD, "shorter sentences"),
    Mistake("a long sentence", below_last(ONE_SENTENCE), "long-sentence", BREAD, "You take it", "make two of it"),
    Mistake(
        "a way to ask that alarms", of_good(BREAD, "    - rescue a hard loaf\n", "    - i smell gas when i bake a hard loaf\n"),
        "alarmed", BREAD, "i smell gas", "under `fires_on` of 'gas'",
    ),
    Mistake(
        "a test that leads elsewhere", of_good(EGGS, "hits: [how long to boil eggs]", "hits: [goodbye]"),
        "untrue", EGGS, "goodbye", "under `asks`", "problem",
    ),
    Mistake(
        "nothing that tries an entry", of_good(EGGS, "    hits: [how long to boil eggs]\n", ""),
        "untested", EGGS, "boiled-eggs\n", "tests: hits:", "note",
    ),
)  # fmt: skip
