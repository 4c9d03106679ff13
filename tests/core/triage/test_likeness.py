"""What is learned from examples: danger told from what is harmless, the same each time, and nothing from what was never seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.content import Tier
from bot.core.triage import likeness as likeness_module
from bot.core.triage.likeness import Likeness, Sample, learn
from bot.core.vectors import key_of


def sample(said: str, tier: Tier | None = None, flag_id: str | None = None) -> Sample:
    return Sample(list(dict.fromkeys(said.split())), tier, flag_id)


SAMPLES = (
    sample("my face hangs down", Tier.EMERGENCY, "face"),
    sample("face hangs on one side", Tier.EMERGENCY, "face"),
    sample("one side of her face went flat", Tier.EMERGENCY, "face"),
    sample("fever since monday worse now", Tier.URGENT_TODAY, "fever"),
    sample("fever and shivers worse tonight", Tier.URGENT_TODAY, "fever"),
    sample("shivers and fever since tonight", Tier.URGENT_TODAY, "fever"),
    sample("life is too much goodbye", Tier.CRISIS, "end"),
    sample("goodbye all life is done", Tier.CRISIS, "end"),
    sample("pillow for my neck"),
    sample("which pillow is good"),
    sample("stretch for a stiff neck"),
    sample("is a stretch good for my neck"),
    sample("face cream that is good", Tier.GP_SOON),
)
DANGEROUS = ["her face hangs", "fever and shivers", "goodbye life"]
HARMLESS = ["good pillow", "stretch my neck", "cream for a stiff neck"]


@pytest.fixture(scope="module")
def likeness() -> Likeness:
    found = learn(SAMPLES)
    assert found is not None
    return found


@pytest.mark.parametrize("said", DANGEROUS)
def test_what_is_like_danger_is_above_nothing(said: str, likeness: Likeness) -> None:
    assert likeness.read(said.split()).danger > 0


@pytest.mark.parametrize("said", HARMLESS)
def test_what_is_like_the_harmless_is_below_it(said: str, likeness: Likeness) -> None:
    assert likeness.read(said.split()).danger < 0


def test_each_question_has_its_own_answer(likeness: Likeness) -> None:
    face, fever, end = (likeness.read(said.split()) for said in DANGEROUS)

    assert face.pressing > 0 > fever.pressing
    assert end.crisis > 0 > max(face.crisis, fever.crisis)


def test_what_can_wait_for_days_is_no_danger(likeness: Likeness) -> None:
    assert likeness.read(["face", "cream", "that", "is", "good"]).danger < 0


@given(st.lists(st.sampled_from(SAMPLES), max_size=20))
def test_the_same_samples_give_the_same_numbers(samples: list[Sample]) -> None:
    """Whatever they are; and each number is one that can be weighed."""
    one, other = learn(samples), learn(iter(samples))

    assert (one is None) == (other is None)
    for said in (*DANGEROUS, *HARMLESS) if one and other else ():
        assert one is not None
        assert other is not None
        read = one.read(said.split())
        assert read == other.read(said.split())
        assert np.isfinite([read.danger, read.pressing, read.crisis, *(near for _, near in read.kin)]).all()


@pytest.mark.parametrize(
    "samples",
    [
        pytest.param([], id="nothing"),
        pytest.param([sample for sample in SAMPLES if sample.tier is None], id="nothing dangerous"),
        pytest.param([sample for sample in SAMPLES if sample.tier in (None, Tier.GP_SOON)], id="only what can wait"),
        pytest.param([sample for sample in SAMPLES if sample.tier not in (None, Tier.GP_SOON)], id="nothing harmless"),
    ],
)
def test_from_one_side_alone_nothing_is_learned(samples: Sequence[Sample]) -> None:
    assert learn(samples) is None


def test_the_least_that_teaches_is_one_of_each() -> None:
    """Also where they have nothing at all to tell them by."""
    for said in ("face", ""):
        found = learn([sample(said, Tier.EMERGENCY), sample(said)])
        assert found is not None
        assert found.read(["face"]).danger == pytest.approx(0, abs=1e-6)
        assert found.flag_ids == ()


def test_a_word_of_one_example_teaches_nothing(likeness: Likeness) -> None:
    assert likeness.telling(["cream"], 1) == ()
    assert likeness.read(["cream"]) == replace(likeness.read([]), words=1)


def test_what_no_example_holds_makes_a_message_less_like_anything(likeness: Likeness) -> None:
    """The more such words the nearer it comes to a message of which nothing is known; what is no word, such as a pair, does not count."""
    nothing = likeness.read([]).danger
    far = [abs(likeness.read(said.split()).danger - nothing) for said in ("face hangs", "zorp face hangs", "zorp glib face hangs")]

    assert far == sorted(far, reverse=True)
    assert len(set(far)) == 3
    assert likeness.read(["face", "zorp glib", "#age", "zorp~"]) == likeness.read(["face"])


@pytest.mark.parametrize(("dangerous", "harmless"), [(3.0, 1.0), (1.0, 3.0)])
def test_what_weighs_more_counts_for_more(dangerous: float, harmless: float) -> None:
    """Of two that say the same and mean the opposite."""
    against = (replace(sample("zorp", Tier.EMERGENCY), weight=dangerous), replace(sample("zorp"), weight=harmless))
    found = learn([*SAMPLES, *against])

    assert found is not None
    assert (dict(found.telling(["zorp"], 1))["zorp"] > 0) == (dangerous > harmless)


def test_without_features_only_what_all_have_in_common_speaks(likeness: Likeness) -> None:
    nothing, strange = likeness.read([]), likeness.read(["zorp", "glib"])

    assert replace(nothing, words=2) == strange
    assert likeness.telling([], 5) == ()
    assert [near for _, near in nothing.kin] == [0, 0]


def test_kin_are_the_flags_with_enough_examples_nearest_first(likeness: Likeness) -> None:
    assert likeness.flag_ids == ("face", "fever"), "the third has two examples"
    for said, nearest in (("her face hangs", "face"), ("fever tonight", "fever")):
        kin = likeness.read(said.split()).kin
        assert kin[0][0] == nearest
        assert [near for _, near in kin] == sorted((near for _, near in kin), reverse=True)
        assert all(0 <= near <= 1.0001 for _, near in kin)


def test_what_speaks_loudest_can_be_shown(likeness: Likeness) -> None:
    told = likeness.telling(["zorp", "face", "pillow", "good"], 2)

    assert len(told) == 2
    assert {name for name, _ in told} <= {"face", "pillow", "good"}
    assert abs(told[0][1]) >= abs(told[1][1])
    assert dict(likeness.telling(["fever"], 1))["fever"] > 0 > dict(likeness.telling(["pillow"], 1))["pillow"]


def test_more_examples_of_one_side_do_not_drown_the_other() -> None:
    many = learn([*SAMPLES, *(sample(f"pillow number{number} is good") for number in range(200))])

    assert many is not None
    assert all(many.read(said.split()).danger > 0 for said in DANGEROUS)


def test_learning_ends_though_more_rounds_would_come_closer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likeness_module, "_ROUNDS", 1)
    hasty = learn(SAMPLES)

    assert hasty is not None
    assert hasty.read(DANGEROUS[0].split()).danger > hasty.read(HARMLESS[0].split()).danger


BESIDE = [*SAMPLES, sample("which pillow is good for a stiff neck"), sample("is the pillow good"), sample("")]


def dense(samples: list[Sample], beside: int) -> dict[str, float]:
    """What each word weighs for danger, by solving the same equations as they are written down."""
    counts = Counter(name for each in samples for name in each.features)
    names = [name for name, count in counts.items() if count > 1]
    others = [samples[len(samples) - beside + row * 7_919 % beside] for row in range(len(samples))] if beside else []
    rows = [(each, dict.fromkeys((*each.features, *other.features))) for each, one in zip(samples, others, strict=False) for other in (each, one)]
    rows = rows or [(each, dict.fromkeys(each.features)) for each in samples]
    rarity = {name: np.log((len(rows) + 1) / (count + 0.5)) for name, count in counts.items()}
    matrix = np.array([[rarity[name] if name in said else 0.0 for name in names] + [0.0] for _, said in rows])
    strange = np.array([sum(name not in names for name in said) for _, said in rows]) * np.log((len(rows) + 1) / 0.5) ** 2
    length = np.sqrt((matrix**2).sum(1) + strange)
    matrix /= np.where(length > 0, length, 1.0)[:, None]
    matrix[:, -1] = 0.5
    danger = np.array([(each.tier or 0) >= Tier.URGENT_TODAY for each, _ in rows])
    weight = np.where(danger, 0.5 * len(rows) / danger.sum(), 0.5 * len(rows) / (~danger).sum())
    weighed = matrix.T * weight
    found = np.linalg.solve(weighed @ matrix + np.eye(matrix.shape[1]), weighed @ np.where(danger, 1.0, -1.0))
    return dict(zip([*names, ""], found.tolist(), strict=True))


@pytest.mark.parametrize("beside", [0, 1, 3])
def test_what_is_learned_solves_the_equations(beside: int) -> None:
    found, expected = learn(iter(BESIDE), beside), dense(BESIDE, beside)

    assert found is not None
    by_key = dict(zip(found.keys.tolist(), found.targets[:-1, 0].tolist(), strict=True))
    assert by_key == pytest.approx({key_of(name): weight for name, weight in expected.items() if name}, abs=0.02)
    assert found.targets[-1, 0] == pytest.approx(expected[""], abs=0.02)


def test_blocks_of_rows_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = learn(BESIDE, 3)
    monkeypatch.setattr(likeness_module, "_ROWS_AT_ONCE", 5)
    in_blocks = learn(BESIDE, 3)

    assert whole is not None
    assert in_blocks is not None
    assert np.array_equal(whole.targets, in_blocks.targets)
    assert np.array_equal(whole.kin.weights, in_blocks.kin.weights)


def test_danger_beside_an_ordinary_question_stays_danger() -> None:
    alone, beside = learn(BESIDE), learn(BESIDE, 3)

    assert alone is not None
    assert beside is not None
    said = ["fever", "shivers", "which", "pillow", "is", "good"]
    assert beside.read(said).danger > max(0, alone.read(said).danger)
