"""Pages as PNG files: headless Chromium takes them, pngquant makes them small."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from pictures.page import HEIGHT

SCALE = 2
"""Pixels of the picture for one CSS pixel."""

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_PACKAGES = "chromium pngquant fonts-inter fonts-noto-core fonts-noto-color-emoji"
_COLOURS = 128
"""What a page of flat colours and smooth letters needs; with more the files grow and look the same."""
_ALONE = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--virtual-time-budget=2000",
)
"""It shows pages of our own, and has nobody to talk to."""
_LONG_S = 60
_FIRST_HEIGHT = 800


class Camera:
    """The programs of this machine. Raises FileNotFoundError where one is missing."""

    def __init__(self) -> None:
        self._browser, self._pngquant = _program(*_BROWSERS), _program("pngquant")

    def take(self, html: str, width: int, target: Path) -> None:
        """Write *html*, as tall as it is, to *target* as PNG; *width* in CSS pixels. Raises CalledProcessError, TimeoutExpired or OSError."""
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            source = Path(folder) / "page.html"
            source.write_text(html, encoding="utf-8")
            shown = HEIGHT.search(self._show(folder, width, _FIRST_HEIGHT, "--dump-dom", source.as_uri()))
            if shown is None:
                raise OSError("the page did not tell its height")
            large = Path(folder) / "page.png"
            options = (f"--screenshot={large}", "--default-background-color=00000000", f"--force-device-scale-factor={SCALE}")
            self._show(folder, width, int(shown[1]), *options, source.as_uri())
            _run(self._pngquant, "--force", "--nofs", "--strip", "--speed", "1", "--output", str(target), str(_COLOURS), str(large))

    def _show(self, folder: str, width: int, height: int, *arguments: str) -> str:
        return _run(self._browser, *_ALONE, f"--user-data-dir={folder}/profile", f"--window-size={width},{height}", *arguments)


def _program(*names: str) -> str:
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        raise FileNotFoundError(f"no {names[0]} found: on Debian, apt-get install {_PACKAGES}")
    return found


def _run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, check=True, encoding="utf-8", timeout=_LONG_S).stdout  # noqa: S603
