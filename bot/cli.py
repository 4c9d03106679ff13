"""The command line: errors become exit codes here."""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

from bot import batch, running
from bot.adapters import console
from bot.core.model import Context, Utterance
from bot.core.respond import respond
from bot.core.snapshot import Snapshot
from bot.errors import BotError, ConfigError, InputError, KnowledgeError
from bot.folders import cache_folder, knowledge_folder, read_folder_settings
from bot.knowledge.loader import load_snapshot

if TYPE_CHECKING:
    from bot.service import Service


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line. Exit codes: 0 done, 1 bad knowledge or input, 2 bad usage or settings, 130 interrupted."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show a sign must still show the alarm
    options = _parser().parse_args(arguments)
    try:
        return _run_command(options)
    except KnowledgeError as error:
        print(error, file=sys.stderr)
        print(f"{len(error.problems)} problem(s) found.", file=sys.stderr)
        return 1
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    except BotError as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read our output has seen enough; keep Python from complaining while it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130


def _run_command(options: argparse.Namespace) -> int:
    code = int(options.command(options))
    sys.stdout.flush()  # A reader that has gone is met here, and not when Python shuts down.
    return code


# What only one command needs is imported there: asyncio alone takes as long to import as ten answers take to find, and 4 MB.


def _chat(options: argparse.Namespace) -> int:
    import asyncio

    from bot import bootstrap
    from bot.store.memory import MemoryStore

    settings = read_folder_settings()
    service = bootstrap.build_service(knowledge_folder(settings, options.knowledge), MemoryStore(), cache_folder(settings))
    # asyncio.run would hold the first Ctrl-C back until a line is typed.
    with contextlib.closing(asyncio.new_event_loop()) as loop, _chat_lines(service, watch=options.watch) as lines:
        loop.run_until_complete(console.converse(service, lines, print))
    return 0


@contextlib.contextmanager
def _chat_lines(service: Service, *, watch: bool) -> Iterator[Iterable[str]]:
    """Give the lines of a chat; with *watch* what is saved in the knowledge folder is taken in meanwhile."""
    prompt = service.say("chat_prompt") + " "
    if not watch:
        yield _typed(prompt)
        return
    from bot.adapters.prompt import Prompt
    from bot.authoring.watching import watched

    at = Prompt()
    at.tell(service.say("watch_on", folder=str(service.live.folder)))
    with watched(service.live, at.tell, console.plain) as watcher:
        yield watcher.noting(_typed(prompt, at.ask))


def _new(options: argparse.Namespace) -> int:
    from bot.authoring.beginning import begin

    files = begin(options.folder, options.name)
    print(f"{options.folder}: {', '.join(files)}")
    print("It answers three questions already. Talk to it, and change what you like meanwhile:")
    print(f"  napebot chat --watch --knowledge {shlex.quote(str(options.folder))}")
    return 0


def _ask(options: argparse.Namespace) -> int:
    snapshot = _snapshot(options)
    utterance = Utterance(" ".join(options.text), datetime.now(UTC))
    turn = respond(utterance, snapshot, Context())
    if options.explain:
        from bot.explain import explain

        print(explain(utterance, turn, snapshot), end="\n\n")
    print(console.plain(turn.reply))
    for choice in (choice for row in turn.reply.choices for choice in row):
        print(f"  [{choice.label}]")
    return 0


def _match(options: argparse.Namespace) -> int:
    snapshot = _snapshot(options)
    for line in batch.match_lines(_piped(), snapshot):
        print(line)
    return 0


def _check(options: argparse.Namespace) -> int:
    from bot.checking import check

    return check(options)


def _review(options: argparse.Namespace) -> int:
    from bot import review

    folder = knowledge_folder(read_folder_settings(), options.knowledge)
    snapshot = load_snapshot(folder, try_sentences=False)
    known = review.page_ids(snapshot)
    unknown = [page_id for page_id in options.ids if page_id not in known]
    if unknown:
        raise InputError(f"no page for {', '.join(unknown)}; without a name all pages are shown, and each begins with its own")
    pages = {page_id: review.page(page_id, snapshot, datetime.now(UTC).date()) for page_id in options.ids or known}
    if options.out is None:
        print("\n---\n\n".join(pages.values()))
        return 0
    try:
        options.out.mkdir(parents=True, exist_ok=True)
        for page_id, page in pages.items():
            (options.out / f"{page_id}.md").write_text(page, encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot write into '{options.out}' ({error.strerror}); name another folder") from error
    print(f"{len(pages)} pages in {options.out}.")
    return 0


def _snapshot(options: argparse.Namespace) -> Snapshot:
    # For one question the sentences that judge are not tried again: `check`, `run` and every reload try them.
    settings = read_folder_settings()
    # Nearly all that is made here stays until the end; looking through it for garbage, again and again, would cost a tenth of a second.
    gc.disable()
    try:
        return load_snapshot(knowledge_folder(settings, options.knowledge), try_sentences=False, cache=cache_folder(settings))
    finally:
        gc.freeze()
        gc.enable()


def _typed(prompt: str, ask: Callable[[str], str] | None = None) -> Iterator[str]:
    """Yield the lines of standard input, with a prompt where a person types them; the end of input, or an empty line typed, ends it."""
    if sys.stdin is None or not sys.stdin.isatty():
        yield from _piped()
        return
    while True:
        try:
            line = (ask or input)(prompt)
        except EOFError:
            return
        if not line.strip():
            return
        yield line


def _piped() -> Iterable[str]:
    """Return the lines of standard input, which may hold any bytes: what is no UTF-8 becomes U+FFFD. None where it is closed."""
    if sys.stdin is None:
        return ()
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    return sys.stdin


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="napebot", description="A careful FAQ bot for Telegram and the terminal.")
    parser.add_argument("--knowledge", type=Path, metavar="DIR", help="the knowledge folder (else KNOWLEDGE_DIR, ./knowledge, the packaged one)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    named = argparse.ArgumentParser(add_help=False)
    named.add_argument("--knowledge", type=Path, metavar="DIR", default=argparse.SUPPRESS, help=argparse.SUPPRESS)

    def command(name: str, function: object, about: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=about, description=about, parents=[named])
        added.set_defaults(command=function)
        return added

    command("run", running.run, "serve Telegram, by polling or by webhook; needs BOT_TOKEN")
    chat = command("chat", _chat, "talk to the bot in this terminal")
    chat.add_argument("--watch", action="store_true", help="take in what is saved in the knowledge folder meanwhile, and show what it changes")
    new = command("new", _new, "make a knowledge folder to begin with")
    new.add_argument("folder", type=Path, metavar="DIR", help="where; it is made, and must be empty if it is there")
    new.add_argument("--name", help="what the topic is called; by default what the folder is")
    ask = command("ask", _ask, "ask one question and print the reply")
    ask.add_argument("text", nargs="+", help="the question")
    ask.add_argument("--explain", action="store_true", help="show tokens, matched words, the five best scores and the rule that decided")
    command("match", _match, "read messages as JSON lines on standard input, write decisions as JSON lines")
    pages = command("review", _review, "show what there is to sign: a page for each red flag and each entry")
    pages.add_argument("ids", nargs="*", metavar="ID", help="a red flag, an entry, or 'shared' (idioms and cues); by default all")
    pages.add_argument("--out", type=Path, metavar="DIR", help="write one Markdown file a page into this folder instead")
    check = command("check", _check, "find every problem in a knowledge folder; exit 1 when there is one")
    check.add_argument("folder", nargs="?", type=Path, help="the folder; by default the one the bot would use")
    check.add_argument("--strict", action="store_true", help="fail also on what is unsigned, voided, overdue, unsourced or lost")
    check.add_argument("--against", metavar="REF_OR_DIR", help="tell which known sentences get another reply than in this commit or folder")
    much = check.add_mutually_exclusive_group()
    much.add_argument("--all", action="store_true", help="show every warning and note")
    much.add_argument("--quiet", action="store_true", help="show problems alone")
    check.add_argument("--json", action="store_true", help="print all of it for machines")
    command("unhook", running.unhook, "take the webhook away, so that polling can begin")
    command("rotate-key", running.rotate, "begin a new key for the names of people in the database")
    misses = command("misses", running.misses, "show what several people asked in vain; needs KEEP_MISSES")
    misses.add_argument("--yaml", action="store_true", help="try each as another way to ask the entry that fits it best; print the line to write")
    misses.add_argument("--json", action="store_true", help="print it for machines")
    stats = command("stats", running.stats, "show what was counted: questions a day, what became of them, entries, votes")
    stats.add_argument("--days", type=_days, metavar="N", help="how many days up to today (UTC); by default the last seven")
    stats.add_argument("--json", action="store_true", help="print it for machines")
    stats.add_argument("--picture", type=Path, metavar="FILE", help="draw it too, as /stats does, into this PNG file")
    stats.add_argument("--dark", action="store_true", help="draw it on dark")
    return parser


def _days(text: str) -> int:
    """Return how many days are meant. Raises ArgumentTypeError for what is no number of days there may be counts for."""
    from bot.stats import MOST_DAYS

    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= MOST_DAYS):
        raise argparse.ArgumentTypeError(f"{text!r}: write a number from 1 to {MOST_DAYS}")
    return int(text)
