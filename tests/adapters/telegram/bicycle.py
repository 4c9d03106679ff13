"""A small knowledge folder of another topic: bicycles. It has every kind of reply, and nothing of the shipped knowledge."""

from pathlib import Path

ENTRIES = """
- id: flat-tyre
  title: Mend a flat tyre
  asks: [how do i mend a flat tyre, my tyre has a puncture, how to patch an inner tube, the front wheel lost its air]
  keywords: [puncture, flat, patch, tube]
  answer: |
    Find the hole, roughen it & patch it: <sandpaper> helps.

    Pump it up to half and listen.
  more: |
    Look for the thorn in the tyre too.

    A second patch costs less than a second walk.
  tier: self_care
  related: [squeaky-chain]
  sources:
    - {name: The Wheel, title: Tyres & tubes, url: "https://example.org/tyres"}
- id: squeaky-chain
  title: Oil a squeaky chain
  asks: [my chain squeaks, how do i oil the chain, which oil for a bicycle chain]
  keywords: [chain, oil, squeak]
  answer: One drop on each link, then wipe off what you see.
  tier: self_care
- id: brake-pads
  title: Change worn brake pads
  asks: [how do i change brake pads, when are brake pads worn out, my brake pads are thin]
  keywords: [brake, pads, worn]
  answer: Change them before the grooves are gone.
  tier: gp_soon
"""

RED_FLAGS = """
flags:
  - id: rf-no-brakes
    tier: emergency
    why: Somebody rolls and cannot stop.
    rules:
      - all_of:
          - name: brakes gone
            any: [brakes failed, brakes gone, cannot stop]
    read_as: You wrote that you cannot brake.
    fires_on: ["help, my brakes failed"]
    silent_on: [how do i change brake pads]
  - id: rf-cracked-frame
    tier: urgent_today
    why: It may break.
    rules:
      - all_of:
          - name: crack
            any: [frame is cracked]
    read_as: You wrote about a crack.
    fires_on: [my frame is cracked]
"""

MESSAGES = """
alarms:
  emergency: |
    Steer uphill & off the road now.

    Put a foot down, <gently>.
  urgent_today: |
    Ask a workshop today:
    {nurse}
"""

NUMBERS = """
checked: 2026-01-02
anywhere: {name: Anywhere, emergency: a shout, nurse: the next <workshop>, poison: a shout, listen: a friend}
regions:
  hill: {name: Hills & dales, emergency: "111", nurse: "222"}
  sea: {name: Coast, emergency: "333", nurse: "444"}
"""

TOPIC = """
name: Bicycles
contact: the workshop
emergency_line: Stop riding at once if anything cracks.
"""

FILES = {
    "entries/repairs.yaml": ENTRIES,
    "red_flags.yaml": RED_FLAGS,
    "messages.yaml": MESSAGES,
    "numbers.yaml": NUMBERS,
    "topic.yaml": TOPIC,
}


def write(folder: Path) -> Path:
    """Write the folder and return it."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder
