"""From the files of a knowledge folder to a draft: what could be read of them, checked, with every problem met on the way."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from bot.core.content import Messages, Numbers, Synonyms
from bot.core.foreign import ANY_OTHER, OtherLanguages
from bot.core.triage.rules import RedFlags
from bot.errors import KnowledgeError, Problem
from bot.knowledge import checks
from bot.knowledge.defaults import languages, read_default, read_language
from bot.knowledge.document import Document, Place
from bot.knowledge.draft import Draft
from bot.knowledge.examples_schema import (
    DANGER_FILE,
    EXAMPLE_FILES,
    HARMLESS_FILE,
    TUNED_FILE,
    DangerExamplesFile,
    HarmlessExamplesFile,
    TunedExamplesFile,
)
from bot.knowledge.folder import ENTRIES, FolderFiles
from bot.knowledge.numbers_schema import NumbersFile
from bot.knowledge.others_schema import OTHERS_FILE, OthersFile
from bot.knowledge.questions_schema import QUESTIONS_FILE, QuestionsFile
from bot.knowledge.red_flag_schema import RedFlagsFile
from bot.knowledge.schema import EntryShape, NoneFile, SmallTalkFile, SynonymsFile, check_id
from bot.knowledge.signing import content_hash, flag_hash, shared_hash
from bot.knowledge.strict_yaml import parse_yaml
from bot.knowledge.synonyms import read_synonyms
from bot.knowledge.topic_schema import MessagesFile, TopicFile
from bot.knowledge.wording import did_you_mean, problems_of, shown, unknown

FILES = (
    "topic.yaml",
    "messages.yaml",
    "numbers.yaml",
    "red_flags.yaml",
    *EXAMPLE_FILES,
    QUESTIONS_FILE,
    "synonyms.yaml",
    "smalltalk.yaml",
    "none.yaml",
)
"""What may stand beside `entries/`."""

Model = TypeVar("Model", bound=BaseModel)


def draft_of(files: FolderFiles) -> Draft:
    """Return what can be read of *files*, with their problems; the checks that its parts allow have been run. Raises for broken defaults only."""
    draft = Draft(files.version, read_language("en"), list(files.problems))
    draft.examples_digest, draft.questions_digest = files.digest(EXAMPLE_FILES), files.digest([QUESTIONS_FILE])
    unreadable = {problem.file for problem in files.problems}
    for name, raw in files.content_by_name.items():
        if "/" not in name and name not in FILES:
            near = did_you_mean(name, FILES) or f"; the names are: {', '.join(FILES)}"
            draft.problems.append(Problem(name, 1, 1, f"no file of this name is read{near}"))
            continue
        try:
            draft.documents[name] = parse_yaml(raw, name)
        except KnowledgeError as error:
            draft.problems += error.problems
            unreadable.add(name)
    _read_parts(draft, unreadable)
    draft.problems += checks.check(draft)
    return draft


def _read_parts(draft: Draft, unreadable: set[str]) -> None:
    _read_topic(draft, unreadable)
    _read_messages(draft, unreadable)
    _read_numbers(draft, unreadable)
    of_entries = [document for name, document in draft.documents.items() if name.startswith(f"{ENTRIES}/")]
    if not any(name.startswith(ENTRIES) for name in unreadable):
        draft.ids = _written_ids(of_entries)
    for document in of_entries:
        _read_entries(draft, document)
    _read_synonyms(draft, unreadable)
    _read_smalltalk(draft)
    _read_none(draft)
    _read_red_flags(draft, unreadable)
    _read_examples(draft)
    _read_questions(draft)


def _read_examples(draft: Draft) -> None:
    danger, harmless = _file(draft, DANGER_FILE, DangerExamplesFile), _file(draft, HARMLESS_FILE, HarmlessExamplesFile)
    tuned = _file(draft, TUNED_FILE, TunedExamplesFile)
    for name, file in ((DANGER_FILE, danger), (HARMLESS_FILE, harmless), (TUNED_FILE, tuned)):
        document = draft.place(name).document
        draft.examples += [(example, Place(document, steps)) for steps, example in file.examples()] if file else []


def _read_questions(draft: Draft) -> None:
    file = _file(draft, QUESTIONS_FILE, QuestionsFile)
    document = draft.place(QUESTIONS_FILE).document
    draft.questions = [(question, Place(document, steps)) for steps, question in file.all_said()] if file else []


def _shape(draft: Draft, place: Place, model: type[Model], plain: object) -> Model | None:
    try:
        return model.model_validate(plain)
    except ValidationError as error:
        draft.problems += problems_of(error, model, place)
        return None


def _file(draft: Draft, name: str, model: type[Model]) -> Model | None:
    document = draft.documents.get(name)
    return _shape(draft, Place(document), model, document.plain) if document else None


def _missing(draft: Draft, name: str, unreadable: set[str]) -> bool:
    """Tell whether the folder does not bring this file, so that the defaults speak."""
    return name not in draft.documents and name not in unreadable


def _read_topic(draft: Draft, unreadable: set[str]) -> None:
    default = read_default("topic.yaml", TopicFile)
    own = TopicFile() if _missing(draft, "topic.yaml", unreadable) else _file(draft, "topic.yaml", TopicFile)
    if own is None:
        return
    themes = dict.fromkeys(Path(name).stem for name in draft.documents if name.startswith(f"{ENTRIES}/"))
    draft.topic = own.over(default).to_topic(tuple(themes))
    code = draft.topic.language
    if code in languages():
        draft.language = read_language(code)
    else:
        what = f"no language {shown(code)}; there are: {', '.join(languages())}"
        draft.problems.append(draft.place("topic.yaml").problem(what, "language"))


def _read_messages(draft: Draft, unreadable: set[str]) -> None:
    default = read_default("messages.yaml", MessagesFile)
    draft.default_messages = default.to_messages()
    own = MessagesFile() if _missing(draft, "messages.yaml", unreadable) else _file(draft, "messages.yaml", MessagesFile)
    if own is not None:
        draft.messages = _with_other_languages(own.over(default).to_messages(), draft)


def _with_other_languages(messages: Messages, draft: Draft) -> Messages:
    """Return *messages* with what the defaults say in other languages, for the one this topic reads."""
    others = read_default(OTHERS_FILE, OthersFile)
    known = {*others.languages, ANY_OTHER} - {draft.language.code}
    place = draft.place("messages.yaml")
    strange = [code for code in messages.other_languages if code not in known]
    draft.problems += [place.problem(unknown("other language", code, known), "other_languages", code, at_key=True) for code in strange]
    said = {**others.said_by(draft.language.code), **messages.other_languages}
    draft.others = others.to_languages() if said else OtherLanguages()
    return replace(messages, other_languages=said)


def _read_numbers(draft: Draft, unreadable: set[str]) -> None:
    if _missing(draft, "numbers.yaml", unreadable):
        draft.numbers = Numbers()
        return
    file = _file(draft, "numbers.yaml", NumbersFile)
    if file is not None:
        draft.numbers = file.to_numbers()


def _written_ids(documents: Iterable[Document]) -> frozenset[str] | None:
    """Return the ids of all entries, or None when one does not say its id: it could be any."""
    ids: set[str] = set()
    for document in documents:
        for item in document.plain if isinstance(document.plain, list) else [None]:
            entry_id = item.get("id") if isinstance(item, dict) else None
            if not isinstance(entry_id, str):
                return None
            ids.add(entry_id)
    return frozenset(ids)


def _read_entries(draft: Draft, document: Document) -> None:
    theme = Path(document.file).stem
    try:
        check_id(theme)
    except ValueError as error:
        draft.problems.append(document.problem(f"the name of this file is the name of a theme: {error}"))
    if not isinstance(document.plain, list):
        draft.problems.append(document.problem("must be a list of entries; begin each with '- id: '"))
        return
    if not document.plain:
        draft.problems.append(document.problem("holds no entries; write one, or delete the file"))
    for index, item in enumerate(document.plain):
        place = Place(document, (index,))
        shape = _shape(draft, place, EntryShape, item)
        if shape is None:
            continue
        entry = shape.to_entry(theme)
        if shape.reviewed and shape.reviewed.hash != content_hash(entry):
            draft.warnings.append(_void(place, content_hash(entry)))
            entry = replace(entry, reviewed=None)
        draft.entries.append((entry, place))


def _read_synonyms(draft: Draft, unreadable: set[str]) -> None:
    if _missing(draft, "synonyms.yaml", unreadable):
        draft.synonyms = Synonyms({}, frozenset())
        return
    file = _file(draft, "synonyms.yaml", SynonymsFile)
    if file is not None:
        draft.synonyms, problems = read_synonyms(file, draft.place("synonyms.yaml"), draft)
        draft.problems += problems


def _read_smalltalk(draft: Draft) -> None:
    own = _file(draft, "smalltalk.yaml", SmallTalkFile)
    ours = {shape.id for shape in own.root} if own else set()
    draft.smalltalk = [(shape.to_smalltalk(), None) for shape in read_default("smalltalk.yaml", SmallTalkFile).root if shape.id not in ours]
    place = draft.place("smalltalk.yaml")
    draft.smalltalk += [(shape.to_smalltalk(), Place(place.document, (index,))) for index, shape in enumerate(own.root if own else ())]


def _read_none(draft: Draft) -> None:
    own = _file(draft, "none.yaml", NoneFile)
    # What is the matter of this topic's own entries is not "none" here, whatever the defaults say.
    meant = {_plainly(sentence) for entry, _ in draft.entries for sentence in (*entry.asks, *entry.hits)}
    draft.none = [(sentence, None) for sentence in read_default("none.yaml", NoneFile).root if _plainly(sentence) not in meant]
    place = draft.place("none.yaml")
    draft.none += [(sentence, Place(place.document, (index,))) for index, sentence in enumerate(own.root if own else ())]


def _plainly(sentence: str) -> str:
    return " ".join(re.findall(r"\w+", sentence.casefold()))


def _read_red_flags(draft: Draft, unreadable: set[str]) -> None:
    if _missing(draft, "red_flags.yaml", unreadable):
        draft.red_flags = RedFlags()
        return
    file = _file(draft, "red_flags.yaml", RedFlagsFile)
    if file is not None:
        place = draft.place("red_flags.yaml")
        contradictions = [place.problem(what, *steps) for steps, what in file.contradictions()]
        draft.problems += contradictions
        draft.red_flags = RedFlags() if contradictions else _with_signatures(file.to_rules(), file, draft)


def _with_signatures(red_flags: RedFlags, file: RedFlagsFile, draft: Draft) -> RedFlags:
    """Return *red_flags* without the signatures that no longer fit what they stand under."""
    if draft.messages is None:
        return red_flags
    place = draft.place("red_flags.yaml")
    flags = list(red_flags.flags)
    for number, (flag, written) in enumerate(zip(flags, file.flags, strict=True)):
        if written.reviewed and written.reviewed.hash != (now := flag_hash(flag, red_flags, draft.messages)):
            draft.warnings.append(_void(Place(place.document, ("flags", number)), now))
            flags[number] = replace(flag, reviewed=None)
    shared = red_flags.reviewed
    if file.reviewed and file.reviewed.hash != (now := shared_hash(red_flags)):
        draft.warnings.append(_void(place, now))
        shared = None
    return replace(red_flags, flags=tuple(flags), reviewed=shared)


def _void(place: Place, now: str) -> Problem:
    what = f"the signature is void: what was signed has changed (its hash is {now} now); have it reviewed again, or write 'reviewed: null'"
    return place.problem(what, "reviewed", "hash")
