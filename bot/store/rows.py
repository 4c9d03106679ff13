"""Effects as the rows of a database, and contexts as JSON: what both kinds of database share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from functools import cache

from pydantic import TypeAdapter, ValidationError

from bot.core.model import CONTEXT_LIFE, Context
from bot.store import REGION_LIFE
from bot.store.records import Effects, Miss


def dump_context(context: Context) -> str:
    """Return *context* as JSON; what is as in an empty one is left out."""
    return _contexts().dump_json(context, exclude_defaults=True).decode()


def load_context(json: str) -> Context | None:
    """Return the context in *json*; None where it cannot be read, be it damaged or of another version."""
    try:
        return _contexts().validate_json(json)
    except ValidationError:
        return None


def living(context: Context | None, age_s: float) -> Context | None:
    """Return what is left of a context that was kept *age_s* seconds ago: all of it, its region, or nothing."""
    if context is None or age_s > REGION_LIFE.total_seconds():
        return None
    if age_s <= CONTEXT_LIFE.total_seconds():
        return context
    return None if context.region is None else Context(region=context.region)


def people_rows(effects: Effects) -> list[tuple[str, str, str]]:
    """Return `here`, `person` and JSON for each person, the last context of each, by `here`: all writers take rows in one order."""
    return sorted({key.here: (key.here, key.person, dump_context(context)) for key, context in effects.contexts}.values())


def outdated_names(effects: Effects) -> list[str]:
    """Return the `here` of the rows under earlier keys that `people_rows` take the place of, in order."""
    written = {key.here for key, _ in effects.contexts}
    return sorted({name.here for key, _ in effects.contexts for name in key.names} - written)


def count_rows(effects: Effects) -> list[tuple[date, str, str, int]]:
    """Return day, what, about and how often, each once and in order."""
    return [(*named, times) for named, times in sorted(Counter((each.day, plain(each.what), plain(each.about)) for each in effects.counts).items())]


def miss_rows(misses: Iterable[Miss]) -> list[tuple[date, str, str, bool]]:
    """Return day, words, the entry that was not meant, and whether it was passed on."""
    return [(miss.day, plain(miss.words), plain(miss.not_this), miss.passed) for miss in misses]


def plain(text: str) -> str:
    """Return *text* without what no database takes: half a surrogate pair, and NUL. Else one odd message could never be settled."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


def distinct(update_ids: Iterable[int]) -> list[int]:
    """Return *update_ids* each once, in order: two that settle the same ones wait for each other and do not cross."""
    return sorted(set(update_ids))


@cache
def _contexts() -> TypeAdapter[Context]:
    return TypeAdapter(Context)
