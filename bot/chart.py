"""A picture of the counts, for a phone."""

from __future__ import annotations
