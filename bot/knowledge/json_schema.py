"""JSON Schemas of the knowledge files, made from the shapes that the loader checks with. Editors complete keys by them and underline mistakes.

`python -m bot.knowledge.json_schema` writes them anew into `bot/schemas/`. They are of draft 7, which the YAML servers of all editors read; many read
nothing newer. Each is whole in itself, without references, so that a key's own description stands beside it.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field, RootModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from bot.core.foreign import ANY_OTHER
from bot.knowledge.defaults import read_default
from bot.knowledge.editor_types import TEXT, also_nothing, text_like
from bot.knowledge.examples_schema import DANGER_FILE, HARMLESS_FILE, TUNED_FILE, DangerExamplesFile, HarmlessExamplesFile, TunedExamplesFile
from bot.knowledge.folder import ENTRIES
from bot.knowledge.numbers_schema import NumbersFile
from bot.knowledge.others_schema import OTHERS_FILE, OthersFile
from bot.knowledge.questions_schema import QUESTIONS_FILE, QuestionsFile
from bot.knowledge.red_flag_schema import RedFlagsFile
from bot.knowledge.schema import EntryShape, NoneFile, SmallTalkFile, SynonymsFile
from bot.knowledge.topic_schema import MessagesFile, TopicFile

DRAFT = "http://json-schema.org/draft-07/schema#"
ENDING = ".schema.json"
_SHOWN = 300
_NULLABLE = "x-nullable"
_SHORT_LIST = re.compile(r'\[\s+"[\w.-]+"(,\s+("[\w.-]+"|null))*\s+\]')


class EntriesFile(RootModel[Annotated[list[EntryShape], Field(min_length=1)]]):
    """The root of a file under `entries/`."""


_SHAPES: Mapping[str, tuple[type[BaseModel], str]] = {
    f"{ENTRIES}.yaml": (EntriesFile, "A file of entries/: answers, and the ways to ask for them"),
    "topic.yaml": (TopicFile, "topic.yaml: what the topic is called, and the notes under its answers"),
    "messages.yaml": (MessagesFile, "messages.yaml: what the bot says beside its answers"),
    "numbers.yaml": (NumbersFile, "numbers.yaml: whom to call, by region"),
    "red_flags.yaml": (RedFlagsFile, "red_flags.yaml: what must interrupt an answer"),
    DANGER_FILE: (DangerExamplesFile, "examples_danger.yaml: messages as people write them in danger, by flag and tier"),
    HARMLESS_FILE: (HarmlessExamplesFile, "examples_harmless.yaml: messages that must raise no alarm"),
    TUNED_FILE: (TunedExamplesFile, "examples_tuned.yaml: messages that rules were written with in mind"),
    QUESTIONS_FILE: (QuestionsFile, "examples_questions.yaml: messages as people write them, by the entry that answers them"),
    "synonyms.yaml": (SynonymsFile, "synonyms.yaml: other words for the same thing"),
    "smalltalk.yaml": (SmallTalkFile, "smalltalk.yaml: kind replies to what is no question of the topic"),
    "none.yaml": (NoneFile, "none.yaml: messages that no entry answers"),
}
"""By the name of the file; all files of entries/ have one shape."""


def schema_file(name: str) -> str:
    """Return the file name of the schema for the knowledge file *name*, which is a path below the knowledge folder."""
    return f"{ENTRIES if name.startswith(f'{ENTRIES}/') else Path(name).stem}{ENDING}"


def first_line(name: str, schemas: str = ".schemas") -> str:
    """Return the line that tells editors the schema of the knowledge file *name*; *schemas* is a folder below that of the knowledge."""
    up = "../" * name.count("/")
    return f"# yaml-language-server: $schema={up}{schemas}/{schema_file(name)}"


def schemas() -> dict[str, JsonSchemaValue]:
    """Return every schema by its file name."""
    made = {schema_file(name): _made(shape, title) for name, (shape, title) in _SHAPES.items()}
    _name_sentences(made[schema_file("messages.yaml")]["properties"])
    return made


def text_of(schema: JsonSchemaValue) -> str:
    """Return *schema* as its file holds it."""
    written = json.dumps(schema, indent=1, ensure_ascii=False)
    return _SHORT_LIST.sub(lambda found: " ".join(found[0].split()), written) + "\n"


def write(folder: Path) -> None:
    """Write every schema into *folder*, which is made if need be; what is no schema any more goes."""
    folder.mkdir(parents=True, exist_ok=True)
    made = schemas()
    for name, schema in made.items():
        (folder / name).write_text(text_of(schema), encoding="utf-8", newline="\n")
    for path in folder.glob(f"*{ENDING}"):
        if path.name not in made:
            path.unlink()


def _made(shape: type[BaseModel], title: str) -> JsonSchemaValue:
    schema = TypeAdapter(shape).json_schema(schema_generator=_Generator)
    whole = _inlined(schema, schema.pop("$defs", {}))
    whole.pop("description", None)  # The title says it.
    return {"$schema": DRAFT, "title": title, **whole}


def _inlined(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """Return *schema* with what it refers to in place of the references; no shape holds itself."""
    if isinstance(schema, list):
        return [_inlined(each, definitions) for each in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {key: _inlined(value, definitions) for key, value in schema.items() if key != "$ref"}
    if "$ref" in schema:
        parts = {**_inlined(definitions[schema["$ref"].rpartition("/")[2]], definitions), **parts}
    value = parts.pop(_NULLABLE, None)
    return parts if value is None else {**also_nothing(value), **parts}


def _name_sentences(keys: dict[str, Any]) -> None:
    """Put into *keys*, those of messages.yaml, what the bot may say and which languages it may say it in."""
    said = read_default("messages.yaml", MessagesFile).sentences or {}
    languages = read_default(OTHERS_FILE, OthersFile).languages
    _name_keys(keys["sentences"], {key: f"As it ships: {_cut(' / '.join(texts))}" for key, texts in said.items()})
    _name_keys(keys["other_languages"], {**{code: shape.name for code, shape in languages.items()}, ANY_OTHER: "Letters of none of them."})


def _name_keys(mapping: dict[str, Any], about_by_key: Mapping[str, str]) -> None:
    value = mapping["additionalProperties"]
    # A value is told once for all keys: two hundred times the same would be most of the file.
    mapping |= {"properties": {key: {"description": about} for key, about in about_by_key.items()}, "additionalProperties": False}
    mapping["allOf"] = [{"additionalProperties": value}]


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"


class _Generator(GenerateJsonSchema):
    """Says it as an author sees it: every scalar is text to the loader, and the sentence below a field is its description."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - as pydantic calls it
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])  # A key that is left out need not be written.

    def str_schema(self, schema: core_schema.StringSchema) -> JsonSchemaValue:
        made = super().str_schema(schema)
        words = re.fullmatch(r"\^\(([\w|]+)\)\$", made.get("pattern", ""))
        if words:
            return {"enum": words[1].split("|")}
        if made.pop("minLength", 0):
            made = {**text_like(), **made}
        return {**made, "type": list(TEXT)}

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return {_NULLABLE: self.generate_inner(schema["schema"])}  # Joined once it is known what that refers to.

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        made = super().dict_schema(schema)
        made.pop("propertyNames", None)
        names = self.generate_inner(schema["keys_schema"])
        if "enum" in names:
            made |= {"properties": dict.fromkeys(names["enum"], made["additionalProperties"]), "additionalProperties": False}
        elif "patternProperties" in made:
            made["additionalProperties"] = False
        return made

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        made = super().model_schema(schema)
        made.pop("title", None)
        model = schema["cls"]
        for name, sentence in _sentences_of(model).items():
            key = model.model_fields[name].alias or name
            made["properties"][key] = {"description": sentence, **made["properties"][key]}
        return made


def _sentences_of(model: type[BaseModel]) -> dict[str, str]:
    """Return the sentences that stand below the fields of *model* in its code, by field."""
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if base in (BaseModel, RootModel) or not issubclass(base, BaseModel) or "[" in base.__name__:  # The last have no code of their own.
            continue
        lines = [each for node in ast.parse(inspect.getsource(base)).body if isinstance(node, ast.ClassDef) for each in node.body]
        for line, below in itertools.pairwise(lines):
            if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and isinstance(below, ast.Expr):
                found[line.target.id] = " ".join(str(ast.literal_eval(below.value)).split())
    return found


if __name__ == "__main__":  # pragma: no cover - a single call
    write(Path(__file__).parent.parent / "schemas")
