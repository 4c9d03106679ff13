"""What is counted while the process runs, for whoever looks after it. No id of a person, a chat or an update is a label, and no word of anybody.

Each label has its list of values, all there from the start at 0: a rate of what has not happened yet is then 0, and not missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from bot.core.action import Action

REGISTRY = CollectorRegistry()
"""Ours alone: the library's own one also tells of its host."""

OTHER = "other"
"""What any value counts as that is not on its label's list."""


class ListedCounter(Counter):
    """A counter with one label, whose values are on a list: whatever else it is given counts as `other`, so that no id gets in by mistake."""

    listed: frozenset[str] = frozenset()

    def labels(self, *labelvalues: object, **labelkwargs: object) -> ListedCounter:
        """Return the counter of one value, given by place or by name. Raises ValueError for none, or more than one."""
        return super().labels(*map(self._on_the_list, labelvalues), **{name: self._on_the_list(value) for name, value in labelkwargs.items()})

    def _on_the_list(self, value: object) -> str:
        return value if isinstance(value, str) and value in self.listed else OTHER


def _listed(name: str, documentation: str, label: str, values: Iterable[str]) -> ListedCounter:
    counter = ListedCounter(name, documentation, [label], registry=REGISTRY)
    counter.listed = frozenset(values)
    for value in sorted({*counter.listed, OTHER}):
        counter.labels(value)
    return counter


UPDATES = _listed(
    "napebot_updates",
    "Updates, by how they were settled.",
    "settlement",
    ("answered", "covered", "repeated", "unreadable", "chat_gone", "gave_up"),
)
_ACTIONS = tuple(kind.__name__.lower() for kind in get_args(Action))
OUTCOMES = _listed(
    "napebot_outcomes",
    "Replies, by what was decided.",
    "outcome",
    ("answered", "offered", "unknown", "foreign", "smalltalk", "alarm", "helpful", "unhelpful", *_ACTIONS),
)
LATENCY = Histogram(
    "napebot_settling_seconds",
    "From taking an update to its settling.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
    registry=REGISTRY,
)
OPEN = Gauge("napebot_open_updates", "Updates taken and not settled yet.", registry=REGISTRY)
MAYBE_TWICE = Counter("napebot_maybe_twice", "Messages sent once more because nobody knew whether Telegram had taken them.", registry=REGISTRY)
API_ERRORS = _listed(
    "napebot_api_errors", "Requests to Telegram that failed, by what that meant.", "failure", ("away", "paused", "unknown", "gone", "refused")
)
STORE_ERRORS = _listed(
    "napebot_store_errors", "Calls to the store that failed or took too long.", "kind", ("late", "overflow", "unfit", "StoreError")
)
REFUSED_POSTS = _listed(
    "napebot_refused_posts",
    "Requests to the webhook that were turned away or dropped, by why.",
    "why",
    # Of strangers; of Telegram or whoever knows the secret; not now.
    ("secret", "slow", "crowded", "malformed", "path", "method", "type", "size", "too_many", "elsewhere", "paused", "stopping", "late"),
)
RELOADS = _listed("napebot_reloads", "Reloads of the knowledge, by what came of them.", "result", ("loaded", "unchanged", "refused", "waiting"))
