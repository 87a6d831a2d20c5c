"""
How does likeness to examples become a score for each class?

May not know what the classes are. Kernel ridge regression, solved by blocks; what is not being worked on may be laid
aside in a file, so that thousands of examples fit a small machine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]

_BLOCK = 512
_END_OF_FILE = 2


def fit(
    kernel_rows: Callable[[int, int], Matrix],
    labels: NDArray[np.int64],
    ridge: NDArray[np.float64],
    aside: IO[bytes] | None = None,
) -> Matrix:
    """
    The coefficients, one row an example, one column a class.

        alpha = (K + diag(ridge))^-1 Y

    `kernel_rows(start, end)` gives the likeness of these examples to all before `end`, as an array that is nobody
    else's; `ridge` is the penalty of each example, smaller for surer ones. Half the kernel is held in memory, or in the
    open file `aside`, of which nothing else may be expected.
    """
    size = len(labels)
    classes = int(labels.max()) + 1 if size else 0
    wanted = np.zeros((size, classes), dtype=np.float32)
    wanted[np.arange(size), labels] = 1.0
    return _solve(_cholesky(kernel_rows, ridge.astype(np.float32), aside), wanted)


def left_out(
    kernel_rows: Callable[[int, int], Matrix], labels: NDArray[np.int64], ridge: NDArray[np.float64]
) -> Matrix:
    """
    The scores each example would get had it not been an example; for measuring, in twice the memory.

        y[i] - alpha[i] / ((K + diag(ridge))^-1)[i, i]
    """
    factor = _cholesky(kernel_rows, ridge.astype(np.float32))
    inverse = _solve(factor, np.eye(len(labels), dtype=np.float32))
    wanted = np.zeros((len(labels), int(labels.max()) + 1), dtype=np.float32)
    wanted[np.arange(len(labels)), labels] = 1.0
    return np.asarray(wanted - (inverse @ wanted) / np.diag(inverse)[:, None], dtype=np.float32)


@dataclass(frozen=True)
class _Rows:
    """A row of blocks of the lower factor: the columns left of its own block, and the inverse of that block."""

    start: int
    own_inverse: Matrix
    before: Callable[[], Matrix]


def _laid_aside(matrix: Matrix, aside: IO[bytes] | None) -> Callable[[], Matrix]:
    """Gives the matrix again: from the file where there is one with room, else from memory."""
    if aside is None:
        return lambda: matrix
    shape, size = matrix.shape, matrix.nbytes
    try:
        place = aside.seek(0, _END_OF_FILE)
        if aside.write(matrix.tobytes()) != size:
            return lambda: matrix
    except OSError:
        return lambda: matrix

    def again() -> Matrix:
        aside.seek(place)
        return np.frombuffer(aside.read(size), dtype=np.float32).reshape(shape)

    return again


def _cholesky(
    kernel_rows: Callable[[int, int], Matrix], ridge: Matrix, aside: IO[bytes] | None = None
) -> list[_Rows]:
    """The lower factor of K + diag(ridge)."""
    factor: list[_Rows] = []
    for start in range(0, len(ridge), _BLOCK):
        end = min(start + _BLOCK, len(ridge))
        rows = kernel_rows(start, end)
        rows[np.arange(end - start), np.arange(start, end)] += ridge[start:end]
        left = 0
        for above in factor:
            right = left + len(above.own_inverse)
            if left:
                rows[:, left:right] -= rows[:, :left] @ above.before().T
            rows[:, left:right] = rows[:, left:right] @ above.own_inverse.T
            left = right
        before = np.ascontiguousarray(rows[:, :start])
        own = np.linalg.cholesky(rows[:, start:end] - before @ before.T)
        factor.append(_Rows(start, np.linalg.inv(own), _laid_aside(before, aside)))
    return factor


def _solve(factor: Sequence[_Rows], wanted: Matrix) -> Matrix:
    """What the factored matrix takes to `wanted`: forward, then backward."""
    found = wanted.copy()
    for rows in factor:
        start, end = rows.start, rows.start + len(rows.own_inverse)
        found[start:end] = rows.own_inverse @ (found[start:end] - rows.before() @ found[:start])
    for rows in reversed(factor):
        start, end = rows.start, rows.start + len(rows.own_inverse)
        found[start:end] = rows.own_inverse.T @ found[start:end]
        found[:start] -= rows.before().T @ found[start:end]
    return found
