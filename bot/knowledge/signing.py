"""What a reviewer signs: a hash over everything of an entry that a reader is shown."""

from __future__ import annotations

import hashlib
import json

from bot.core.content import Entry

_DIGITS = 16


def content_hash(entry: Entry) -> str:
    """Return the first 16 hex digits of the SHA-256 over what *entry* shows: texts, tier, note and sources, but not the ways to ask."""
    sources = [[source.name, source.title, source.url] for source in entry.sources]
    content = [entry.title, entry.answer, entry.more, entry.tier.key, entry.note, entry.full_note, sources]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()[:_DIGITS]
