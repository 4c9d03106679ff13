"""What is counted while the process runs, for whoever looks after it. No id of a person, a chat or an update is a label, and no word."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()
"""Ours alone: the library's own one also tells of its host."""

UPDATES = Counter("napebot_updates", "Updates, by how they were settled.", ["settlement"], registry=REGISTRY)
OUTCOMES = Counter("napebot_outcomes", "Replies, by what was decided.", ["outcome"], registry=REGISTRY)
LATENCY = Histogram(
    "napebot_settling_seconds",
    "From taking an update to its settling.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
    registry=REGISTRY,
)
OPEN = Gauge("napebot_open_updates", "Updates taken and not settled yet.", registry=REGISTRY)
MAYBE_TWICE = Counter("napebot_maybe_twice", "Messages sent once more because nobody knew whether Telegram had taken them.", registry=REGISTRY)
API_ERRORS = Counter("napebot_api_errors", "Requests to Telegram that failed, by what that meant.", ["failure"], registry=REGISTRY)
STORE_ERRORS = Counter("napebot_store_errors", "Calls to the store that failed or took too long.", ["kind"], registry=REGISTRY)
REFUSED_POSTS = Counter("napebot_refused_posts", "Posts to the webhook that were turned away, by why.", ["why"], registry=REGISTRY)
RELOADS = Counter("napebot_reloads", "Reloads of the knowledge, by what came of them.", ["result"], registry=REGISTRY)
