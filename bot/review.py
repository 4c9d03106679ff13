"""Sign-off pages: an entry or a red flag as a clinician reads it, with the line that signs it.

A page says when the rule fires in words, what people are told then, which sentences prove it, and what is known to slip through. The frame is
English like the rest of the command line; all that people are told comes from the knowledge folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from bot.core import alarms, compose
from bot.core.content import Entry, Signature, Tier
from bot.core.model import Alarm, Alert, Context, FlagHit
from bot.core.snapshot import Snapshot
from bot.core.triage.pattern import Phrase
from bot.core.triage.rules import RedFlag, Rule, Shift
from bot.knowledge.examples_schema import DANGER_FILE
from bot.knowledge.signing import SHARED, content_hash, flag_hash, lists_of, shared_hash, tiers_of

LEGEND = (
    "How to read the words: a/b is one or the other; word~ is a word that begins so; [name] is any word of that list (below); "
    "two dots mean a few words between; + means both, in any order."
)

_READING = re.compile(r"\{(?P<kind>\w+)\s*(?P<rest>[^}]*)\}")
_SIGNS = {">=": "at least", "<=": "at most", ">": "over", "<": "under", "=": "exactly"}


def page_ids(snapshot: Snapshot) -> tuple[str, ...]:
    """Return what can be signed, in the order of the files: the red flags, what they share, the entries."""
    red_flags = snapshot.knowledge.red_flags
    shared = (SHARED,) if red_flags.flags else ()
    return (*(flag.id for flag in red_flags.flags), *shared, *(entry.id for entry in snapshot.knowledge.entries))


def page(page_id: str, snapshot: Snapshot, today: date) -> str:
    """Return the sign-off page of an id from `page_ids` as Markdown. Raises KeyError for any other."""
    flags = {flag.id: flag for flag in snapshot.knowledge.red_flags.flags}
    if page_id in flags:
        lines = _flag_page(flags[page_id], snapshot, today)
    elif page_id == SHARED and flags:
        lines = _shared_page(snapshot, today)
    else:
        lines = _entry_page(snapshot.entries_by_id[page_id], snapshot, today)
    return "\n".join(lines).strip() + "\n"


# --- red flags ---


def _flag_page(flag: RedFlag, snapshot: Snapshot, today: date) -> Iterator[str]:
    red_flags, messages = snapshot.knowledge.red_flags, snapshot.knowledge.messages
    yield f"# {flag.id} ({flag.tier.key})"
    yield f"\n{flag.why}"
    yield f"\nSource: {flag.source.name}, {flag.source.title}, {flag.source.url}" if flag.source else "\nSource: none given."
    yield "\n## When it fires\n"
    if flag.by_likeness:
        yield "It has no rules: it speaks where a message is like the examples of danger of its tier, and no other flag can be named."
    else:
        yield LEGEND
    for number, rule in enumerate(flag.rules, 1):
        yield from _rule(number, rule, flag)
    yield from _listed("Words that do not count for this flag", map(in_words, flag.looks_like))
    yield from _listed("To ask about one of these is answered softly", map(in_words, flag.asks_about))
    yield from _shifts(flag.raises, flag.lowers, "For every way above")
    if flag.counts_when_past:
        yield "\nIt counts although it has gone again, unless it was long ago."
    yield "\n## What people are told"
    for title, text in _replies(flag, snapshot):
        yield f"\n{title}:\n\n{_quoted(text)}"
    if flag.withholds:
        yield f"\nNot offered beside it: {', '.join(flag.withholds)}."
    yield "\n## What proves it"
    yield from _listed("Fires on", flag.fires_on)
    yield from _listed("Silent on", flag.silent_on)
    yield from _listed("Soft on", flag.soft_on)
    taught = sum(example.flag_id == flag.id for example in snapshot.knowledge.examples.said)
    if taught:
        yield f"\nBeside the rules, {taught} examples teach what such messages are like: {DANGER_FILE}."
    yield from _listed("Known to slip through", flag.known_misses or ("nothing has been noted yet, which is not the same as nothing",))
    lists = lists_of(flag, red_flags)
    if lists:
        yield "\n## Lists\n"
        for name in lists:
            yield f"- [{name}]: {'; '.join(map(in_words, red_flags.lists[name]))}"
    yield from _sign(flag.reviewed, flag_hash(flag, red_flags, messages), today)


def _rule(number: int, rule: Rule, flag: RedFlag) -> Iterator[str]:
    where = "in one clause" if rule.same_clause else "in one message, or in messages within ten minutes"
    soft = "; always answered softly" if rule.soft else ""
    asked = "; in a question too" if rule.even_when_asked else ""
    past = "; however long ago" if rule.even_when_past else ""
    yield f"\n{number}. {(rule.tier or flag.tier).key}: all of these {where}{soft}{asked}{past}"
    for group in rule.all_of:
        yield f"   - {group.name}: {'; '.join(map(in_words, group.any_of))}"
    if rule.none_of:
        yield f"   - but not in a clause with: {'; '.join(map(in_words, rule.none_of))}"
    yield from _shifts(rule.raises, rule.lowers, "   - here")


def _shifts(raises: Sequence[Shift], lowers: Sequence[Shift], lead: str) -> Iterator[str]:
    for shift, way in (*((shift, "raised") for shift in raises), *((shift, "lowered") for shift in lowers)):
        yield f"{lead}, {way} to {shift.to.key} by {shift.name}: {'; '.join(map(in_words, shift.any_of))}"


def _replies(flag: RedFlag, snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """Yield each reply the flag can lead to: what leads to it, and the words, with the numbers of all regions."""
    said = [FlagHit(flag.id, rule.tier or flag.tier, False, (), rule.alarm) for rule in flag.rules if not rule.soft]
    said += [FlagHit(flag.id, tier, False, ()) for tier in tiers_of(flag)]
    told: set[str] = set()
    for hit in said:
        if hit.tier >= Tier.URGENT_TODAY:
            reply: Alarm = alarms.alarm(Alert((hit,)), snapshot, Context(), ())[0]
            title, text = f"As {hit.tier.key}", reply.text
        else:
            title, text = "Above the answer", compose.lead(Alert((hit,)), snapshot)
        if text not in told:
            told.add(text)
            yield title, text
    crisis = next((other for other in snapshot.knowledge.red_flags.flags if other.tier is Tier.CRISIS), None)
    if crisis is not None and flag.alarm + alarms.WITH_INTENT in snapshot.knowledge.messages.alarms:
        both = Alert((FlagHit(crisis.id, Tier.CRISIS, False, ()), FlagHit(flag.id, flag.tier, False, ())))
        yield "Where a crisis is met beside it", alarms.alarm(both, snapshot, Context(), ())[0].text
    if flag.tier >= Tier.URGENT_TODAY and not flag.by_likeness:
        yield "Where it is only asked about, above the answer", compose.lead(Alert((FlagHit(flag.id, flag.tier, True, ()),)), snapshot)


def _shared_page(snapshot: Snapshot, today: date) -> Iterator[str]:
    red_flags = snapshot.knowledge.red_flags
    yield "# What all red flags share"
    yield "\nThese words decide for every flag: what is no harm meant, what is denied, over, imagined, or seen by somebody qualified already."
    yield f"\n{LEGEND}"
    yield from _listed("Turns of phrase whose words do not count", map(in_words, red_flags.idioms))
    for name, phrases in red_flags.cues.items():
        yield from _listed(f"Cues of the kind '{name}'", phrases)
    yield from _listed("Somebody qualified has seen it", map(in_words, red_flags.seen))
    yield from _sign(red_flags.reviewed, shared_hash(red_flags), today)


# --- entries ---


def _entry_page(entry: Entry, snapshot: Snapshot, today: date) -> Iterator[str]:
    yield f"# {entry.id} ({entry.tier.key})"
    yield "\n## What people are told"
    advice = compose.advice((entry.id,), snapshot, Context(), titled=True)
    part = advice.parts[0]
    shown = "\n\n".join(filter(None, (part.title, part.answer, part.more, advice.note.line, advice.note.emergency_line)))
    yield f"\n{_quoted(shown)}"
    yield from _listed("Sources", (f"{source.name}, {source.title}, {source.url}" for source in entry.sources))
    if entry.unsourced:
        yield "\nParts of this rest on general knowledge and have no source."
    yield "\nFacts compared with the sources: " + (f"{entry.checked.by}, {entry.checked.date}." if entry.checked else "not yet.")
    yield "\n## What leads to it"
    yield from _listed("Must lead to it", entry.hits)
    yield from _listed("Must not lead to it", (*entry.misses, *entry.contrasts))
    yield from _listed("Ways to ask", entry.asks)
    held = [flag.id for flag in snapshot.knowledge.red_flags.flags if entry.id in flag.withholds]
    yield from _listed("Held back under", held)
    yield from _sign(entry.reviewed, content_hash(entry), today)


# --- both ---


def in_words(phrase: Phrase) -> str:
    """Return *phrase* as a reader without the grammar understands it: `stiff*/sore <neck>` becomes `stiff~/sore [neck]`."""
    text = _READING.sub(_reading, phrase.text).replace("*", "~").replace("<", "[").replace(">", "]").replace("_", " ").replace(" & ", " + ")
    return re.sub(r"(^|[\s/])[=+](?=[\w(\[])", r"\1", text)


def _reading(found: re.Match[str]) -> str:
    rest = found["rest"].strip()
    for sign, said in _SIGNS.items():
        if rest.startswith(sign):
            rest = f"{said} {rest.removeprefix(sign).strip()}"
            break
    return f"({found['kind']} {rest.replace('..', ' to ')})"


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def _listed(title: str, lines: Iterable[str]) -> Iterator[str]:
    lines = tuple(lines)
    if lines:
        yield f"\n{title}:\n"
        yield from (f"- {line}" for line in lines)


def _sign(signature: Signature | None, digest: str, today: date) -> Iterator[str]:
    yield "\n## Signature\n"
    if signature:
        yield f"Signed by {signature.by}, {signature.role}, {signature.date}."
        return
    yield "Nobody has signed this, or it has changed since. To sign, write into the file:\n"
    yield f'    reviewed: {{by: NAME, role: ROLE, date: "{today.isoformat()}", hash: "{digest}"}}'
