"""What authors begin with: a knowledge folder of their own, and what tells an editor how to write one."""

from __future__ import annotations
