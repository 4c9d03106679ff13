"""The rows of a large array in a file, read when they are asked for."""

from __future__ import annotations

import os
import weakref
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.core.matching.weights import Rows


class RowFile:
    """A matrix of a `.npy` file that stays there. Indexed by places it gives these rows, as an array does.

    Mapping the file would do the same, but what a message touches of a map lies all over it, and the system lays out much around each place:
    after a few messages all of it counts as ours.
    """

    def __init__(self, path: Path) -> None:
        """Raises OSError or ValueError where *path* holds no such array. Once it is open the file may be deleted, but not changed."""
        array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
        if not isinstance(array, np.memmap) or array.ndim != 2 or not array.flags.c_contiguous:
            raise ValueError(f"{path.name} holds no rows")
        self.shape, self.dtype = array.shape, array.dtype
        self._begin, self._width = int(array.offset), array.shape[1] * array.itemsize
        self._file = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
        weakref.finalize(self, os.close, self._file)

    def __getitem__(self, places: NDArray[np.intp]) -> NDArray[Any]:
        """Return the rows at *places*."""
        read, file, begin, width = os.pread, self._file, self._begin, self._width
        rows = b"".join([read(file, width, begin + width * place) for place in places.tolist()])
        return np.frombuffer(rows, self.dtype).reshape(len(places), self.shape[1])


def rows_of(path: Path) -> Rows:
    """Return the matrix in *path*: its rows when they are asked for; mapped where a system does not read at a place."""
    if hasattr(os, "pread"):
        return RowFile(path)
    mapped: NDArray[np.float16] = np.load(path, mmap_mode="r", allow_pickle=False)
    return mapped
