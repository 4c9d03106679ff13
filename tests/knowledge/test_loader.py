"""What a good folder becomes, and how it stands over the defaults."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.content import NoteWordings, Numbers, Region, Signature, Source, Tier
from bot.core.triage.rules import Example
from bot.errors import KnowledgeError, Problem
from bot.knowledge.defaults import languages, read_default, read_language
from bot.knowledge.loader import load_snapshot, read_draft, read_knowledge
from bot.knowledge.schema import ID_LIMIT
from bot.knowledge.topic_schema import LanguageFile, MessagesFile, TopicFile
from tests.knowledge.folders import CARE, DANGER, EXAMPLES, GOOD, HARMLESS, RELIEF, write_folder


def warnings(folder: Path) -> list[Problem]:
    return sorted(read_draft(folder).warnings)


ONLY_ENTRIES = (RELIEF, CARE)


def only_entries(folder: Path) -> Path:
    """Write a folder that brings nothing but entries."""
    (folder / "entries").mkdir(parents=True)
    for name in ONLY_ENTRIES:
        (folder / name).write_text(GOOD[name].replace("note: keep-warm", "note: null"))
    return folder


def test_an_entry_keeps_all_its_author_wrote(tmp_path: Path) -> None:
    entries = read_knowledge(write_folder(tmp_path)).entries
    ice = next(entry for entry in entries if entry.id == "ice-or-heat")

    assert [entry.id for entry in entries] == ["see-a-doctor", "ice-or-heat"], "in the order of the files"
    assert (ice.theme, ice.title, ice.tier, ice.note) == ("relief", "Ice or heat?", Tier.SELF_CARE, "keep-warm")
    assert ice.asks == ("should i put ice on it", "warm or cold for a cramped neck")
    assert (ice.keywords, ice.contrasts) == (("ice", "heat pad"), ("ice for a swollen knee",))
    assert (ice.hits, ice.misses) == (("should i put ice on my cramped neck",), ("lunch box",))
    assert (ice.answer, ice.more) == ("Either can help.", "Wrap it in a towel.")
    assert ice.sources == (Source("NHS", "Neck pain", "https://www.nhs.uk/conditions/neck-pain/"),)
    assert (ice.checked, ice.reviewed) == (Signature("A. Person", "", "2026-05-31"), None)
    assert (ice.related, ice.full_note, ice.unsourced) == (("see-a-doctor",), False, False)


def test_what_an_entry_leaves_out_has_a_default(tmp_path: Path) -> None:
    short = "- id: see-a-doctor\n  title: T\n  asks: [a]\n  answer: A\n  not:\n  tests: {hits: }\n"
    entry = read_knowledge(write_folder(tmp_path, {CARE: short})).entries[0]

    assert (entry.tier, entry.more, entry.note) == (Tier.SELF_CARE, "", None)
    assert [*entry.keywords, *entry.contrasts, *entry.hits, *entry.misses, *entry.related] == []
    assert entry.sources == ()


def test_true_is_true(tmp_path: Path) -> None:
    knowledge = read_knowledge(write_folder(tmp_path, {CARE: GOOD[CARE] + "  full_note: true\n  unsourced: true\n"}))

    assert (knowledge.entries[0].full_note, knowledge.entries[0].unsourced) == (True, True)


def test_a_review_stands_while_the_text_does(tmp_path: Path) -> None:
    """The hash is told where it is wrong, and any change of what is shown voids it; another way to ask does not."""
    review = "  reviewed: {by: Dr. A, role: GP, date: 2026-05-31, hash: HASH}\n"
    write_folder(tmp_path, {CARE: GOOD[CARE] + review})
    signed = GOOD[CARE] + review.replace("HASH", hash_told(tmp_path))

    assert read_knowledge(write_folder(tmp_path, {CARE: signed})).entries[0].reviewed == Signature("Dr. A", "GP", "2026-05-31")
    assert warnings(tmp_path) == []
    assert read_knowledge(write_folder(tmp_path, {CARE: signed.replace("when do i", "when shall i")})).entries[0].reviewed
    assert read_knowledge(write_folder(tmp_path, {CARE: signed.replace("does not get better", "gets worse")})).entries[0].reviewed is None
    assert [str(warning).partition(";")[0] for warning in warnings(tmp_path)] == [
        f"entries/care.yaml:7:59: the signature is void: what was signed has changed (its hash is {hash_told(tmp_path)} now)"
    ]


def hash_told(folder: Path) -> str:
    """The hash that the only warning of *folder* names."""
    (warning,) = warnings(folder)
    return warning.what.partition("its hash is ")[2][:16]


FLAGS = "red_flags.yaml"
OF_FLAG = "    reviewed: {by: Dr. A, role: GP, date: 2026-05-31, hash: HASH}\n"
OF_ALL = "reviewed: {by: Dr. B, role: GP, date: 2026-06-01, hash: HASH}\nidioms: [heart to heart]\n"


def test_a_red_flag_and_what_all_share_are_signed_apart(tmp_path: Path) -> None:
    """What no longer fits is dropped, with the place of its hash; the folder loads all the same."""
    flag, shared = GOOD[FLAGS] + OF_FLAG, OF_ALL + GOOD[FLAGS]
    write_folder(tmp_path, {FLAGS: flag})
    flag_hash = hash_told(tmp_path)
    write_folder(tmp_path, {FLAGS: shared})
    signed = OF_ALL.replace("HASH", hash_told(tmp_path)) + GOOD[FLAGS] + OF_FLAG.replace("HASH", flag_hash)
    rules = read_knowledge(write_folder(tmp_path, {FLAGS: signed})).red_flags

    assert (rules.flags[0].reviewed, rules.reviewed) == (Signature("Dr. A", "GP", "2026-05-31"), Signature("Dr. B", "GP", "2026-06-01"))
    assert warnings(tmp_path) == []

    rules = load_snapshot(write_folder(tmp_path, {FLAGS: signed.replace("[chest pain]", "[chest pain, sore chest]")})).knowledge.red_flags
    assert (rules.flags[0].reviewed, rules.reviewed) == (None, Signature("Dr. B", "GP", "2026-06-01"))
    assert [str(warning)[:22] for warning in warnings(tmp_path)] == ["red_flags.yaml:17:61: "]

    rules = read_knowledge(write_folder(tmp_path, {FLAGS: signed.replace("heart to heart", "chest of drawers")})).red_flags
    assert (rules.flags[0].reviewed, rules.reviewed) == (Signature("Dr. A", "GP", "2026-05-31"), None)
    assert [str(warning)[:21] for warning in warnings(tmp_path)] == ["red_flags.yaml:1:57: "]


def test_while_messages_cannot_be_read_nothing_is_said_of_signatures(tmp_path: Path) -> None:
    write_folder(tmp_path, {FLAGS: GOOD[FLAGS] + OF_FLAG, "messages.yaml": "["})

    assert warnings(tmp_path) == []
    with pytest.raises(KnowledgeError) as refusal:
        read_knowledge(tmp_path)
    assert [problem.file for problem in refusal.value.problems] == ["messages.yaml"]


def test_examples_come_with_flag_and_tier_in_the_order_of_the_files(tmp_path: Path) -> None:
    examples = read_knowledge(write_folder(tmp_path, EXAMPLES)).examples

    assert examples.said == (
        Example("my chest feels crushed", Tier.EMERGENCY, "chest"),
        Example("an elephant sits on my chest", Tier.EMERGENCY, "chest"),
        Example("my chest of drawers is heavy", None),
        Example("the chest freezer hums", None),
    )


def test_examples_are_told_apart_by_their_files_alone(tmp_path: Path) -> None:
    """So that knowledge whose examples were not read is still the same."""
    one = read_knowledge(write_folder(tmp_path, EXAMPLES))
    answer = read_knowledge(write_folder(tmp_path, {CARE: GOOD[CARE].replace("better", "well")}))
    other = read_knowledge(write_folder(tmp_path, {HARMLESS: "- hello\n"}))

    assert one.examples == answer.examples == replace(one.examples, said=())
    assert one.version != answer.version
    assert one.examples != other.examples
    assert read_knowledge(only_entries(tmp_path / "none")).examples.said == ()


def test_of_a_flag_with_problems_its_examples_are_no_problem(tmp_path: Path) -> None:
    """A flag that there is not is named once, however many examples it has; while the flags cannot be read it is not looked for."""
    lost = {**EXAMPLES, DANGER: EXAMPLES[DANGER].replace("chest:", "heart:") + "  crisis: [my heart is broken]\n"}
    broken = [{**lost, FLAGS: content} for content in ("[", GOOD[FLAGS].replace("why:", "wy:"), GOOD[FLAGS].replace("[chest pain]", "[<nothing>]"))]

    assert [problem.file for problem in read_draft(write_folder(tmp_path, lost)).problems] == [DANGER]
    assert [DANGER in {problem.file for problem in read_draft(write_folder(tmp_path, files)).problems} for files in broken] == [False, False, True]


def test_a_message_without_words_may_mean_anything(tmp_path: Path) -> None:
    files = {DANGER: "chest:\n  emergency: ['🙂']\n", HARMLESS: "- '🙂🙂'\n"}

    assert len(read_knowledge(write_folder(tmp_path, files)).examples.said) == 2


def test_a_folder_of_entries_alone_is_enough(tmp_path: Path) -> None:
    knowledge = read_knowledge(only_entries(tmp_path))
    default = read_default("messages.yaml", MessagesFile)

    assert knowledge.messages.sentences.keys() == (default.sentences or {}).keys()
    assert set(knowledge.topic.notes_by_tier) == set(Tier)
    assert knowledge.smalltalk
    assert knowledge.none
    assert knowledge.red_flags.flags == ()
    assert knowledge.synonyms.say_by_phrase == {}
    assert knowledge.numbers == Numbers()


def test_a_folder_speaks_over_the_defaults_key_by_key(tmp_path: Path) -> None:
    plain, own = read_knowledge(only_entries(tmp_path / "a")), read_knowledge(write_folder(tmp_path / "b"))

    assert own.messages.sentences["offer"] == ("Which one?", "Is it one of these?")
    assert own.messages.sentences["help"] == plain.messages.sentences["help"]
    assert own.messages.notes["keep-warm"] == NoteWordings(("Keep it warm, and ask if it stays.",), ("Keep it warm.",))
    assert own.messages.alarms["emergency"] == "Call for help now."
    assert own.topic.notes_by_tier[Tier.SELF_CARE] == NoteWordings(plain.topic.notes_by_tier[Tier.SELF_CARE].full, ("See a pharmacist if it stays.",))
    assert own.topic.notes_by_tier[Tier.CRISIS] == plain.topic.notes_by_tier[Tier.CRISIS]
    assert (own.topic.name, own.topic.safety_entry, own.topic.region) == ("Necks", "see-a-doctor", None)


def test_numbers_go_by_region_and_by_kind(tmp_path: Path) -> None:
    files = {
        "messages.yaml": GOOD["messages.yaml"].replace("Call for help now.", "'Call now: {emergency}'"),
        "topic.yaml": GOOD["topic.yaml"] + "region: uk\n",
    }
    knowledge = read_knowledge(write_folder(tmp_path, files))

    assert knowledge.topic.region == "uk"
    assert knowledge.numbers.regions == (Region("uk", "UK", {"emergency": "1", "nurse": "3"}),)
    assert knowledge.numbers.named("nurse", "uk") == {"3": ("UK",), "your mother": ("Anywhere",)}


def test_without_numbers_an_alarm_lists_none(tmp_path: Path) -> None:
    """And no region can be the topic's."""
    files = {
        "messages.yaml": GOOD["messages.yaml"].replace("Call for help now.", "'Call now: {emergency}'"),
        "topic.yaml": GOOD["topic.yaml"] + "region: uk\n",
    }
    write_folder(tmp_path, files)
    (tmp_path / "numbers.yaml").unlink()
    with pytest.raises(KnowledgeError) as refusal:
        read_knowledge(tmp_path)

    assert [(problem.file, problem.line) for problem in refusal.value.problems] == [("messages.yaml", 11), ("topic.yaml", 8)]


def test_while_numbers_cannot_be_read_nothing_is_said_of_what_uses_them(tmp_path: Path) -> None:
    files = {
        "messages.yaml": GOOD["messages.yaml"].replace("Call for help now.", "'Call now: {emergency}'"),
        "topic.yaml": GOOD["topic.yaml"] + "region: uk\n",
        "numbers.yaml": "[",
    }
    with pytest.raises(KnowledgeError) as refusal:
        read_knowledge(write_folder(tmp_path, files))

    assert [problem.file for problem in refusal.value.problems] == ["numbers.yaml"]


def test_themes_follow_the_topic_and_then_the_files(tmp_path: Path) -> None:
    knowledge = read_knowledge(write_folder(tmp_path, {"entries/a-b.yaml": "- {id: x, title: X, asks: [some x], answer: X}"}))

    assert list(knowledge.topic.theme_titles.items()) == [("relief", "Getting relief"), ("a-b", "A b"), ("care", "Care")]


def test_an_explicit_null_takes_a_default_away(tmp_path: Path) -> None:
    own = TopicFile.model_validate({"contact": None, "safety_entry": None}).over(TopicFile(contact="a@example.org", safety_entry="x", region="GB"))

    assert (own.contact, own.safety_entry, own.region) == (None, None, "GB")


def test_small_talk_is_replaced_by_id_and_none_added_to(tmp_path: Path) -> None:
    plain = read_knowledge(only_entries(tmp_path / "a"))
    first = plain.smalltalk[0].id
    files = {"smalltalk.yaml": f"- {{id: {first}, asks: [ahoy], replies: [Ahoy.]}}\n"}
    own = read_knowledge(write_folder(tmp_path / "b", files))

    assert sorted(each.id for each in own.smalltalk) == sorted(each.id for each in plain.smalltalk)
    assert [each.replies for each in own.smalltalk if each.id == first] == [("Ahoy.",)]
    assert own.none == (*plain.none, "how do i fix a tyre", "what is the capital of peru")


def test_a_default_none_gives_way_to_an_entry(tmp_path: Path) -> None:
    """What is out of scope everywhere else may be the very matter of this topic."""
    sentence = read_knowledge(only_entries(tmp_path / "a")).none[0]
    own = read_knowledge(write_folder(tmp_path / "b", {CARE: GOOD[CARE].replace("when do i see a doctor about my neck", sentence)}))

    assert sentence not in own.none


def test_word_lists_are_normalised(tmp_path: Path) -> None:
    file = "synonyms: [{say: Spasm, for: [Seizing UP!]}]\nspellings: [[Paracetamol, Tylenol, acetaminophen]]\nconfusables: [[Numb, number]]\n"
    synonyms = read_knowledge(write_folder(tmp_path, {"synonyms.yaml": file})).synonyms

    assert synonyms.say_by_phrase == {"seizing up": "spasm", "tylenol": "paracetamol", "acetaminophen": "paracetamol"}
    assert synonyms.confusables == {frozenset({"numb", "number"})}


def test_a_mark_at_the_start_and_windows_line_ends_are_fine(tmp_path: Path) -> None:
    windows = ("\ufeff" + GOOD[RELIEF].replace("\n", "\r\n")).encode()

    assert read_knowledge(write_folder(tmp_path / "a", {RELIEF: windows})).entries == read_knowledge(write_folder(tmp_path / "b")).entries


def test_ids_leave_room_for_the_longest_button_prefix() -> None:
    assert len("xx") + ID_LIMIT <= 64


def test_the_language_comes_with_its_words() -> None:
    english = read_language("en")

    assert "en" in languages()
    assert english.stemmer == "english"
    assert english.contractions["can't"] == "cannot"
    assert english.suffixes["'s"] == ""
    assert "no" in english.negations
    assert "neck" in english.real_words


def test_broken_defaults_say_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "languages").mkdir()
    (tmp_path / "languages" / "xx.yaml").write_text("stemer: english\n")
    monkeypatch.setattr("bot.knowledge.defaults._folder", lambda: tmp_path)

    with pytest.raises(KnowledgeError, match=r"defaults/nothing\.yaml:1:1: is missing"):
        read_default("nothing.yaml", TopicFile)
    with pytest.raises(KnowledgeError, match=r"defaults/languages/xx\.yaml:1:1: unknown key 'stemer'; did you mean 'stemmer'"):
        read_default("languages/xx.yaml", LanguageFile)


def test_a_language_without_a_word_list_has_no_real_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "languages").mkdir()
    (tmp_path / "languages" / "yy.yaml").write_text("cues: {still: [right now]}\n")
    monkeypatch.setattr("bot.knowledge.defaults._folder", lambda: tmp_path)
    language = read_language("yy")

    assert (language.stemmer, set(language.real_words), language.cues) == ("", set(), {"still": ("right now",)})


def test_a_snapshot_is_built_from_a_good_folder_only(tmp_path: Path) -> None:
    assert load_snapshot(write_folder(tmp_path)).version == read_knowledge(tmp_path).version
    with pytest.raises(KnowledgeError):
        load_snapshot(write_folder(tmp_path, {CARE: "["}))


def test_reading_the_shipped_size_is_quick(tmp_path: Path) -> None:
    """40 entries of 70 sentences, 200 kB: well under a second of CPU even on a slow machine."""
    asks = "".join(f"    - how is question {n} of the entry {{0}} to be asked in some words\n" for n in range(70))
    entry = "- id: entry-{0}\n  title: T\n  asks:\n" + asks + "  answer: A\n"
    folder = write_folder(tmp_path, {f"entries/theme-{n}.yaml": "".join(entry.format(8 * n + m) for m in range(8)) for n in range(5)})
    started = time.process_time()
    knowledge = read_knowledge(folder)

    assert len(knowledge.entries) == 42
    assert time.process_time() - started < 1.5
