"""How often a message is taken for another language: `python -m benchmarks.other_languages [KNOWLEDGE] [MESSAGES]`.

First every sentence of a knowledge folder, those that are taken for another language listed, to be read: some are. Then the same sentences with
mistakes of typing in ever more of their words. With MESSAGES, a folder of labelled `.jsonl` files: of those labelled `language` how many are
told by their right name, and how many of all others are taken for one.
"""

from __future__ import annotations

import json
import random
import string
import sys
import timeit
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bot.core.foreign import ForeignIndex
from bot.core.knowledge import Knowledge
from bot.knowledge.loader import read_knowledge

_SHARES = (0.1, 0.3, 0.6, 1.0)
_DRAWS = 12_000
_SEED = 1_999
_TYPO_FROM = 3


def sentences(knowledge: Knowledge) -> Sequence[str]:
    """Return every message that stands anywhere in *knowledge*, each once."""
    said = [sentence for entry in knowledge.entries for sentence in (entry.title, *entry.asks, *entry.hits, *entry.misses, *entry.contrasts)]
    said += [sentence for talk in knowledge.smalltalk for sentence in talk.asks]
    said += [sentence for flag in knowledge.red_flags.flags for sentence in (*flag.fires_on, *flag.silent_on, *flag.soft_on)]
    said += [*knowledge.none, *(each.said for each in knowledge.examples.said), *(each.said for each in knowledge.questions.said)]
    return tuple(dict.fromkeys(said))


def mistyped(said: str, share: float, chance: random.Random) -> str:
    """Return *said* with one mistake in about this *share* of its words of three letters and more."""
    words = (_typo(word, chance) if len(word) >= _TYPO_FROM and chance.random() < share else word for word in said.split())
    return " ".join(words)


def _typo(word: str, chance: random.Random) -> str:
    at, letter = chance.randrange(len(word)), chance.choice(string.ascii_lowercase)
    turned = word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :]
    return chance.choice((word[:at] + word[at + 1 :], word[:at] + letter + word[at + 1 :], word[:at] + letter + word[at:], turned))


def _labelled(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield messages, each with the code of its language, empty for ours."""
    for path in sorted(folder.glob("*.jsonl")):
        for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            code = row["note"].removeprefix("sub=") if row["kind"] == "language" else ""
            yield from ((said, code) for said in row.get("turns") or [row["text"]])


def _print_typos(ours: Sequence[str], find: Callable[[str], str]) -> None:
    chance = random.Random(_SEED)  # noqa: S311
    for share in _SHARES:
        taken = sum(bool(find(mistyped(chance.choice(ours), share, chance))) for _ in range(_DRAWS))
        print(f"mistakes in {share:4.0%} of the words   {taken:3} of {_DRAWS}   {taken / _DRAWS:.3%}")


def main(knowledge: Path, messages: Path | None) -> None:
    """Print all of it."""
    read = read_knowledge(knowledge)
    index = ForeignIndex(read.language, read.others)
    said = sentences(read)
    taken = {sentence: code for sentence in said if (code := index.find(sentence))}
    for sentence, code in taken.items():
        print(f"  {code:8} {sentence[:120]}")
    seconds = timeit.timeit(lambda: [index.find(sentence) for sentence in said], number=1)
    print(f"{len(taken)} of {len(said)} sentences; {seconds / len(said) * 1e6:.0f} µs each")
    _print_typos([sentence for sentence in said if sentence not in taken], index.find)
    if messages is not None:
        labelled = list(_labelled(messages))
        foreign = [(each, code) for each, code in labelled if code]
        print(f"labelled: {sum(index.find(each) == code for each, code in foreign)} of {len(foreign)} in other languages by their name")
        print(
            f"labelled: {sum(bool(index.find(each)) for each, code in labelled if not code)} of {len(labelled) - len(foreign)} others taken for one"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "knowledge"), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
