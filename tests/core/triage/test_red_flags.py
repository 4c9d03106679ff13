"""The red flags that ship: every sentence they bring along, every line of the list of cases, and the seed phrases where they are at hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bot.core.content import TIERS_BY_KEY, Tier
from bot.core.model import Alert
from bot.core.snapshot import Snapshot
from bot.core.text import normalise
from bot.core.triage.rules import RedFlags
from tests.core.triage.conftest import ROOT, Examine, read_red_flags

FLAGS = read_red_flags((ROOT / "knowledge" / "red_flags.yaml").read_text(encoding="utf-8"))
CASES = yaml.load((ROOT / "tests" / "cases" / "triage.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506
SEEDS = ROOT.parent / "shared" / "knowledge" / "red-flags.md"
NEEDS_SEEDS = pytest.mark.skipif(not SEEDS.is_file(), reason=f"the seed phrases are not at {SEEDS}")
FLAG_COUNT = 41


def embedded() -> Iterator[tuple[str, str, str]]:
    """Each sentence of each flag: flag, kind, sentence."""
    for flag in FLAGS.flags:
        for kind in ("fires_on", "silent_on", "soft_on"):
            for said in getattr(flag, kind):
                yield flag.id, kind, said


def cases() -> Iterator[tuple[str, str, str, str]]:
    """Each line of the list of cases: what is wanted, the flag that must be there or nothing, the highest tier or nothing, the message."""
    for want, lines in CASES.items():
        for line in lines:
            yield want, line.get("flag", ""), line.get("most", ""), line["said"]


def live_tier(alert: Alert | None) -> int:
    """The tier that speaks, or 0."""
    return int(alert.tier) if alert is not None and alert.live else 0


def test_all_flags_are_there(red_flags: RedFlags) -> None:
    ids = [flag.id for flag in red_flags.flags]

    assert len(ids) == len(set(ids)) == FLAG_COUNT
    tiers = [flag.tier for flag in red_flags.flags]
    assert tiers == sorted(tiers, reverse=True)


def test_the_kinds_of_danger_that_must_not_be_missed_have_sentences(red_flags: RedFlags) -> None:
    for flag in (flag for flag in red_flags.flags if not flag.by_likeness):
        assert flag.fires_on
        assert flag.silent_on
        if flag.tier >= Tier.EMERGENCY and flag.alarm != "crisis-other":
            assert flag.soft_on


@pytest.mark.parametrize(("flag_id", "kind", "said"), list(embedded()), ids=lambda value: str(value)[:60])
def test_embedded_sentences(flag_id: str, kind: str, said: str, examine: Examine) -> None:
    alert = examine(said)
    live = {hit.flag_id for hit in alert.hits if not hit.soft} if alert else set()
    soft = {hit.flag_id for hit in alert.hits if hit.soft} if alert else set()

    if kind == "fires_on":
        assert flag_id in live
    elif kind == "silent_on":
        assert flag_id not in live
    else:
        assert flag_id in soft
        assert not live


@pytest.mark.parametrize(("want", "flag_id", "most", "said"), list(cases()), ids=lambda value: str(value)[:60])
def test_cases(want: str, flag_id: str, most: str, said: str, examine: Examine) -> None:
    alert = examine(said)

    if want == "soft":
        assert alert is not None
        assert not alert.live
    elif want == "none":
        assert live_tier(alert) < Tier.URGENT_TODAY
    else:
        assert live_tier(alert) >= TIERS_BY_KEY[want]
        assert not flag_id or (alert is not None and flag_id in alert.flag_ids)
        assert not most or live_tier(alert) <= TIERS_BY_KEY[most]


# --- the seed phrases, read where they are at hand and never copied ---


def _blocks(path: Path) -> Iterator[tuple[str, str, list[str], list[str]]]:
    """Flag, tier, phrases that must fire, phrases that must not."""
    text = path.read_text(encoding="utf-8")
    section = text[text.index("# 3. Flags") : text.index("# 4. Minimal")]
    for block in re.split(r"\n### ", section)[1:]:
        tier = re.search(r"\*\*Tier:\*\* `(\w+)`", block)
        fires = re.search(r"\*\*Fires on:\*\* (.*)", block)
        silent = re.search(r"\*\*Must not fire:\*\* (.*)", block)
        assert tier
        assert fires
        assert silent
        yield block.split("\n")[0].strip(), tier[1], fires[1].split(" | "), silent[1].split(" | ")


@pytest.fixture(params=["rules alone", "rules and likeness"])
def judge(request: pytest.FixtureRequest, examine: Examine, snapshot: Snapshot) -> Examine:
    """Triage as its rules stand, and as the bot uses it."""
    if request.param == "rules alone":
        return examine
    return lambda said: snapshot.triage.examine(normalise(said, snapshot.knowledge.language))


@NEEDS_SEEDS
def test_seed_phrases_fire(judge: Examine) -> None:
    """At least 98 in 100 raise their flag, or as much help as it calls for."""
    phrases = [(flag_id, tier, said) for flag_id, tier, fires, _ in _blocks(SEEDS) for said in fires]
    assert phrases

    missed = []
    for flag_id, tier, said in phrases:
        alert = judge(said)
        if alert is None or not alert.live or (flag_id not in alert.flag_ids and alert.tier < TIERS_BY_KEY[tier]):
            missed.append((flag_id, said))
    assert len(missed) <= 0.02 * len(phrases), missed


@NEEDS_SEEDS
def test_seed_lookalikes_do_not_fire(judge: Examine) -> None:
    """At least 98 in 100 stay silent or soft; what stands in brackets is a remark."""
    phrases = [(flag_id, said) for flag_id, _, _, silent in _blocks(SEEDS) for said in silent]
    assert phrases

    fired = []
    for flag_id, said in phrases:
        alert = judge(re.sub(r"\s*\([^)]*\)", "", said))
        allowed = Tier.GP_SOON if "gp_soon" in said else 0
        if alert is not None and alert.live and flag_id in alert.flag_ids and alert.tier > allowed:
            fired.append((flag_id, said))
    assert len(fired) <= 0.02 * len(phrases), fired


@NEEDS_SEEDS
def test_seed_pairs(judge: Examine) -> None:
    """Two messages that look alike, and what tells them apart: all of them right."""
    text = SEEDS.read_text(encoding="utf-8")
    section = text[text.index("# 4. Minimal") : text.index("# 5. Sources")]
    rows = [[cell.strip() for cell in line.strip("| \n").split("|")] for line in section.split("\n") if line.startswith("| ")][2:]
    assert rows
    tiers = {"crisis": Tier.CRISIS, "emergency": Tier.EMERGENCY, "urgent": Tier.URGENT_TODAY, "gp_soon": Tier.GP_SOON}

    wrong = []
    for said, want in rows:
        alert = judge(said)
        if want in {"none", "soft"}:
            right = alert is None if want == "none" else alert is not None and not alert.live
        else:
            least = next((tier for word, tier in tiers.items() if word in want), Tier.GP_SOON)
            right = live_tier(alert) >= least
        if not right:
            wrong.append((said, want))
    assert not wrong
