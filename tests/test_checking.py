"""`napebot check`: what it prints, for people and for machines, when it fails, and what it says of what has changed."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.audit.report import STRICT
from bot.cli import main
from bot.knowledge.loader import read_draft
from bot.knowledge.signing import content_hash
from tests.commits import commit_all
from tests.kitchen import DANGERS, write_kitchen
from tests.mistakes import BREAD, EGGS, FLAGS, GOOD, ONE_SENTENCE, below_last, of_good

pytestmark = pytest.mark.usefixtures("nowhere")


def json_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = main(["check", "--json", *arguments])
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return code, told


# --- for people -----------------------------------------------------------------------------------------------------


@pytest.fixture
def kitchen(tmp_path: Path) -> Path:
    return write_kitchen(tmp_path / "kitchen", DANGERS)


def plant(folder: Path, *layers: Mapping[str, str]) -> str:
    return str(write_kitchen(folder, DANGERS, *layers))


def test_problems_come_first_and_warnings_with_them(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mended = of_good(BREAD, "    - rescue a hard loaf\n", "    - how do i knead\n")
    folder = plant(kitchen, {BREAD: mended[BREAD] + "  note: keep-cold\n" + ONE_SENTENCE}, {"none.yaml": "7\n"})

    assert main(["check", folder]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines[:-1]] == [BREAD, BREAD, "none.yaml", BREAD]
    assert "(warning: long-sentence)" in lines[-2]
    assert lines[-1] == "3 problem(s) found: 2 inconsistent, 1 malformed."


def test_long_lists_are_cut_and_shown_on_demand(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more = "".join(f"- id: toast-{number}\n  title: Toast\n  asks: [burnt toast number {number}]\n  answer: Scrape it.\n" for number in range(12))
    folder = plant(kitchen, {BREAD: GOOD[BREAD] + more})
    found = re.compile(r"^entries/bread\.yaml:\d+:\d+: 'toast-\d+' has 1 phrasing; .* \(warning: too-few\)$", re.MULTILINE)

    assert main(["check", folder]) == 0
    short = capsys.readouterr().out
    assert main(["check", "--all", folder]) == 0
    whole = capsys.readouterr().out

    assert len(found.findall(short)) == 10
    assert "\n... and 2 more of 'too-few'; --all shows them\n" in short
    assert "(note: unsigned)" not in short
    assert len(found.findall(whole)) == 12
    assert "--all" not in whole
    assert len(re.findall(r"\(note: unsigned\)$", whole, re.MULTILINE)) == 21


def test_the_summary_has_the_figures(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = plant(kitchen, below_last("  more: Wet it. Then bake it again for a while.\n"))

    assert main(["check", folder]) == 0
    assert re.fullmatch(
        re.escape(folder) + r": good\. Version [0-9a-f]{12}: 5 entries with 40 phrasings, 4 red flags, 0 examples of danger, 0 of questions, "
        r"8 embedded sentences tried\.\n"
        r"Safety: 4 of 4 sentences of danger raise their red flag; 0 of 43 harmless ones raise an alarm\.\n"
        r"Reading: school year -?\d\.\d in the middle, \d\.\d at most \('[a-z-]+'\)\.\n"
        r"Signed: 0 of 9 entries and red flags\. napebot review shows what there is to sign\.\n"
        r"22 notes: .*\b9 unsigned\b.* \(--all shows them\)\.\n",
        capsys.readouterr().out,
    )


def test_quiet_tells_of_problems_alone(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--quiet", plant(kitchen, below_last(ONE_SENTENCE))]) == 0
    assert capsys.readouterr().out == ""

    assert main(["check", "--quiet", plant(kitchen, below_last(ONE_SENTENCE + "  note: keep-cold\n"))]) == 1
    assert re.fullmatch(r"entries/bread\.yaml:\d+:9: 'keep-cold' is no note.*\n1 problem\(s\) found\.\n", capsys.readouterr().out)


def test_strict_fails_on_what_nobody_answers_for_and_shows_it(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--strict", str(kitchen)]) == 1
    shown = capsys.readouterr().out
    assert {kind for kind in STRICT if f"(note: {kind})" in shown or f"(warning: {kind})" in shown} == {"unsigned", "unsourced"}
    assert shown.splitlines()[-1].startswith("Strict: ")

    assert main(["check", "--strict", "--quiet", str(kitchen)]) == 1
    assert "(note: unsigned)" in capsys.readouterr().out


def test_strict_lets_pass_what_is_signed_and_sourced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A phrasing too few is no reason."""
    text = GOOD[EGGS].split("- id: fried-eggs")[0].replace("  related: [fried-eggs, old-eggs]\n", "")
    folder = tmp_path / "one"
    (folder / "entries").mkdir(parents=True)
    (folder / EGGS).write_text(text, encoding="utf-8")
    (entry, _), *_ = read_draft(folder).entries
    day = datetime.now(UTC).date().isoformat()
    (folder / EGGS).write_text(f"{text}  reviewed: {{by: A, role: cook, date: {day}, hash: {content_hash(entry)}}}\n", encoding="utf-8")

    assert main(["check", "--strict", str(folder)]) == 0
    assert "Signed: 1 of 1" in capsys.readouterr().out

    more = str(write_kitchen(tmp_path / "kitchen"))
    assert main(["check", "--against", more, str(folder)]) == 0
    assert main(["check", "--strict", "--against", more, str(folder)]) == 1  # what other entries answered is lost
    assert main(["check", "--strict", "--against", str(folder), str(folder)]) == 0


def test_what_passed_is_known_to_have_passed(kitchen: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(kitchen)]) == 0
    first = capsys.readouterr().out

    def never(*_: object) -> None:
        raise AssertionError("tried again")

    monkeypatch.setattr("bot.audit.report.try_sentences", never)
    assert main(["check", str(kitchen)]) == 0
    assert capsys.readouterr().out == first


def test_a_user_without_a_home_may_check(kitchen: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("bot.checking.cache_folder", lambda _: None)

    assert main(["check", str(kitchen)]) == 0


def test_all_and_quiet_are_not_for_one_check(kitchen: Path) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["check", "--all", "--quiet", str(kitchen)])

    assert caught.value.code == 2


# --- for machines ---------------------------------------------------------------------------------------------------


def test_machines_get_one_document(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    layer = of_good(BREAD, "    - rescue a hard loaf\n", "    - minutes to boil a hard egg with a runny yolk\n")

    code, told = json_of(capsys, plant(kitchen, layer))

    assert code == 0
    assert set(told) == {"version", "good", "counts", "reading", "safety", "findings", "difference"}
    assert told["counts"]["entries"] == 5
    assert told["safety"] == {"dangers": 4, "caught": 4, "harmless": 43, "alarmed": 0}
    assert set(told["reading"]) == {"median", "worst", "worst_entry"}
    stolen = next(finding for finding in told["findings"] if finding["kind"] == "stolen" and finding["weight"] == "warning")
    assert set(stolen) == {"kind", "weight", "file", "line", "column", "what", "words", "entries"}
    assert stolen["entries"] == ["boiled-eggs"]
    assert told["difference"] is None


def test_machines_get_a_document_of_problems_too(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = json_of(capsys, plant(kitchen, {"entries/eggs.yaml": "7\n", "entries/bread.yaml": "[]\n"}))

    assert code == 1
    assert (told["good"], told["safety"], told["reading"]) == (False, None, None)
    assert {finding["kind"] for finding in told["findings"] if finding["weight"] == "problem"} == {"malformed"}


# --- against what it was --------------------------------------------------------------------------------------------


@pytest.fixture
def repository(kitchen: Path) -> Path:
    (kitchen / ".schemas").symlink_to("/etc")  # a link that leads out of the folder is no knowledge
    commit_all(kitchen.parent)
    return kitchen


def test_nothing_is_no_earlier_state(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As `--against "$BASE"` where BASE is not set: to compare with nothing and say so is better than silence."""
    assert main(["check", "--against", "", str(kitchen)]) == 2
    assert "--against" in capsys.readouterr().err


SILENCED = of_good(FLAGS, "any: [smell of gas, smell gas]", "any: [reek of gas]")[FLAGS].replace(
    "fires_on: [i smell gas]", "fires_on: [it is a reek of gas]"
)


@pytest.mark.parametrize("by", ["git", "folder"])
def test_what_is_lost_is_told_first(by: str, repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = "HEAD" if by == "git" else str(shutil.copytree(repository, tmp_path / "before", symlinks=True))
    folder = plant(repository, {FLAGS: SILENCED})

    assert main(["check", "--against", before, folder]) == 0
    lines = capsys.readouterr().out.splitlines()
    said = next(place for place, line in enumerate(lines) if "known sentences now get another reply" in line)
    assert re.match(r"2 of \d+ known sentences now get another reply, 1 of them lose an answer or a red flag:", lines[said])
    assert re.match(r"  LOST red flag: 'i smell gas': alarm .*\(emergency: gas\) -> \w+", lines[said + 1])
    assert re.match(r"  'it is a reek of gas': \w+.* -> alarm .*\(emergency: gas\)", lines[said + 2])

    assert main(["check", "--strict", "--against", before, folder]) == 1
    capsys.readouterr()
    code, told = json_of(capsys, "--against", before, folder)
    assert code == 0
    assert [(each["sentence"], each["loss"]) for each in told["difference"]["changes"]] == [
        ("i smell gas", "red flag"),
        ("it is a reek of gas", None),
    ]
    assert told["difference"]["changes"][0]["before"]["tier"] == "emergency"


def test_nothing_new_is_told_too(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--against", "HEAD", str(repository)]) == 0
    assert re.match(r"All \d+ known sentences get what they got before\.\n", capsys.readouterr().out)


def test_many_changes_are_cut(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = plant(
        repository,
        {
            EGGS: "- {id: tea, title: Tea, asks: [how long do i brew tea], answer: Three minutes.}\n",
            "topic.yaml": "name: Tea\n",
            FLAGS: "flags: []\n",
        },
    )

    assert main(["check", "--against", "HEAD", folder]) == 0
    short = capsys.readouterr().out
    assert main(["check", "--all", "--against", "HEAD", folder]) == 0
    whole = capsys.readouterr().out

    assert short.count(" -> ") == 20
    assert re.search(r"^\.\.\. and \d+ more; --all shows them$", short, re.MULTILINE)
    assert whole.count(" -> ") > 20
    assert "LOST answer: 'how do i fry an egg': answered fried-eggs" in whole


def test_with_problems_nothing_is_compared(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--against", "HEAD", plant(repository, below_last("  note: keep-cold\n"))]) == 1
    assert "Not compared with 'HEAD': that takes a folder without problems.\n" in capsys.readouterr().out


def test_a_version_with_problems_is_nothing_to_compare_with(kitchen: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = plant(tmp_path / "bad", below_last("  note: keep-cold\n"))

    assert main(["check", "--against", bad, str(kitchen)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"--against: '{bad}' has 1 problem(s), the first is entries/bread.yaml:")


def test_what_is_not_there_is_bad_usage(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--against", "last-week", str(kitchen)]) == 2
    assert capsys.readouterr().err.startswith("--against: 'last-week' is no folder, and no commit")
