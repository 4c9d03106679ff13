"""Tables between markers on a page, to be written anew row by row: what was not measured now stays as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def between(page: str, part: str) -> str:
    """Return what stands on *page* between the markers of *part*. Raises ValueError where they are not there."""
    begin, end = _markers(part)
    return page[page.index(begin) + len(begin) : page.index(end)].strip("\n")


def replaced(page: str, part: str, text: str) -> str:
    """Return *page* with *text* between the markers of *part*. Raises ValueError where they are not there."""
    begin, end = _markers(part)
    return page[: page.index(begin) + len(begin)] + f"\n{text}\n" + page[page.index(end) :]


def _markers(part: str) -> tuple[str, str]:
    return f"<!-- {part}: made by benchmarks.why -->", f"<!-- end of {part} -->"


def rows_of(table: str) -> dict[str, str]:
    """Return the first cell of each row of a Markdown table -> the row, the head left out."""
    rows = [line for line in table.splitlines() if line.startswith("| ")]
    return {row.split(" | ")[0].removeprefix("| "): row for row in rows[2:]}


def table(head: Sequence[str], titles: Sequence[str], fresh: Mapping[str, Sequence[str]], old: str) -> str:
    """Return a table in the order of *titles*: fresh rows, else those of the *old* table, if its head is the same."""
    lines = [line(head), line(["---", *["---:"] * (len(head) - 1)])]
    kept = rows_of(old) if lines[0] in old.splitlines() else {}
    for title in titles:
        if title in fresh:
            lines.append(line(fresh[title]))
        elif title in kept:
            lines.append(kept[title])
    return "\n".join(lines)


def line(row: Sequence[str]) -> str:
    """Return one row of a Markdown table."""
    return f"| {' | '.join(row)} |"
