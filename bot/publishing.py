"""What an operator does to the knowledge that serves: put another version live, look first at what that would change, and take it back."""

from __future__ import annotations
