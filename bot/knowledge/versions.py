"""The last versions of a knowledge folder, kept as files: each whole or not at all, damage noticed, and put back whole.

A version is one zip, so that it can be opened by hand. Its name says the order in which they were kept, which no clock that is set back can
turn round. The digest that is a version's name is over all its files: what does not match it is damaged, and not there.
"""

from __future__ import annotations

import json
import logging
import os
import re
import struct
import tempfile
import time
import zlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.errors import KnowledgeError, Problem
from bot.knowledge.folder import ENTRIES, FolderFiles, read_files
from bot.knowledge.kept import UNREADABLE
from bot.knowledge.rewriting import rewrite

MOST = 10
"""How many are kept."""

_log = logging.getLogger(__name__)
_NAME = re.compile(r"(?P<number>[0-9]{6,})-(?P<at>[0-9]{8}T[0-9]{6}Z)-(?P<version>[0-9a-f]{12})(?:-on-(?P<base>[0-9a-f]{12}))?\.zip")
_FILE = re.compile(rf"(?:{ENTRIES}/)?[^/\0]+\.ya?ml")
_AT = "%Y%m%dT%H%M%SZ"
_PART = ".part"
_LEFT_BEHIND_S = 60
"""The age from which on a write that did not end will not end any more."""
_UNFINISHED = "unfinished.json"
_DAMAGED = (*UNREADABLE, zlib.error, struct.error, NotImplementedError, RuntimeError, OverflowError)
"""What a zip raises that is not what was written, beside BadZipFile."""


@dataclass(frozen=True, slots=True)
class KeptVersion:
    """A version that can be brought back."""

    version: str
    kept_at: datetime
    """UTC, to the second: when it was kept last, which is when it last began to serve."""
    base: str = ""
    """Of one that is staged, the version of the folder it was made from."""


@dataclass(frozen=True, slots=True)
class _Kept:
    number: int
    path: Path
    told: KeptVersion


class Versions:
    """The versions in one folder, which need not exist yet."""

    def __init__(self, folder: Path, most: int = MOST) -> None:
        self._folder, self._most = folder, most

    def beside(self, name: str, most: int) -> Versions:
        """Return the versions in another folder, which lies beside this one and is called *name*."""
        return Versions(self._folder.with_name(name), most)

    def keep(self, files: FolderFiles, base: str = "") -> Path:
        """Keep *files* as the newest version, in place of the same one kept earlier; let the oldest go; return its file. Raises OSError."""
        version, kept = files.version, self._kept()
        if kept and kept[0].told.version == version and kept[0].told.base == base and _read(kept[0].path, version) is not None:
            return kept[0].path
        number = kept[0].number + 1 if kept else 1
        on = f"-on-{base}" if base else ""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{number:06}-{datetime.now(UTC):{_AT}}-{version}{on}.zip"
        self._write(path, _packed(files.content_by_name))
        others = [each for each in kept if each.told.version != version]
        for each in (*(each for each in kept if each.told.version == version), *others[self._most - 1 :]):
            each.path.unlink(missing_ok=True)
        return path

    def list(self) -> tuple[KeptVersion, ...]:
        """Return what is kept, newest first, each version once. Whether it is whole only reading it tells."""
        return tuple({each.told.version: each.told for each in reversed(self._kept())}.values())[::-1]

    def read(self, version: str) -> Mapping[str, bytes] | None:
        """Return the files of *version* by their names; None where it is not kept, or is damaged."""
        path = self.path(version)
        return _read(path, version) if path is not None else None

    def path(self, version: str) -> Path | None:
        """Return the file that *version* lies in, if it is kept; what `files_of` reads."""
        return next((each.path for each in self._kept() if each.told.version == version), None)

    def forget(self, versions: Iterable[str]) -> None:
        """Delete *versions*. Raises OSError."""
        gone = set(versions)
        for each in self._kept():
            if each.told.version in gone:
                each.path.unlink(missing_ok=True)

    def put_back(self, version: str, folder: Path, expected: str) -> None:
        """Let *folder* hold *version*, if what it holds is *expected*; that is kept as a version first, sound or not.

        Raises KnowledgeError, with nothing changed, where *version* is not kept, the folder holds something else by now, or one of the two places
        cannot be written. Of a process that ends in the middle `finish` knows what to do.
        """
        after, now = self.read(version), read_files(folder)
        if after is None:
            raise _refused(f"version {version} is not kept any more, or what is kept of it is damaged")
        if problems := unkeepable(now, folder):
            raise KnowledgeError(problems)
        if now.version != expected:
            raise _refused("the knowledge folder was changed meanwhile; look at what is new in it, and try again")
        try:
            # The one that comes back first: as the oldest it would have to make room for the other.
            self.keep(FolderFiles(dict(after), ()))
            self.keep(now)
            note = self._folder / _UNFINISHED
            self._write(note, json.dumps({"folder": str(folder.absolute()), "from": now.version, "to": version}).encode())
        except OSError as error:
            raise _refused(f"cannot keep what is in the knowledge folder now ({reason(error)}): see to the data folder first") from None
        try:
            rewrite(folder, now.content_by_name, after)
        except OSError as error:
            raise _refused(f"cannot write into the knowledge folder ({reason(error)}); put the files in place as you did before") from None
        finally:
            with suppress(OSError):  # It says nothing of a folder that holds either.
                note.unlink()
        if read_files(folder).version != version:
            raise _refused("the knowledge folder was changed while it was written; look at what is in it, and try again")

    def finish(self, folder: Path) -> bool:
        """Do the rest of a `put_back` that its process did not live to end; return whether there was any.

        Only where each file is of the one version or of the other: what somebody has written since stays.
        """
        note = self._folder / _UNFINISHED
        try:
            told = json.loads(note.read_bytes())
            before, after, place = self.read(told["from"]), self.read(told["to"]), told["folder"]
        except UNREADABLE:
            return False
        now = read_files(folder)
        begun = before is not None and after is not None and place == str(folder.absolute()) and _is_between(now.content_by_name, before, after)
        try:
            if begun and before is not None and after is not None:
                rewrite(folder, now.content_by_name, after)
                _log.warning("knowledge: version %s was being put back when the process ended; that is done now", told["to"])
            note.unlink(missing_ok=True)
        except OSError as error:
            _log.error("knowledge: version %s was being put back when the process ended, and cannot be: %s", told["to"], reason(error))
            return False
        return begun

    def _kept(self) -> Sequence[_Kept]:
        """Return what is there, newest first."""
        try:
            paths = tuple(self._folder.iterdir())
        except OSError:
            return ()
        shapes = [(path, shape) for path in paths if (shape := _NAME.fullmatch(path.name))]
        kept = [_Kept(int(shape["number"]), path, told) for path, shape in shapes if (told := _told(shape))]
        return sorted(kept, key=lambda each: (each.number, each.path.name), reverse=True)

    def _write(self, path: Path, content: bytes) -> None:
        """Write a file whole, or not at all. Raises OSError."""
        for left_behind in self._folder.glob(f"*{_PART}"):
            if left_behind.stat().st_mtime < time.time() - _LEFT_BEHIND_S:
                left_behind.unlink(missing_ok=True)
        descriptor, part = tempfile.mkstemp(dir=self._folder, suffix=_PART)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(part).replace(path)
        finally:
            Path(part).unlink(missing_ok=True)


def files_of(source: Path) -> FolderFiles:
    """Return the files of a knowledge folder, or of a version that is kept in a file. Never raises."""
    shape = _NAME.fullmatch(source.name)
    if shape is None or source.is_dir():
        return read_files(source)
    content = _read(source, shape["version"])
    if content is None:
        return FolderFiles({}, (Problem(".", 1, 1, f"what is kept of version {shape['version']} is gone, or damaged"),))
    return FolderFiles(dict(content), ())


def unkeepable(files: FolderFiles, folder: Path) -> tuple[Problem, ...]:
    """Return what of *files*, read from *folder*, could not be read, and so not be kept: it must not be written over.

    That there are no entries at all is no reason to stop: bringing some back is the cure.
    """
    bare = {problem.file for problem in files.problems} == {ENTRIES} and _is_bare(folder / ENTRIES)
    return () if bare else files.problems


def reason(error: OSError) -> str:
    """Return what went wrong, in a few words without a path."""
    return error.strerror.lower() if error.strerror else type(error).__name__


def _told(shape: re.Match[str]) -> KeptVersion | None:
    with suppress(ValueError):
        return KeptVersion(shape["version"], datetime.strptime(shape["at"], _AT).replace(tzinfo=UTC), shape["base"] or "")
    return None


def _packed(content_by_name: Mapping[str, bytes]) -> bytes:
    from io import BytesIO
    from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo  # 1 MB that a start with nothing new does without

    packed = BytesIO()
    with ZipFile(packed, "w") as file:
        for name, content in content_by_name.items():
            # No time of day: a zip knows none before 1980, and the clock of a small board may begin in 1970.
            file.writestr(ZipInfo(name), content, ZIP_DEFLATED)
    return packed.getvalue()


def _read(path: Path, version: str) -> dict[str, bytes] | None:
    from zipfile import BadZipFile, ZipFile

    try:
        with ZipFile(path) as file:
            content = {name: file.read(name) for name in sorted(file.namelist()) if _FILE.fullmatch(name)}
    except (*_DAMAGED, BadZipFile):
        return None
    return content if FolderFiles(content, ()).version == version else None


def _refused(what: str) -> KnowledgeError:
    return KnowledgeError([Problem(".", 1, 1, what)])


def _is_bare(place: Path) -> bool:
    """Return whether there is no such folder, or nothing to read in it."""
    try:
        return not place.is_symlink() and not any(_FILE.fullmatch(path.name) and path.name[0] != "." for path in place.iterdir())
    except FileNotFoundError:
        return True
    except OSError:
        return False


def _is_between(now: Mapping[str, bytes], before: Mapping[str, bytes], after: Mapping[str, bytes]) -> bool:
    """Return whether *now* is a part of the way from *before* to *after*: begun, and not ended."""
    each = {name: (now.get(name), before.get(name), after.get(name)) for name in now.keys() | before.keys() | after.keys()}
    return now not in (before, after) and all(here in (old, new) for here, old, new in each.values())
