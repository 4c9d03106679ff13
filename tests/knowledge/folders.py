"""A small knowledge folder that is right in every way, to be broken one way at a time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

RELIEF = "entries/relief.yaml"
CARE = "entries/care.yaml"
DANGER = "examples_danger.yaml"
HARMLESS = "examples_harmless.yaml"
QUESTIONS = "examples_questions.yaml"

GOOD: Mapping[str, str] = {
    RELIEF: """\
- id: ice-or-heat
  title: Ice or heat?
  asks:
    - should i put ice on it
    - warm or cold for a cramped neck
  keywords: [ice, heat pad]
  not:
    - ice for a swollen knee
  tests:
    hits: [should i put ice on my cramped neck]
    misses: [lunch box]
  answer: |
    Either can help.
  more: Wrap it in a towel.
  tier: self_care
  note: keep-warm
  full_note: false
  related: [see-a-doctor]
  sources:
    - {name: NHS, title: Neck pain, url: "https://www.nhs.uk/conditions/neck-pain/"}
  checked: {by: A. Person, date: 2026-05-31}
  reviewed: null
  unsourced: false
""",
    CARE: """\
- id: see-a-doctor
  title: When to see a doctor
  asks:
    - when do i see a doctor about my neck
  answer: See one when it does not get better.
  tier: gp_soon
""",
    "topic.yaml": """\
name: Necks
safety_entry: see-a-doctor
tiers:
  self_care:
    short: [See a pharmacist if it stays.]
themes:
  relief: Getting relief
""",
    "messages.yaml": """\
sentences:
  theme_intro: "{theme}, and a question of it."
  offer:
    - Which one?
    - Is it one of these?
notes:
  keep-warm:
    full: ["Keep it warm, and ask if it stays."]
    short: [Keep it warm.]
alarms:
  emergency: Call for help now.
first_lines:
  child: This is about a child.
  asked: If it is happening now, call for help.
""",
    "numbers.yaml": """\
checked: 2026-05-31
anywhere:
  {name: Anywhere, emergency: a shout, nurse: your mother, poison: a shout, listen: your friends}

regions:
  uk: {name: UK, emergency: "1", nurse: 3}
""",
    "red_flags.yaml": """\
flags:
  - id: chest
    tier: emergency
    why: It may be the heart.
    rules:
      - all_of:
          - name: chest pain
            any: [chest pain]
    read_as: You wrote about chest pain.
    first_line: child
    soft_line: asked
    withholds: [ice-or-heat]
    fires_on: [i have chest pain]
    silent_on: [my neck is stiff]
""",
    "synonyms.yaml": """\
synonyms:
  - say: spasm
    for: [cramp, seizing up]
spellings:
  - [paracetamol, acetaminophen]
confusables:
  - [numb, number]
""",
    "smalltalk.yaml": """\
- id: good-luck
  asks: [good luck, wish me luck]
  replies: [Good luck.]
""",
    "none.yaml": """\
- how do i fix a tyre
- what is the capital of peru
""",
}

EXAMPLES: Mapping[str, str] = {
    DANGER: """\
chest:
  emergency:
    - my chest feels crushed
    - an elephant sits on my chest
""",
    HARMLESS: """\
- my chest of drawers is heavy
- the chest freezer hums
""",
    QUESTIONS: """\
questions:
  ice-or-heat:
    - bag of peas or hot water bottle
    - 'heat pad: yes or no'
  see-a-doctor:
    - who do i ring about it
either:
  - ask: does a doctor say ice
    entries: [ice-or-heat, see-a-doctor]
after:
  ice-or-heat:
    ice-or-heat: [how many minutes]
    see-a-doctor: [and if it stays bad]
none:
  - how do i cook rice
none_after:
  - lol ok
""",
}
"""To lay over the good files: what triage and the matcher learn from."""


def write_folder(folder: Path, files: Mapping[str, str | bytes] | None = None) -> Path:
    """Write the good files, with *files* in place of some of them or beside them, and return the folder."""
    for name, content in {**GOOD, **(files or {})}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder
