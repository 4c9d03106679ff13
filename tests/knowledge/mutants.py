"""Ways to damage a file: each takes where, and gives what does it. A place beyond the end counts on from the beginning."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

Mutation = Callable[[bytes], bytes]
TROUBLE = (
    *(b"&a ", b"*a", b"!!str ", b"\t", b"\x00", b"\xff", b"---\n", b": ", b" #", b"- "),
    *(b"[", b"}", b'"', b"'", b"|", b"%", b"? ", b"<<: ", b"\xe2\x80\xa8", b"\\ud800"),
)
"""What means something to YAML, or must not stand in it."""


def flip(at: int, byte: int) -> Mutation:
    """Put another byte there."""
    return lambda raw: raw[: at % len(raw)] + bytes([byte]) + raw[at % len(raw) + 1 :]


def cut(at: int) -> Mutation:
    """End the file there."""
    return lambda raw: raw[: at % len(raw)]


def insert(at: int, piece: bytes) -> Mutation:
    """Put *piece* in there."""
    return lambda raw: raw[: at % len(raw)] + piece + raw[at % len(raw) :]


def drop_line(at: int) -> Mutation:
    """Take that line out."""

    def mutate(raw: bytes) -> bytes:
        lines = raw.splitlines(keepends=True)
        return b"".join(line for number, line in enumerate(lines) if number != at % len(lines))

    return mutate


def repeat_line(at: int) -> Mutation:
    """Write that line twice."""

    def mutate(raw: bytes) -> bytes:
        lines = raw.splitlines(keepends=True)
        return b"".join(line * (2 if number == at % len(lines) else 1) for number, line in enumerate(lines))

    return mutate


def mutant(raw: bytes, draw: Random) -> bytes:
    """Return *raw* damaged once to three times, as *draw* has it; never empty."""
    for _ in range(draw.randint(1, 3)):
        at = draw.randrange(2_000)
        mutate = draw.choice((flip(at, draw.randrange(256)), cut(at), insert(at, draw.choice(TROUBLE)), drop_line(at), repeat_line(at)))
        raw = mutate(raw) or b"\n"
    return raw
