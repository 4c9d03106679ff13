"""Reading YAML: text stays text, every value has its place, and whatever could surprise is refused with its place."""

import pytest
import yaml

from bot.errors import KnowledgeError, Problem
from bot.knowledge.strict_yaml import DEPTH_LIMIT, FAST_LOADER, YamlLoader, parse_yaml
from tests.knowledge.bad_files import TEXTS

LOADERS: list[YamlLoader] = [FAST_LOADER, yaml.BaseLoader]


def refused(raw: bytes, loader: YamlLoader = FAST_LOADER) -> tuple[Problem, ...]:
    """The problems of *raw*, which must have some."""
    with pytest.raises(KnowledgeError) as refusal:
        parse_yaml(raw, "x.yaml", loader)
    return refusal.value.problems


@pytest.mark.parametrize(("raw", "at", "word"), [case[1:] for case in TEXTS], ids=[case[0] for case in TEXTS])
def test_a_surprise_is_refused_where_it_stands(raw: bytes, at: str, word: str) -> None:
    problem = refused(raw)[0]

    assert f"{problem.line}:{problem.column}" == at, problem
    assert word in problem.what
    assert problem.file == "x.yaml"


@pytest.mark.parametrize("loader", LOADERS, ids=["fast", "pure Python"])
@pytest.mark.parametrize("raw", [case[1] for case in TEXTS if len(case[1]) < 100_000], ids=[case[0] for case in TEXTS if len(case[1]) < 100_000])
def test_both_loaders_refuse_the_same(raw: bytes, loader: YamlLoader) -> None:
    assert refused(raw, loader)


@pytest.mark.parametrize("loader", LOADERS, ids=["fast", "pure Python"])
def test_no_word_turns_into_something_else(loader: YamlLoader) -> None:
    """What YAML 1.1 takes for booleans, octal, sexagesimal, dates and merge keys is text here."""
    raw = b"[no, Yes, on, off, true, 014, 1:30, 1_000, 1.10, 2026-05-31, .inf, 0x1F, '', \"\", NULL, 'null', =, <<, '~']"
    words = ["no", "Yes", "on", "off", "true", "014", "1:30", "1_000", "1.10", "2026-05-31", ".inf", "0x1F", "", "", "NULL", "null", "=", "<<", "~"]

    assert parse_yaml(raw, "x.yaml", loader).plain == words
    assert parse_yaml(b"on: 1\n2: x\nnull: y\n", "x.yaml", loader).plain == {"on": "1", "2": "x", "null": "y"}


@pytest.mark.parametrize("loader", LOADERS, ids=["fast", "pure Python"])
def test_only_a_plain_null_is_nothing(loader: YamlLoader) -> None:
    raw = b"a: null\nb: ~\nc:\nd: 'null'\ne: \"~\"\nf: |\n  null\n"

    assert parse_yaml(raw, "x.yaml", loader).plain == {"a": None, "b": None, "c": None, "d": "null", "e": "~", "f": "null\n"}


@pytest.mark.parametrize("loader", LOADERS, ids=["fast", "pure Python"])
def test_every_value_and_key_has_its_place(loader: YamlLoader) -> None:
    document = parse_yaml("\ufeffschön: [ä, {b: c}]\r\ntext: |\r\n  one\r\nlast: x\r\n".encode(), "x.yaml", loader)

    assert document.plain == {"schön": ["ä", {"b": "c"}], "text": "one\n", "last": "x"}
    assert document.values[("schön", 0)] == (1, 9)
    assert document.keys[("schön", 1, "b")] == (1, 13)
    assert document.values[("schön", 1, "b")] == (1, 16)
    assert document.values[("text",)] == (2, 7)
    assert document.keys[("last",)] == (4, 1)


def test_a_path_that_leads_nowhere_names_what_is_around() -> None:
    document = parse_yaml(b"a:\n  - b: c\n", "x.yaml")

    assert document.problem("!", ("a", 0, "nothing", "b")).line == 2
    assert document.problem("!", ("a", 7)) == Problem("x.yaml", 2, 3, "!")
    assert document.problem("!", ("a", 0), at_key=True) == Problem("x.yaml", 2, 5, "!")


@pytest.mark.parametrize("loader", LOADERS, ids=["fast", "pure Python"])
def test_an_alias_bomb_is_refused_by_its_aliases(loader: YamlLoader) -> None:
    """Every anchor and alias is named, none is followed."""
    levels = [f"{name}: &{name} [*{before}, *{before}]\n" for before, name in ("ab", "bc", "cd", "de", "ef", "fg")]
    problems = refused("".join(["a: &a [x, x]\n", *levels, "h: *g\n"]).encode(), loader)

    assert sum("aliases" in problem.what for problem in problems) == 13
    assert sum("anchors" in problem.what for problem in problems) == 7
    assert problems[-1] == Problem("x.yaml", 8, 4, problems[-1].what)


@pytest.mark.parametrize("raw", [b"&a [*a]", b"a: &x 1\nb: *x\n", b"- &y\n- {k: *y}\n", b"base: &b {k: v}\nuse:\n  <<: *b\n"])
def test_no_alias_gets_through(raw: bytes) -> None:
    assert any("aliases" in problem.what for problem in refused(raw))


def test_a_key_twice_hides_nothing_of_what_stands_under_it() -> None:
    problems = refused(b"a: 1\na:\n  - *x\n")

    assert [problem.what.partition(" ")[0] for problem in problems] == ["duplicate", "aliases"]


def test_the_first_problems_of_a_hopeless_file_are_enough() -> None:
    assert len(refused(b"- !x y\n" * 1_000)) == 50


def test_nesting_up_to_the_limit_is_fine() -> None:
    assert parse_yaml(b"[" * DEPTH_LIMIT + b"]" * DEPTH_LIMIT, "x.yaml").plain


def test_a_number_of_many_digits_costs_nothing() -> None:
    assert parse_yaml(b"a: " + b"9" * 100_000, "x.yaml").plain == {"a": "9" * 100_000}


def test_a_parser_that_gives_up_without_a_place_is_a_problem_too() -> None:
    class Failing(yaml.BaseLoader):
        def check_event(self, *choices: object) -> bool:
            raise yaml.YAMLError

    assert "not valid YAML (YAMLError)" in refused(b"a: 1", Failing)[0].what


@pytest.mark.parametrize("loader", LOADERS, ids=["fast", "pure Python"])
def test_a_comment_is_a_comment(loader: YamlLoader) -> None:
    raw = b"# one\na: b # two\nc: 'd' #three\ne: f#4\ng: |  # five\n  #6\nh:  #seven\n  i: j   ## eight\n#nine\nk: [l, # ten\n m]\n"

    assert parse_yaml(raw, "x.yaml", loader).plain == {"a": "b", "c": "d", "e": "f#4", "g": "#6\n", "h": {"i": "j"}, "k": ["l", "m"]}
