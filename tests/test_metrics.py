"""What is counted is named as Prometheus asks, and holds no id and no word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from bot import metrics
from bot.adapters.telegram.delivery import Settlement
from bot.adapters.telegram.patience import Failure
from bot.core.action import Action
from bot.errors import StoreError
from bot.metrics import OTHER, REGISTRY, ListedCounter
from bot.store.bounded import LATE

LISTED = [found for found in vars(metrics).values() if isinstance(found, ListedCounter)]
SNAKE = re.compile(r"napebot_[a-z]+(_[a-z]+)*")


def families() -> Iterator[Metric]:
    yield from text_string_to_metric_families(generate_latest(REGISTRY).decode())


def name_of(counter: ListedCounter) -> str:
    return next(iter(counter.describe())).name


def labels() -> list[tuple[str, str, str]]:
    """Every label there is: of which metric, its name, its value."""
    return [(family.name, name, value) for family in families() for sample in family.samples for name, value in sample.labels.items()]


def allowed(name: str) -> frozenset[str]:
    return next(counter.listed for counter in LISTED if name_of(counter) == name) | {OTHER}


def test_every_metric_is_of_ours_and_reads_back() -> None:
    named = [found for found in vars(metrics).values() if isinstance(found, Counter | Gauge | Histogram)]
    read = {family.name for family in families() if not family.name.endswith("_created")}

    assert len(named) == 9
    assert read == {metric.name for found in named for metric in found.describe()}


def test_names_follow_prometheus() -> None:
    """One prefix, small letters; counters end in _total, times in seconds; everything is explained in a sentence."""
    for family in families():
        assert SNAKE.fullmatch(family.name), family.name
        assert family.name.endswith("_created") or family.documentation.endswith("."), family.name
        if family.type == "counter":
            assert {sample.name for sample in family.samples} == {f"{family.name}_total"}
        if family.type == "histogram":
            assert family.name.endswith("_seconds")
    assert all(SNAKE.fullmatch(f"napebot_{name}") and name != "quantile" for _, name, _ in labels())


def test_label_values_are_words_of_a_list_and_all_there_from_the_start() -> None:
    assert len(LISTED) == 6
    for counter in LISTED:
        name = name_of(counter)
        values = {value for family, label, value in labels() if family == name and label != "le"}
        assert values == counter.listed | {OTHER}
        assert not any(character.isdigit() for value in values for character in value)


def test_what_the_bot_counts_is_listed() -> None:
    assert {kind.__name__.lower() for kind in get_args(Action)} < metrics.OUTCOMES.listed
    assert {settlement.value for settlement in Settlement} == metrics.UPDATES.listed
    assert {failure.value for failure in Failure} == metrics.API_ERRORS.listed
    assert {LATE, StoreError.__name__} < metrics.STORE_ERRORS.listed


@pytest.mark.parametrize("counter", LISTED, ids=name_of)
def test_a_value_on_the_list_counts_as_itself(counter: ListedCounter) -> None:
    value = min(counter.listed)
    before = counted(counter, value)
    counter.labels(value).inc()
    counter.labels(**{counter._labelnames[0]: value}).inc()

    assert counted(counter, value) == before + 2


@given(said=st.text() | st.integers() | st.none() | st.just("I have HIV") | st.just("501"), by_name=st.booleans())
def test_whatever_is_counted_no_id_and_no_word_gets_in(said: object, by_name: bool) -> None:
    for counter in LISTED:
        (counter.labels(**{counter._labelnames[0]: said}) if by_name else counter.labels(said)).inc()

    assert all(value in allowed(family) for family, name, value in labels() if name != "le" and not family.endswith("_created"))


def test_what_is_not_on_the_list_is_counted_all_the_same() -> None:
    before = counted(metrics.UPDATES, OTHER)
    metrics.UPDATES.labels("501").inc()

    assert counted(metrics.UPDATES, OTHER) == before + 1


@pytest.mark.parametrize("values", [(), ("answered", "answered")], ids=["none", "two"])
def test_one_value_is_asked_for(values: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="label"):
        metrics.UPDATES.labels(*values)


def counted(counter: ListedCounter, value: str) -> float:
    return REGISTRY.get_sample_value(f"{name_of(counter)}_total", {counter._labelnames[0]: value}) or 0.0
