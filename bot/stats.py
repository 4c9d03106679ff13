"""What was counted, summed up: questions a day, what became of them, and what they were about. No person is in it."""

from __future__ import annotations
