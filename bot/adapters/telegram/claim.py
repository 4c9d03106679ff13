"""The one-time code by which whoever starts the bot learns how to become its admin."""

from __future__ import annotations

import hmac
import re
import secrets

_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without what is easily read as something else."""
_LENGTH = 8
_WRONG_TRIES = 10
_SHAPE = re.compile(rf"[A-Za-z0-9]{{{_LENGTH // 2}}}-[A-Za-z0-9]{{{_LENGTH // 2}}}")


class Claim:
    """A code that works once, and not at all after ten wrong ones. Printed, it does not show the code.

    It gives no right by itself: who knows it is told the line to write into the settings, and nothing else comes of it.
    """

    def __init__(self) -> None:
        letters = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
        self.code = f"{letters[: _LENGTH // 2]}-{letters[_LENGTH // 2 :]}"
        self._tries_left = _WRONG_TRIES
        self._taken_by: int | None = None

    def take(self, said: str, update_id: int) -> bool:
        """Return True for the code in letters of either size, in the first update that has it; which may be begun anew."""
        right = hmac.compare_digest(said.upper().encode(), self.code.encode())
        if self._taken_by is not None or self._tries_left <= 0:
            return right and update_id == self._taken_by
        if right:
            self._taken_by = update_id
        else:
            self._tries_left -= 1
        return right


def like_a_code(said: str) -> bool:
    """Return True for what may be meant as a code; anything else is words of a person."""
    return _SHAPE.fullmatch(said) is not None
