"""Talks as an HTML page: phones side by side, in light or dark. Its looks are in `chat.css`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

from pictures.play import USERNAME, Bubble, Button
from pictures.script import PERSON, Chat

PHONE_WIDTH = 390
"""In CSS pixels, as in `chat.css`."""
PHONE_GAP = 24
HEIGHT = re.compile(r'<html[^>]* data-height="(\d+)"')
"""How the page tells its height in CSS pixels, once its script has run."""

_STYLE = Path(__file__).with_name("chat.css")
_LINKED = re.compile(r"https?://[^\s<]+[^\s<.,]|(?<!\S)[/@][A-Za-z]+\b")
"""What Telegram makes a link of by itself, of all that is said here."""
_AFTER_QUOTE = "</blockquote>"
_LINE = 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
_BACK = f'<svg width="11" height="18" viewBox="0 0 11 18" {_LINE}><path d="M9 2 2 9l7 7"/></svg>'
_CHEVRON = f'<svg width="14" height="9" viewBox="0 0 14 9" {_LINE}><path d="m2 2 5 5 5-5"/></svg>'
_CLIP_SHAPE = "m20 11-8.500 8.500a5 5 0 0 1-7-7L13 4a3.300 3.300 0 0 1 4.700 4.700L9.300 17a1.700 1.700 0 0 1-2.400-2.400L14 7.500"
_CLIP = f'<svg width="22" height="22" viewBox="0 0 24 24" {_LINE}><path d="{_CLIP_SHAPE}"/></svg>'
_SPEAK_SHAPE = '<rect x="9" y="3" width="6" height="11" rx="3"/><path d="M5.500 11a6.500 6.500 0 0 0 13 0M12 17.500V21"/>'
_SPEAK = f'<svg width="22" height="22" viewBox="0 0 24 24" {_LINE}>{_SPEAK_SHAPE}</svg>'
_CORNERS = {
    "link": f'<svg width="9" height="9" viewBox="0 0 10 10" {_LINE}><path d="M2 8 8 2M3.500 2H8v4.500"/></svg>',
    "copy": f'<svg width="12" height="12" viewBox="0 0 18 18" {_LINE}><path d="M6 6h10v10H6zM2 12V2h10"/></svg>',
}
_SCRIPT = """
for (const quote of document.querySelectorAll("blockquote")) {
  if (quote.scrollHeight > quote.clientHeight + 2) quote.classList.add("folded");
}
document.documentElement.dataset.height = Math.ceil(document.body.getBoundingClientRect().height);
"""


def page(talks: Sequence[tuple[Chat, tuple[Bubble, ...]]], *, dark: bool) -> str:
    """Return the page with *talks*, each on a phone of its own."""
    phones = "\n".join(_phone(chat, bubbles) for chat, bubbles in talks)
    theme = "dark" if dark else "light"
    style = _STYLE.read_text(encoding="utf-8")
    return (
        f'<!doctype html>\n<html lang="en" class="{theme}">\n<meta charset="utf-8">\n<title>{USERNAME}</title>\n'
        f"<style>\n{style}</style>\n<body>\n{phones}\n</body>\n<script>{_SCRIPT}</script>\n</html>\n"
    )


def width_of(talks: Sequence[object]) -> int:
    """Return the width of the page with *talks*, in CSS pixels."""
    return len(talks) * PHONE_WIDTH + (len(talks) - 1) * PHONE_GAP


def _phone(chat: Chat, bubbles: Sequence[Bubble]) -> str:
    title, below = (chat.group, "9 members") if chat.group else (USERNAME, "bot")
    messages = "\n".join(_message(bubble, named=bool(chat.group)) for bubble in bubbles)
    return (
        f'<section class="phone">\n<header>{_BACK}<span class="avatar">{escape(title[0])}</span>'
        f"<span><b>{escape(title)}</b><small>{below}</small></span></header>\n"
        f"<main>\n{messages}\n</main>\n<footer>{_CLIP}<span>Message</span>{_SPEAK}</footer>\n</section>"
    )


def _message(bubble: Bubble, *, named: bool) -> str:
    classes = " ".join(("message", *(["mine"] if bubble.mine else []), *(["has-buttons"] if bubble.rows else [])))
    name = f'<div class="name">{bubble.by}</div>' if named and not bubble.mine else ""
    quoted = f'<div class="quoted"><b>{PERSON}</b><span>{escape(bubble.quoted)}</span></div>' if bubble.quoted else ""
    time = f'<span class="time">{"edited " if bubble.edited else ""}{bubble.at:%H:%M}</span>'
    rows = "".join(f'<div class="row">{"".join(map(_button, row))}</div>' for row in bubble.rows)
    keyboard = f'<div class="keyboard">{rows}</div>' if rows else ""
    return (
        f'<article class="{classes}"><div class="bubble">{name}{quoted}<div class="words">{_words(bubble.html)}{time}</div></div>{keyboard}</article>'
    )


def _words(html: str) -> str:
    """Return Telegram's HTML as a browser shows it alike: one line break ends a quote, and addresses are links."""
    linked = _LINKED.sub(lambda found: f"<i>{found[0]}</i>", html)
    return linked.replace(_AFTER_QUOTE + "\n", _AFTER_QUOTE).replace(_AFTER_QUOTE, _CHEVRON + _AFTER_QUOTE)


def _button(button: Button) -> str:
    classes = " ".join(("button", *(["danger"] if button.danger else []), *(["pressed"] if button.pressed else [])))
    return f'<span class="{classes}">{escape(button.label)}{_CORNERS.get(button.kind, "")}</span>'
