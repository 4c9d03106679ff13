"""What authors get wrong, each with the places that must be named and a word of what must be said."""

from __future__ import annotations

from dataclasses import dataclass

from tests.knowledge.folders import CARE, DANGER, EXAMPLES, GOOD, HARMLESS, RELIEF

Expected = tuple[str, str]
"""`file:line:column`, and a word of the message."""


@dataclass(frozen=True)
class Bad:
    """The good folder with one edit."""

    name: str
    file: str
    old: str
    new: str
    problems: tuple[Expected, ...]

    @property
    def content(self) -> str:
        """The file after the edit."""
        good = {**GOOD, **EXAMPLES}[self.file]
        assert good.count(self.old) == 1, f"{self.old!r} does not stand once in {self.file}"
        return good.replace(self.old, self.new)


def _relief(name: str, old: str, new: str, at: str, word: str) -> Bad:
    return Bad(name, RELIEF, old, new, ((f"{RELIEF}:{at}", word),))


def _one(name: str, file: str, old: str, new: str, at: str, word: str) -> Bad:
    return Bad(name, file, old, new, ((f"{file}:{at}", word),))


TEXTS: tuple[tuple[str, bytes, str, str], ...] = (
    # name, the bytes of a file, line:column, a word of the message
    ("duplicate key", b"a: 1\nb: 2\na: 3\n", "3:1", "duplicate key 'a' (first at line 1)"),
    ("duplicate key in quotes", b"- {a: 1, 'a': 2}\n", "1:10", "duplicate key 'a'"),
    ("anchor", b"a: &x [1]\n", "1:4", "anchors ('&x')"),
    ("anchor on a key", b"&x a: 1\n", "1:1", "anchors"),
    ("alias of nothing", b"- *bold* text\n", "1:3", "'*'"),
    ("tag", b"a: !!int 3\n", "1:4", "tags"),
    ("python tag", b"a:\n  - !!python/object/apply:os.system [ls]\n", "2:5", "tags"),
    ("local tag", b"- !important answer\n", "1:3", "tags ('!important')"),
    ("tab as indentation", b"a:\n\tb: 1\n", "2:1", "tab"),
    ("NUL", b"a: x\x00y\n", "1:5", "U+0000"),
    ("bell", "ö: ünd\a\n".encode(), "1:7", "U+0007"),
    ("line separator", "a: x\u2028y\n".encode(), "1:5", "U+2028"),
    ("byte order mark inside", "a: 1\nb: x\ufeffy\n".encode(), "2:5", "U+FEFF"),
    ("escaped control character", b'- "a\\x07b"\n', "1:3", "U+0007"),
    ("text that goes on behind a hash", "ä: drink water #1 rule\n".encode(), "1:4", "'#1' and what follows would be lost"),
    ("an item too far in", b"a:\n  - one\n    - two\n", "2:5", "glued to the text before it"),
    ("text that begins with a hash", b"a:\n  b: 1\n  c: #1 tip\n", "3:5", "'#1' and what follows would be lost"),
    ("hash at the end of a list of lines", b"a:\n  - one\n    two #3\n", "2:5", "'#3'"),
    ("latin-1", b"a: 1\nb: caf\xe9\n", "2:7", "0xe9"),
    ("latin-1 after wide letters", "ä: ß".encode() + b"\xb0\n", "1:5", "0xb0"),
    ("UTF-16", "a: 1\n".encode("utf-16"), "1:1", "UTF-16"),
    ("encoded surrogate", b"a: \xed\xa0\x80\n", "1:4", "not UTF-8"),
    ("lone surrogate", b'- a\n- "x\\ud800"\n', "2:7", "escape"),
    ("too deep", b"[" * 13 + b"]" * 13, "1:13", "deep"),
    ("much too deep", b"[" * 5_000, "1:13", "deep"),
    ("too deep in blocks", b"- " * 400 + b"x\n", "1:25", "deep"),
    ("two documents", b"a: 1\n---\nb: 2\n", "2:1", "second document"),
    ("empty", b"", "1:1", "empty"),
    ("only a comment", b"# nothing yet\n", "1:1", "empty"),
    ("only a byte order mark", b"\xef\xbb\xbf", "1:1", "empty"),
    ("only null", b"---\nnull\n", "1:1", "empty"),
    ("too many values", b"- x\n" * 50_000, "50000:3", "50000"),
    ("open quote", b'a: 1\nb: "text\nc: 3\n', "2:4", "quote"),
    ("open list", b"a: 1\nb: [1, 2\n", "2:4", "list in [ ]"),
    ("open mapping", b"a: 1\nb: {c: 1\n", "2:4", "keys in { }"),
    ("colon in a text", b"- a\n- first: second: third\n", "2:16", "': '"),
    ("text that begins with a brace", b"- {name} wrote\n", "1:10", "indentation"),
    ("at sign", b"a: @home\n", "1:4", "reserves"),
    ("percent sign", b"- 10\n- %5 of them\n", "2:3", "reserves"),
    ("indentation", b"a:\n   b: 1\n  c: 2\n", "3:3", "indentation"),
    ("line without a colon", b"a: 1\nb\nc: 3\n", "2:1", "colon"),
    ("key without a space behind its colon", b"- id: x\n  title:Where?\n  asks: [x]\n", "2:3", "a space behind it"),
    ("key further in than its neighbours", b"- id: x\n   title: Where?\n", "2:9", "further in than the line above"),
    ("tab before a dash", b"a:\n  - x\n\t- y\n", "3:1", "a tab at the beginning of a line"),
    ("list as a key", b"? [a]\n: 1\n", "1:3", "key must be plain text"),
    ("mapping as a key", b"{a: 1}: 2\n", "1:1", "key must be plain text"),
    ("key without a name", b"a: 1\n'': 2\n", "2:1", "without a name"),
    ("colon without a key", b"a: 1\n: 2\n", "2:1", "indentation"),
)

BAD: tuple[Bad, ...] = (
    _relief("misspelt key", "  title: Ice", "  titel: Ice", "2:3", "unknown key 'titel'; did you mean 'title'?"),
    _relief("misspelt key of a test", "hits:", "hit:", "10:5", "did you mean 'hits'?"),
    _relief("key of nothing we know", "  more: Wrap", "  colour: Wrap", "14:3", "the keys here are: id, title, asks, keywords, not, tests"),
    _relief("on as a key", "  unsourced: false", "  on: false", "23:3", "unknown key 'on'"),
    _relief("missing key", "  title: Ice or heat?\n", "", "1:3", "missing key 'title'"),
    _relief("missing keys of a source", ', url: "https://www.nhs.uk/conditions/neck-pain/"', "", "20:7", "missing key 'url'"),
    _relief("empty title", "title: Ice or heat?", "title:", "2:9", "is empty"),
    _relief("blank title", "title: Ice or heat?", 'title: "  "', "2:10", "is empty"),
    _relief("title that is a list", "title: Ice or heat?", "title: [Ice, heat]", "2:10", "must be text, not a list"),
    _relief("long title", "Ice or heat?", "x" * 65, "2:10", "65 characters long, at most 64"),
    _relief("ask with a colon", "- should i put ice on it", "- question: ice", "4:7", "must be text, not keys with values"),
    _relief("asks without dashes", "  keywords: [ice, heat pad]", "  keywords: ice, heat pad", "6:13", "must be a list, not text"),
    _relief(
        "tests that are a list",
        "    hits: [should i put ice on my cramped neck]\n    misses: [lunch box]",
        "    - lunch box",
        "10:5",
        "must be keys with values",
    ),
    _relief("empty ask", "- should i put ice on it", "-", "4:6", "is empty"),
    _relief("no asks", "asks:\n    - should i put ice on it\n    - warm or cold for a cramped neck", "asks: []", "3:9", "at least 1"),
    _relief("ask without a word", "- should i put ice on it", '- "???"', "4:7", "no word"),
    _relief("overlong ask", "- should i put ice on it", "- " + "ice " * 126, "4:7", "at most 500"),
    Bad(
        "capitals in an id",
        RELIEF,
        "id: ice-or-heat",
        "id: Ice-or-heat",
        (
            (f"{RELIEF}:1:7", "small letters"),
            ("red_flags.yaml:12:17", "did you mean 'Ice-or-heat'?"),
        ),
    ),
    Bad(
        "long id",
        RELIEF,
        "id: ice-or-heat",
        "id: " + "i" * 49,
        (
            (f"{RELIEF}:1:7", "fit on a button"),
            ("red_flags.yaml:12:17", "'ice-or-heat' is no entry"),
        ),
    ),
    _relief("unknown tier", "tier: self_care", "tier: selfcare", "15:9", "did you mean 'self_care'?"),
    _relief("tier of nothing we know", "tier: self_care", "tier: 1", "15:9", "the tiers are: self_care, pharmacist"),
    _relief("tier that is a list", "tier: self_care", "tier: [self_care]", "15:9", "the tiers are"),
    _relief("yes for true", "full_note: false", "full_note: yes", "17:14", "true or false"),
    _relief("one for true", "unsourced: false", "unsourced: 1", "23:14", "true or false"),
    _relief("no date", "date: 2026-05-31", "date: 31 May 2026", "21:34", "write it as 2026-05-31"),
    _relief("a day there is not", "date: 2026-05-31", "date: 2026-02-30", "21:34", "no date"),
    _relief("a date too compact", "date: 2026-05-31", "date: 20260531", "21:34", "no date"),
    _relief("address without a scheme", '"https://www.nhs.uk/conditions/neck-pain/"', "www.nhs.uk", "20:42", "https://"),
    _relief("address of a script", '"https://www.nhs.uk/conditions/neck-pain/"', "'javascript:alert(1)'", "20:42", "https://"),
    _relief("address with a space", '"https://www.nhs.uk/conditions/neck-pain/"', '"https://www.nhs.uk/neck pain"', "20:42", "web address"),
    _relief("broken address", '"https://www.nhs.uk/conditions/neck-pain/"', '"https://[::1"', "20:42", "web address"),
    _relief("unknown related entry", "[see-a-doctor]", "[see-a-docter]", "18:13", "did you mean 'see-a-doctor'?"),
    _relief("related to itself", "[see-a-doctor]", "[ice-or-heat]", "18:13", "itself"),
    _relief("related twice", "[see-a-doctor]", "[see-a-doctor, see-a-doctor]", "18:27", "twice"),
    _relief("unknown note", "note: keep-warm", "note: keep-worm", "16:9", "did you mean 'keep-warm'?"),
    _relief("answer too long for a message", "    Either can help.", "    " + "ice " * 980, "12:11", "3900 fit one message"),
    _relief("wide letters too long for a message", "    Either can help.", "    " + "🧊" * 1_951, "12:11", "3903 characters"),
    _relief("answer and more too long together", "    Either can help.", "    " + "ice " * 970, "12:11", "title, answer, more and note"),
    _relief("review without a hash", "reviewed: null", "reviewed: {by: Dr. A, role: GP, date: 2026-05-31}", "22:13", "missing key 'hash'"),
    _relief("the same ask twice", "- warm or cold for a cramped neck", "- Should I put ICE on it?", "5:7", "stands twice"),
    _relief(
        "an ask that is a test", "hits: [should i put ice on my cramped neck]", "hits: [should i put ice on it]", "10:12", "teaches under 'asks'"
    ),
    _relief("a contrast that is a test", "misses: [lunch box]", "misses: [ice for a swollen knee!]", "11:14", "teaches under 'not'"),
    _relief("asked and not meant", "- ice for a swollen knee", "- should i put ice on it", "8:7", "contradict"),
    _relief("hit and miss", "misses: [lunch box]", "misses: [should i put ice on my cramped neck]", "11:14", "contradict"),
    Bad(
        "an ask of two entries",
        CARE,
        "when do i see a doctor about my neck",
        "should I put ice on it?",
        ((f"{RELIEF}:4:7", "asks for 'see-a-doctor' and for 'ice-or-heat' (first at entries/care.yaml:4)"),),
    ),
    Bad(
        "an ask that tests another entry",
        CARE,
        "when do i see a doctor about my neck",
        "should i put ice on my cramped neck",
        ((f"{RELIEF}:10:12", "teaches 'see-a-doctor' and judges 'ice-or-heat'"),),
    ),
    Bad(
        "the same id twice",
        CARE,
        "id: see-a-doctor",
        "id: ice-or-heat",
        (
            (f"{RELIEF}:1:7", "stands at entries/care.yaml:1 already"),
            (f"{RELIEF}:18:13", "'see-a-doctor' is no entry"),
            ("topic.yaml:2:15", "'see-a-doctor' is no entry"),
        ),
    ),
    _one("file that is no list", CARE, GOOD[CARE], "entries:\n  - id: x\n", "1:1", "list of entries"),
    _one("list without entries", CARE, "- id: see-a-doctor", "- just text\n- id: see-a-doctor", "1:3", "must be keys with values"),
    _one("cut in the middle", CARE, "  answer: See one when it does not get better.\n  tier: gp_soon\n", "  ans", "5:3", "colon"),
    _one("misspelt part of the topic", "topic.yaml", "safety_entry", "saftey_entry", "2:1", "did you mean 'safety_entry'?"),
    _one("unknown safety entry", "topic.yaml", "see-a-doctor", "see-a-doc", "2:15", "did you mean 'see-a-doctor'?"),
    _one("unknown language", "topic.yaml", "name: Necks", "language: xx", "1:11", "no language 'xx'"),
    _one("unknown tier of the topic", "topic.yaml", "self_care", "selfcare", "4:3", "did you mean 'self_care'?"),
    _one("misspelt key of a tier", "topic.yaml", "short:", "shrt:", "5:5", "did you mean 'short'?"),
    _one("short note that is long", "topic.yaml", "See a pharmacist if it stays.", "x" * 91, "5:13", "at most 90"),
    _one("tier without wordings", "topic.yaml", "[See a pharmacist if it stays.]", "[]", "5:12", "at least 1"),
    _one("theme without a file", "topic.yaml", "relief:", "releif:", "7:3", "did you mean 'relief'?"),
    _one("description too long", "messages.yaml", "sentences:\n", f"sentences:\n  description: {'x' * 513}\n", "2:16", "Telegram shows 512"),
    _one(
        "short description too long", "messages.yaml", "sentences:\n", f"sentences:\n  short_description: {'😀' * 61}\n", "2:22", "Telegram shows 120"
    ),
    _one("command explained at length", "messages.yaml", "sentences:\n", f"sentences:\n  command_help: {'x' * 257}\n", "2:17", "Telegram shows 256"),
    _one("sentence nobody says", "messages.yaml", "theme_intro", "theme_inro", "2:3", "did you mean 'theme_intro'?"),
    Bad(
        "value nobody gives",
        "messages.yaml",
        "{theme}",
        "{them}",
        (("messages.yaml:2:16", "the values here are: {theme}"), ("messages.yaml:2:16", "lacks {theme}")),
    ),
    _one(
        "sentence without what it is there to say", "messages.yaml", "sentences:\n", "sentences:\n  copy_number: Copy it\n", "2:16", "lacks {number}"
    ),
    _one("value in a sentence without any", "messages.yaml", "Is it one of these?", "Is it {this}?", "5:7", "the values here are: none"),
    _one(
        "value in an alarm without any",
        "messages.yaml",
        "Call for help now.",
        "Call {number} now.",
        "11:14",
        "the values here are: {emergency}, {first_line}",
    ),
    _one("sentence without wordings", "messages.yaml", "offer:\n    - Which one?\n    - Is it one of these?", "offer:", "3:9", "is empty"),
    _one("note without a short form", "messages.yaml", "    short: [Keep it warm.]\n", "", "8:5", "missing key 'short'"),
    _one("long note", "messages.yaml", "Keep it warm, and ask if it stays.", "x" * 201, "8:12", "at most 200"),
    _one("note cut by a comma", "messages.yaml", "[Keep it warm.]", "[Keep warm, and wait.]", "9:13", "a comma inside [ ] splits a text"),
    Bad(
        "alarm that is missing",
        "messages.yaml",
        "  emergency: Call",
        "  emergncy: Call",
        (("messages.yaml:11:3", "did you mean 'emergency'?"), ("red_flags.yaml:2:5", "did you mean 'emergncy'?")),
    ),
    _one(
        "alarm that nothing raises",
        "messages.yaml",
        "  emergency: Call",
        "  overdose-intent: Call both.\n  emergency: Call",
        "11:3",
        "no tier, nor alarm",
    ),
    _one("plus that stands alone", "red_flags.yaml", "any: [chest pain]", "any: [chest + pain]", "8:19", "stands alone"),
    _one("reading in which nothing lies", "red_flags.yaml", "any: [chest pain]", 'any: ["{age 11..1}"]', "8:19", "the lower number first"),
    _one("misspelt key of a flag", "red_flags.yaml", "withholds", "witholds", "12:5", "did you mean 'withholds'?"),
    _one(
        "flag without rules",
        "red_flags.yaml",
        "      - all_of:\n          - name: chest pain\n            any: [chest pain]\n",
        "",
        "2:5",
        "at least one rule",
    ),
    _one("flag by likeness with rules", "red_flags.yaml", "    read_as", "    by_likeness: true\n    read_as", "2:5", "no rules and no 'fires_on'"),
    _one(
        "signature of a flag without a hash",
        "red_flags.yaml",
        "    read_as",
        "    reviewed: {by: Dr. A, role: GP, date: 2026-05-31}\n    read_as",
        "9:15",
        "missing key 'hash'",
    ),
    _one("tier that is no flag's", "red_flags.yaml", "tier: emergency", "tier: self_care", "3:11", "form"),
    _one("withheld entry there is not", "red_flags.yaml", "[ice-or-heat]", "[ice-or-hat]", "12:17", "did you mean 'ice-or-heat'?"),
    _one("list of numbers in a first line", "messages.yaml", "This is about a child.", "Call {emergency} now.", "13:10", "the values here are: none"),
    _one("kind of number there is not", "messages.yaml", "Call for help now.", "Call {nurses} now.", "11:14", "'{nurses}' would stay"),
    _one("alarm with a space in its key", "messages.yaml", "  emergency: Call", "  own words: Do not.\n  emergency: Call", "11:3", "form"),
    _one(
        "reminder of no alarm", "messages.yaml", "first_lines:", "reminders: {emergencey: Call.}\nfirst_lines:", "12:13", "did you mean 'emergency'?"
    ),
    _one("language of nobody", "messages.yaml", "first_lines:", "other_languages: {ez: Hola.}\nfirst_lines:", "12:19", "'ez' is no other"),
    _one("language the bot reads itself", "messages.yaml", "first_lines:", "other_languages: {en: Hi.}\nfirst_lines:", "12:19", "no other language"),
    _one("nothing to say in a language", "messages.yaml", "first_lines:", "other_languages: {es: ''}\nfirst_lines:", "12:23", "is empty"),
    _one("list of numbers in a reminder", "messages.yaml", "first_lines:", "reminders: {crisis: '{listen}'}\nfirst_lines:", "12:21", "{read_as}"),
    _one("region there is not", "topic.yaml", "name: Necks", "name: Necks\nregion: ukk", "2:9", "did you mean 'uk'?"),
    _one("misspelt kind of number", "numbers.yaml", "nurse: 3", "nurze: 3", "6:34", "did you mean 'nurse'?"),
    _one("region without its first number", "numbers.yaml", 'emergency: "1", ', "", "6:7", "missing key 'emergency'"),
    _one("key of a region that does not fit a button", "numbers.yaml", "  uk:", "  unitedkingdom:", "6:3", "small letters"),
    _one("key of a region in capitals", "numbers.yaml", "  uk:", "  UK:", "6:3", "small letters"),
    _one("no regions", "numbers.yaml", '\n  uk: {name: UK, emergency: "1", nurse: 3}', " {}", "5:10", "at least 1"),
    _one("nothing for everywhere", "numbers.yaml", ", listen: your friends", "", "3:3", "missing key 'listen'"),
    _one("numbers nobody looked up", "numbers.yaml", "checked: 2026-05-31\n", "", "1:1", "missing key 'checked'"),
    _one("numbers looked up on no day", "numbers.yaml", "2026-05-31", "last May", "1:10", "no date"),
    _one("flag and alarm too long for a button", "red_flags.yaml", "id: chest", "id: " + "chest" * 9, "2:9", "51 fit on a button"),
    _one("alarm of a rule there is not", "red_flags.yaml", "    read_as", "        alarm: nothing-like-it\n    read_as", "9:16", "no alarm"),
    _one("first line there is not", "red_flags.yaml", "first_line: child", "first_line: chidl", "10:17", "did you mean 'child'?"),
    _one("soft line there is not", "red_flags.yaml", "soft_line: asked", "soft_line: nothing-like-it", "11:16", "no first line"),
    _one("alarm there is not", "red_flags.yaml", "    read_as", "    alarm: nothing-like-it\n    read_as", "9:12", "no alarm"),
    _one("maybe for true", "red_flags.yaml", "    read_as", "    counts_when_past: maybe\n    read_as", "9:23", "true or false"),
    _one("misspelt word list", "synonyms.yaml", "confusables", "confusable", "6:1", "did you mean 'confusables'?"),
    _one("misspelt key of a synonym", "synonyms.yaml", "    for:", "    four:", "3:5", "did you mean 'for'?"),
    _one(
        "phrase of two words", "synonyms.yaml", "[paracetamol, acetaminophen]", "[paracetamol, Cramp]", "5:19", "'Cramp' stands for 'spasm' already"
    ),
    _one("phrase that stands for itself", "synonyms.yaml", "seizing up", "Spasm", "3:18", "itself"),
    _one("phrase without a word", "synonyms.yaml", "seizing up", '"!"', "3:18", "no word"),
    _one("confusable of itself", "synonyms.yaml", "number", "Numb", "7:5", "one word to the matcher"),
    _one("confusable of two words", "synonyms.yaml", "number", "phone number", "7:12", "more than one word"),
    _one("three confusables", "synonyms.yaml", "[numb, number]", "[numb, number, num]", "7:5", "at most 2"),
    _one("one spelling", "synonyms.yaml", "[paracetamol, acetaminophen]", "[paracetamol]", "5:5", "at least 2"),
    _one("misspelt key of small talk", "smalltalk.yaml", "replies", "replys", "3:3", "did you mean 'replies'?"),
    _one("small talk without replies", "smalltalk.yaml", "  replies: [Good luck.]\n", "", "1:3", "missing key 'replies'"),
    _one(
        "small talk twice",
        "smalltalk.yaml",
        "[Good luck.]",
        "[Good luck.]\n- id: good-luck\n  asks: [break a leg]\n  replies: [Thanks.]",
        "4:7",
        "already",
    ),
    _one("small talk that an entry answers", "smalltalk.yaml", "wish me luck", "should i put ice on it", "2:21", "'ice-or-heat' and 'good-luck'"),
    _one("none that is no list", "none.yaml", GOOD["none.yaml"], "sentences: [what is it]\n", "1:1", "must be a list"),
    _one("none that an entry answers", "none.yaml", "what is the capital of peru", "should i put ice on it", "2:3", "question of 'ice-or-heat'"),
    _one("none twice", "none.yaml", "what is the capital of peru", "How do I fix a tyre?", "2:3", "twice"),
    _one("danger that is a list", DANGER, EXAMPLES[DANGER], "- my chest is crushed\n", "1:1", "must be keys with values"),
    _one("danger without a tier", DANGER, "  emergency:\n", "", "2:5", "must be keys with values"),
    _one("danger of no tier of a flag", DANGER, "emergency:", "self_care:", "2:3", "the tiers are: crisis, emergency, urgent_today, gp_soon"),
    _one("misspelt tier of danger", DANGER, "emergency:", "emergncy:", "2:3", "did you mean 'emergency'?"),
    _one("tier without a message", DANGER, "\n    - my chest feels crushed\n    - an elephant sits on my chest", " []", "2:14", "at least 1"),
    _one("danger that is empty", DANGER, "- my chest feels crushed", "-", "3:6", "is empty"),
    _one("danger that is no text", DANGER, "- my chest feels crushed", "- said: my chest feels crushed", "3:7", "must be text, not keys with values"),
    _one("overlong danger", DANGER, "- my chest feels crushed", "- " + "chest " * 84, "3:7", "at most 500"),
    _one("flag of danger there is not", DANGER, "chest:", "chst:", "1:1", "'chst' is no red flag; did you mean 'chest'?"),
    _one(
        "danger twice, of two tiers",
        DANGER,
        "- an elephant sits",
        "- an elephant\n  urgent_today:\n    - My chest feels CRUSHED!\n    - i sit",
        "6:7",
        "is 'chest' (urgent_today) here and 'chest' (emergency) at examples_danger.yaml:3",
    ),
    _one("harmless that is no list", HARMLESS, EXAMPLES[HARMLESS], "said: [hello]\n", "1:1", "must be a list"),
    _one("harmless that is empty", HARMLESS, "- my chest of drawers is heavy", "- ''", "1:3", "is empty"),
    _one(
        "harmless that is dangerous",
        HARMLESS,
        "- the chest freezer hums",
        "- My chest feels crushed.",
        "2:3",
        "is harmless here and 'chest' (emergency) at",
    ),
)
