"""The command that checks a knowledge folder; errors are met in `cli`."""

from __future__ import annotations
