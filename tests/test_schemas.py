"""The JSON Schemas that editors read: made from the shapes of today, named by every knowledge file, and of one mind with the loader."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from bot.errors import KnowledgeError
from bot.knowledge import json_schema
from bot.knowledge.defaults import read_default
from bot.knowledge.json_schema import DRAFT, first_line, schema_file, text_of, write
from bot.knowledge.loader import read_knowledge
from bot.knowledge.reading import FILES
from bot.knowledge.strict_yaml import parse_yaml
from bot.knowledge.topic_schema import MessagesFile
from tests import kitchen
from tests.adapters.telegram import bicycle
from tests.conftest import ROOT
from tests.editor_reading import as_editors_read
from tests.knowledge.bad_files import BAD, Bad
from tests.knowledge.folders import EXAMPLES, GOOD, write_folder
from tests.knowledge.mutants import mutant

SHIPPED = ROOT / "knowledge"
PUBLISHED = ROOT / "bot" / "schemas"
OURS = sorted(path.relative_to(SHIPPED).as_posix() for path in (*SHIPPED.glob("*.yaml"), *SHIPPED.glob("entries/*.yaml")))
GOOD_FILES: Mapping[str, Mapping[str, str]] = {
    "the good folder": {**GOOD, **EXAMPLES},
    "kitchen": {**kitchen.ENTRIES, **kitchen.DANGERS},
    "bicycle": bicycle.FILES,
}

UNSEEN = {
    # The loader looks at more than one place for these: names of things elsewhere, sentences that stand twice, lengths of several texts together.
    "ask without a word", "unknown related entry", "related to itself", "related twice", "unknown note", "answer too long for a message",
    "wide letters too long for a message", "answer and more too long together", "the same ask twice", "an ask that is a test",
    "a contrast that is a test", "asked and not meant", "hit and miss", "an ask of two entries", "an ask that tests another entry",
    "the same id twice", "unknown safety entry", "theme without a file", "region there is not", "withheld entry there is not",
    "alarm that is missing", "alarm of a rule there is not", "alarm there is not", "first line there is not", "soft line there is not",
    "flag and alarm too long for a button", "flag of danger there is not", "danger twice, of two tiers", "harmless that is dangerous",
    "reminder of no alarm", "small talk twice", "small talk that an entry answers", "none that an entry answers", "none twice",
    "phrase of two words", "phrase that stands for itself", "phrase without a word", "confusable of itself", "confusable of two words",
    # Which values a sentence takes, how many UTF-16 units Telegram shows.
    "description too long", "short description too long", "command explained at length", "value nobody gives", "value in a sentence without any",
    "sentence without what it is there to say", "alarm that nothing raises", "plus that stands alone", "reading in which nothing lies",
    "value in an alarm without any", "list of numbers in a first line", "kind of number there is not",
    "list of numbers in a reminder", "unknown language",
    # What only a calendar or a parser tells.
    "a day there is not", "broken address",
}  # fmt: skip
"""The mistakes that a schema cannot see. `napebot check` names them."""


@cache
def schemas() -> Mapping[str, Any]:
    """Those of today."""
    return json_schema.schemas()


@cache
def validator(name: str) -> Draft7Validator:
    """What judges the knowledge file *name*."""
    return Draft7Validator(json.loads((PUBLISHED / schema_file(name)).read_text(encoding="utf-8")))


def refusals(name: str, raw: bytes) -> list[str]:
    """What an editor would say of *raw* as the file *name*."""
    return [f"{list(error.absolute_path)}: {error.message[:200]}" for error in validator(name).iter_errors(as_editors_read(raw))]


# --- published ------------------------------------------------------------------------------------------------------


def test_the_published_schemas_are_made_from_the_shapes_of_today(tmp_path: Path) -> None:
    write(tmp_path)
    stale = "stale: run `python -m bot.knowledge.json_schema`"

    assert {path.name: path.read_bytes() for path in PUBLISHED.iterdir()} == {path.name: path.read_bytes() for path in tmp_path.iterdir()}, stale


def test_writing_takes_away_what_is_no_schema_any_more(tmp_path: Path) -> None:
    (tmp_path / "gone.schema.json").write_text("{}", encoding="utf-8")
    (tmp_path / "README.md").write_text("mine", encoding="utf-8")
    write(tmp_path)

    assert not (tmp_path / "gone.schema.json").exists()
    assert (tmp_path / "README.md").exists()


def test_every_file_that_the_loader_reads_has_a_schema_and_nothing_else_has() -> None:
    assert {schema_file(name) for name in (*FILES, "entries/any-theme.yaml")} == schemas().keys()


@pytest.mark.parametrize("name", sorted(schemas()))
def test_a_schema_is_a_sound_one_of_draft_7(name: str) -> None:
    schema = schemas()[name]

    Draft7Validator.check_schema(schema)
    assert schema["$schema"] == DRAFT
    assert schema["title"].split(":")[0].split(" ")[-1].startswith(name.removesuffix(".schema.json"))
    assert json.loads(text_of(schema)) == schema
    assert '"$ref"' not in text_of(schema)


def _properties(schema: Any) -> list[tuple[str, Any]]:
    if isinstance(schema, list):
        return [found for each in schema for found in _properties(each)]
    if not isinstance(schema, dict):
        return []
    here = list(schema["properties"].items()) if schema.get("additionalProperties") is False and "properties" in schema else []
    return here + [found for key, each in schema.items() if key != "examples" for found in _properties(each)]


TIERS = {"self_care", "pharmacist", "gp_soon", "urgent_today", "emergency", "crisis"}


def test_every_key_is_explained_and_every_mapping_is_closed() -> None:
    """But the names of tiers and cues, which the mapping around them explains."""
    keys = [(name, key, about) for name, schema in schemas().items() for key, about in _properties(schema)]
    cues = schemas()["red_flags.schema.json"]["properties"]["cues"]["properties"].keys()

    assert len(keys) > 200
    assert [(name, key) for name, key, about in keys if "description" not in about and key not in TIERS | cues] == []


def test_editors_offer_the_sentences_that_the_bot_says_and_the_languages_it_knows() -> None:
    keys = schemas()["messages.schema.json"]["properties"]

    assert keys["sentences"]["properties"].keys() == (read_default("messages.yaml", MessagesFile).sentences or {}).keys()
    assert keys["sentences"]["properties"]["more"]["description"] == "As it ships: More"
    assert len(keys["sentences"]["properties"]["privacy"]["description"]) < 320
    assert keys["other_languages"]["properties"]["es"]["description"] == "Español"
    assert "any_other" in keys["other_languages"]["properties"]


# --- named ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OURS)
def test_every_knowledge_file_names_its_schema_and_the_name_leads_there(name: str) -> None:
    file = SHIPPED / name
    line = file.read_text(encoding="utf-8").split("\n", 1)[0]

    assert line == first_line(name)
    named = (file.parent / line.partition("$schema=")[2]).resolve()
    assert named == (PUBLISHED / schema_file(name)).resolve()


def test_the_schemas_beside_the_knowledge_are_the_published_ones() -> None:
    """By a link: one copy, and yet `.schemas/` lies in this folder as in every other, so that first lines are the same everywhere."""
    link = SHIPPED / ".schemas"

    assert link.is_symlink()
    assert link.readlink() == Path("../bot/schemas")


def test_schemas_in_a_knowledge_folder_are_none_of_its_files(tmp_path: Path) -> None:
    write_folder(tmp_path)
    before = read_knowledge(tmp_path)
    write(tmp_path / ".schemas")
    (tmp_path / ".schemas" / "odd.yaml").write_text("][", encoding="utf-8")

    assert read_knowledge(tmp_path) == before


# --- of one mind with the loader ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OURS)
def test_our_own_files_are_valid(name: str) -> None:
    assert refusals(name, (SHIPPED / name).read_bytes()) == []


@pytest.mark.parametrize("folder", GOOD_FILES)
def test_folders_of_other_topics_are_valid(folder: str) -> None:
    files = GOOD_FILES[folder]

    assert files
    assert {name: refusals(name, content.encode()) for name, content in files.items() if refusals(name, content.encode())} == {}


@pytest.mark.parametrize("bad", BAD, ids=[bad.name for bad in BAD])
def test_a_mistake_is_underlined_where_a_schema_can_see_it(bad: Bad) -> None:
    try:
        parse_yaml(bad.content.encode(), bad.file)
    except KnowledgeError:
        return  # No YAML: the editor says so itself.

    assert bool(refusals(bad.file, bad.content.encode())) == (bad.name not in UNSEEN), refusals(bad.file, bad.content.encode())


def test_what_a_schema_cannot_see_is_named_by_its_right_name() -> None:
    assert {bad.name for bad in BAD} >= UNSEEN


_KEYS = ("id", "title", "tier", "not", "tests", "hits", "full_note", "any", "raises", "flags", "sentences", "uk", "colour")
_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(
        [None, "", " ", "text", "self_care", "emergency", 7, "2026-05-31", "https://example.org", "ice-or-heat", "x" * 65, "x" * 501, "Aa."]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=3),
    max_leaves=4,
)
_WHOLE = {**GOOD, **EXAMPLES}


def _places(plain: Any) -> list[tuple[Any, Any]]:
    """Return every list and mapping of *plain*, with each of its indexes and keys."""
    inner = plain.items() if isinstance(plain, dict) else enumerate(plain) if isinstance(plain, list) else ()
    return [(plain, step) for step, _ in inner] + [place for _, each in inner for place in _places(each)]


def _loader_refuses(name: str, raw: bytes, folder: Path) -> bool:
    try:
        read_knowledge(write_folder(folder, {**EXAMPLES, name: raw}))
    except KnowledgeError:
        return True
    return False


@settings(max_examples=60)
@given(name=st.sampled_from(sorted(_WHOLE)), value=_VALUES, where=st.integers(0, 10_000), instead=st.booleans())
def test_what_a_schema_refuses_the_loader_refuses_too(name: str, value: Any, where: int, instead: bool, tmp_path: Path) -> None:
    """Some value is replaced, or gets another key or item beside it. JSON is YAML that both read alike.

    No bare true stands among the values, nor one in quotes: the loader takes the first for text, and the second for what is true; editors do neither.
    """
    plain: Any = parse_yaml(_WHOLE[name].encode(), name).plain
    places = _places(plain)
    around, step = places[where % len(places)]
    if instead:
        around[step] = value
    elif isinstance(around, dict):
        around[_KEYS[where % len(_KEYS)]] = value
    else:
        around.append(value)
    raw = json.dumps(plain, ensure_ascii=False).encode()

    if refusals(name, raw):
        assert _loader_refuses(name, raw, tmp_path), refusals(name, raw)


@settings(max_examples=60)
@given(name=st.sampled_from(sorted(_WHOLE)), seed=st.integers(0, 2**32))
def test_so_it_is_with_files_damaged_at_random(name: str, seed: int, tmp_path: Path) -> None:
    raw = mutant(_WHOLE[name].encode(), Random(seed))  # noqa: S311 - repeatable
    try:
        parse_yaml(raw, name)
    except KnowledgeError:
        return  # No YAML, or none that we read: the editor, or the loader, says so.

    if refusals(name, raw):
        assert _loader_refuses(name, raw, tmp_path), refusals(name, raw)
