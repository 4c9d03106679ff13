"""A small topic of its own, cooking: entries alone, or with a few dangers beside them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

ENTRIES: Mapping[str, str] = {
    "entries/eggs.yaml": """\
- id: boiled-eggs
  title: How long to boil an egg
  asks:
    - how long do i boil an egg
    - how many minutes for a soft egg
    - boiling eggs until they are hard
    - soft boiled egg time
    - when is an egg done in the pan of hot water
    - i like a runny yolk, how long does it take
    - minutes for hard boiled eggs
    - how do i boil eggs
  keywords: [boil, boiled, egg, eggs, yolk, runny]
  not:
    - how long do i boil potatoes
    - egg on my shirt
  tests:
    hits: [how long to boil eggs]
    misses: [how do i knead dough]
  answer: |
    Six minutes for a soft egg, ten for a hard one.

    Count from when the water boils again.
  more: |
    • Prick the round end first.
    • Put the egg in cold water afterwards.
  related: [fried-eggs, old-eggs]
  sources:
    - {name: Cook's notebook, title: Eggs, url: "https://example.org/eggs"}
- id: fried-eggs
  title: Fried eggs that do not stick
  asks:
    - my fried eggs stick to the pan
    - how do i fry an egg
    - frying eggs without sticking
    - fried egg glued to the pan
    - what fat to fry eggs in
    - should the pan be hot for fried eggs
    - egg white burns when i fry it
    - sunny side up without a mess
  keywords: [fry, fried, frying, stick, sunny side]
  answer: Use a little butter and a low flame, and wait until the pan is hot.
- id: old-eggs
  title: Is this egg still good?
  asks:
    - is this egg still good
    - how do i tell whether an egg is off
    - eggs past their date
    - does a floating egg mean it is old
    - how long do eggs keep in the fridge
    - can i eat eggs after the date on the box
    - my eggs are from last month
    - test if an egg is fresh
  keywords: [fresh, old, off, float, floating, date, keep]
  answer: Put it in a glass of water. A fresh egg sinks, and an old one floats.
  full_note: true
""",
    "entries/bread.yaml": """\
- id: knead-dough
  title: How long to knead dough
  asks:
    - how long do i knead dough
    - kneading bread dough by hand
    - is my dough kneaded enough
    - knead in the mixer, how many minutes
    - dough is still sticky after kneading
    - do i have to knead at all
    - what does kneading do to the flour
    - how do i knead
  keywords: [knead, kneading, dough, sticky, mixer]
  answer: Ten minutes by hand. It is done when it feels smooth and springs back.
  more: Wet your hands rather than adding flour.
  tier: gp_soon
- id: stale-bread
  title: What to do with stale bread
  asks:
    - what can i do with stale bread
    - my loaf has gone hard
    - use up old bread
    - is dry bread good for crumbs
    - how do i freshen a stale baguette
    - bread from last week is like a stone
    - recipes for leftover toast
    - rescue a hard loaf
  keywords: [stale, loaf, crumbs, baguette, leftover]
  answer: Sprinkle it with water and bake it for five minutes, or make crumbs of it.
""",
}

DANGERS: Mapping[str, str] = {
    # To lay over the entries: a flag of each tier, and what to say to it.
    "messages.yaml": """\
alarms:
  emergency: Get out and call for help now.
  urgent_today: Have it seen to today.
  crisis: Please talk to somebody now.
first_lines:
  asked: If it is happening now, call for help.
""",
    "topic.yaml": """\
name: Kitchen
safety_entry: old-eggs
emergency_line: Get out and call for help if you smell gas.
""",
    "red_flags.yaml": """\
flags:
  - id: despair
    tier: crisis
    why: A person comes before a recipe.
    rules:
      - all_of: [{name: despair, any: [want to die]}]
    fires_on: [i want to die]
  - id: gas
    tier: emergency
    why: It may explode.
    rules:
      - all_of: [{name: gas, any: [smell of gas, smell gas]}]
    asks_about: [gas leak]
    read_as: You wrote about a smell of gas.
    soft_line: asked
    withholds: [fried-eggs]
    fires_on: [i smell gas]
    silent_on: [how long do i boil an egg]
    soft_on: [is a gas leak dangerous]
  - id: deep-cut
    tier: urgent_today
    why: It may need stitches.
    rules:
      - all_of: [{name: deep cut, any: [deep cut]}]
    fires_on: [i have a deep cut]
  - id: small-burn
    tier: gp_soon
    why: It may scar.
    rules:
      - all_of: [{name: blister, any: [burn blister*]}]
    fires_on: [my burn has blistered]
""",
}


def write_kitchen(folder: Path, *layers: Mapping[str, str]) -> Path:
    """Write the entries, and the files of each of *layers* over them, and return the folder."""
    for layer in (ENTRIES, *layers):
        for name, content in layer.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
    return folder
