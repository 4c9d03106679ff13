"""Names people by keyed hashes, so that what is stored says nothing without the key.

A plain hash of an id is no protection: all ids there are can be tried within hours.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field

from bot.store.records import PersonKey

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Keyring:
    """The current key, and the one before while what it named may still be kept."""

    current: bytes = field(repr=False)
    earlier: bytes | None = field(default=None, repr=False)

    @classmethod
    def for_this_process(cls) -> Keyring:
        """Return a key that nobody keeps: what it names ends with the process."""
        return cls(secrets.token_bytes(KEY_BYTES))

    def name(self, chat_id: int, user_id: int) -> PersonKey:
        """Return the name of a person in a chat: HMAC-SHA-256 of the ids."""
        earlier = _named(self.earlier, chat_id, user_id) if self.earlier else None
        return _named(self.current, chat_id, user_id, earlier)


def _named(key: bytes, chat_id: int, user_id: int, earlier: PersonKey | None = None) -> PersonKey:
    # The two are told apart by their first letter: a chat with a bot has the id of the person.
    return PersonKey(_digest(key, f"c{chat_id}:{user_id}"), _digest(key, f"u{user_id}"), earlier)


def _digest(key: bytes, said: str) -> str:
    return hmac.digest(key, said.encode(), "sha256").hex()
