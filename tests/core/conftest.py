"""The made-up topic, built once."""

import pytest

from bot.core.snapshot import Snapshot
from tests.core.builders import make_snapshot


@pytest.fixture(scope="session")
def boots() -> Snapshot:
    """Boots and blisters."""
    return make_snapshot()
