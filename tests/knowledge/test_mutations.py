"""A good folder, damaged at random: it loads, or every problem has a place. Nothing else happens."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import KnowledgeError, Problem
from bot.knowledge.loader import read_knowledge
from bot.knowledge.strict_yaml import parse_yaml
from tests.knowledge.folders import EXAMPLES, GOOD, write_folder
from tests.knowledge.mutants import TROUBLE, Mutation, cut, drop_line, flip, insert, repeat_line

_WHOLE = {**GOOD, **EXAMPLES}
_AT = st.integers(0, 2_000)
MUTATIONS = st.lists(
    st.one_of(
        st.builds(flip, _AT, st.integers(0, 255)),
        st.builds(cut, _AT),
        st.builds(insert, _AT, st.sampled_from(TROUBLE)),
        st.builds(drop_line, _AT),
        st.builds(repeat_line, _AT),
    ),
    min_size=1,
    max_size=3,
)


def problems_of(read: Callable[[], object]) -> tuple[Problem, ...]:
    """The problems it names; none when it reads what it is given."""
    try:
        read()
    except KnowledgeError as error:
        return error.problems or (Problem("no problem at all", 0, 0, ""),)
    return ()


@settings(max_examples=250)
@given(name=st.sampled_from(sorted(_WHOLE)), mutations=MUTATIONS)
def test_a_damaged_folder_loads_or_names_its_problems(name: str, mutations: list[Mutation], tmp_path: Path) -> None:
    raw = _WHOLE[name].encode()
    for mutate in mutations:
        raw = mutate(raw) or b"\n"
    write_folder(tmp_path, {**EXAMPLES, name: raw})
    lines = {file: (raw if file == name else content.encode()).count(b"\n") + 2 for file, content in _WHOLE.items()}

    for problem in problems_of(lambda: read_knowledge(tmp_path)):
        assert 1 <= problem.line <= lines.get(problem.file, 1) + raw.count(b"\r"), problem
        assert problem.column >= 1, problem
        assert str(problem).encode(), "it can be printed"


_SHAPES = ["- {}", "- [x, {}]", "- {{k: {}}}", "- k: {}", "- - - {}", "- k:\n    - {}"]


@given(texts=st.lists(st.tuples(st.sampled_from(_SHAPES), st.text("abc *!:#", max_size=8)), min_size=2, max_size=12), data=st.data())
def test_an_anchor_and_its_alias_are_always_found(texts: list[tuple[str, str]], data: st.DataObject) -> None:
    """Wherever they stand, each is named at its line; and without them the same text is read."""
    anchored = data.draw(st.integers(0, len(texts) - 2))
    aliased = data.draw(st.integers(anchored + 1, len(texts) - 1))
    plain = [shape.format(json.dumps(text)) for shape, text in texts]
    tricked = list(plain)
    tricked[anchored] = texts[anchored][0].format("&a " + json.dumps(texts[anchored][1]))
    tricked[aliased] = texts[aliased][0].format("*a")

    assert parse_yaml("\n".join(plain).encode(), "x.yaml").plain
    with pytest.raises(KnowledgeError) as refusal:
        parse_yaml("\n".join(tricked).encode(), "x.yaml")
    lines = "\n".join(tricked).split("\n")
    assert [(problem.line, problem.what.partition(" ")[0]) for problem in refusal.value.problems] == [
        (1 + next(number for number, line in enumerate(lines) if "&a " in line), "anchors"),
        (1 + next(number for number, line in enumerate(lines) if line.rstrip("]}").endswith(" *a")), "aliases"),
    ]


@given(raw=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    assert all(problem.line >= 1 and str(problem).encode() for problem in problems_of(lambda: parse_yaml(raw, "x.yaml")))


@given(text=st.text(alphabet=st.sampled_from("ab:-[]{}&*!|>'\"#,?%@\\ \n"), max_size=60))
def test_any_punctuation_is_read_or_refused(text: str) -> None:
    assert all(problem.line >= 1 and problem.column >= 1 for problem in problems_of(lambda: parse_yaml(text.encode(), "x.yaml")))
