"""Which entries steal phrasings from each other, and which phrasings teach nothing that another does not.

While the matcher learns it notes, for each phrasing, what would become of it had it not taught: the class nearest to it but its own, and by how
much its own still scores higher. A phrasing that its own entry would lose shows how somebody is answered who says the same in other words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bot.audit.findings import Finding, Weight
from bot.core.content import Entry
from bot.core.language import Language
from bot.core.matching.matcher import Matcher
from bot.core.matching.teach import Classes
from bot.core.snapshot import Snapshot
from bot.core.text import normalise
from bot.knowledge.document import Place
from bot.knowledge.draft import Draft
from bot.knowledge.wording import shown

LOST = -1.5
"""The margin from which on a phrasing is told of: nearer to nought another day's learning may turn it round."""
CLEARLY_LOST = -3.0
"""From which on it is worth a change. A unit is a logit: the odds are twenty to one against its own entry."""
OFTEN = 5
"""So many phrasings lost to one other entry are worth a word on both."""
_BLAMED = 3

Step = Callable[[], object]
"""Called once for each phrasing looked at."""


@dataclass(frozen=True, slots=True)
class _Lost:
    ask: str
    place: Place
    index: int
    margin: float


def collisions(draft: Draft, snapshot: Snapshot, step: Step = lambda: None) -> Iterator[Finding]:
    """Yield what is worth telling of the phrasings in *draft*, which *snapshot* was made from; the worst of each entry first.

    Kinds: `stolen`, a phrasing that another entry, a small talk or the none-class would take; `neighbours`, two entries of which one would take
    many of the other's; `adds-nothing`, a phrasing with the same telling words as an earlier one of its entry.
    """
    classes = Classes.of(snapshot.knowledge)
    names = (*classes.entry_ids, *classes.smalltalk_ids, "")
    language = snapshot.knowledge.language
    weights = snapshot.lessons.learned.weights
    judged = iter(zip(weights.rivals.tolist(), weights.margins.tolist(), strict=True))
    for entry, place in draft.entries:
        lost: defaultdict[str, list[_Lost]] = defaultdict(list)
        for index, ask in enumerate(entry.asks):
            step()
            rival, margin = next(judged)
            if margin < 0:
                lost[names[rival]].append(_Lost(ask, place, index, margin))
        stolen = sorted(((each, rival) for rival, found in lost.items() for each in found if each.margin < LOST), key=lambda pair: pair[0].margin)
        yield from (_stolen(each, rival, entry, snapshot) for each, rival in stolen)
        yield from (_neighbours(found, rival, entry) for rival, found in sorted(lost.items()) if rival and len(found) >= OFTEN)
        yield from _adding_nothing(entry, place, language)


def _stolen(lost: _Lost, rival: str, entry: Entry, snapshot: Snapshot) -> Finding:
    words = _to_blame(lost.ask, rival, snapshot.matcher, snapshot.knowledge.language)
    by = f" by {', '.join(map(shown, words))}" if words else ""
    if not rival:
        cure = f"say it in other words too, beginning with those that mark '{entry.id}', so that it is not taken for something else"
        what = f"were it not written here, {shown(lost.ask)} would be answered by nothing: no other phrasing of '{entry.id}' is like it; {cure}"
    else:
        cure = f"give '{entry.id}' more phrasings like it, or '{rival}' this as a contrast under `not`, or move it there if it is what that answers"
        what = f"were it not written here, {shown(lost.ask)} would go to '{rival}'{by}; {cure}"
    weight = Weight.WARNING if rival and lost.margin < CLEARLY_LOST else Weight.NOTE
    return Finding("stolen", weight, lost.place.problem(what, "asks", lost.index), words, (rival,) if rival else ())


def _neighbours(found: Sequence[_Lost], rival: str, entry: Entry) -> Finding:
    share = f"{len(found)} of {len(entry.asks)} phrasings"
    cure = "tell the two apart by contrasts under `not` in both, or make them one entry"
    what = f"'{rival}' would take {share} of '{entry.id}', each if it were not written there; {cure}"
    return Finding("neighbours", Weight.WARNING, found[0].place.problem(what, "asks"), (), (rival,))


def _to_blame(ask: str, rival: str, matcher: Matcher, language: Language) -> tuple[str, ...]:
    """Return the words of *ask* that speak loudest for *rival*, an entry."""
    ranking = matcher.rank(normalise(ask, language).tokens)
    pairs = zip(ranking.matches, matcher.earned(ranking), strict=True)
    earned = next((words for match, words in pairs if match.entry_id == rival), ())
    telling = [each for each in earned if each.weight > 0 and each.meant not in language.stop_words]
    return tuple(each.meant for each in sorted(telling, key=lambda each: -each.weight)[:_BLAMED])


def _adding_nothing(entry: Entry, place: Place, language: Language) -> Iterator[Finding]:
    first: dict[frozenset[str], str] = {}
    for index, ask in enumerate(entry.asks):
        stems = frozenset(token.stem for token in normalise(ask, language).tokens if token.text not in language.stop_words)
        if not stems:
            continue
        earlier = first.setdefault(stems, ask)
        if earlier is not ask:
            what = f"{shown(ask)} has the same telling words as {shown(earlier)}; another way to say it would teach more"
            yield Finding("adds-nothing", Weight.NOTE, place.problem(what, "asks", index))
