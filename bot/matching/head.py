"""
How does likeness to examples become a score for each class?

May not know what the classes are. Kernel ridge regression, solved by blocks in half the memory of the kernel.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]

_BLOCK = 256


def fit(
    kernel_rows: Callable[[int, int], Matrix], labels: NDArray[np.int64], ridge: NDArray[np.float64]
) -> Matrix:
    """
    The coefficients, one row an example, one column a class.

        alpha = (K + diag(ridge))^-1 Y

    `kernel_rows(start, end)` gives the likeness of these examples to all; `ridge` is the penalty of each example,
    smaller for surer ones. Only the lower triangle is held.
    """
    size = len(labels)
    classes = int(labels.max()) + 1 if size else 0
    wanted = np.zeros((size, classes), dtype=np.float32)
    wanted[np.arange(size), labels] = 1.0
    return _solve(_cholesky(kernel_rows, ridge.astype(np.float32)), wanted)


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


def _cholesky(kernel_rows: Callable[[int, int], Matrix], ridge: Matrix) -> list[Matrix]:
    """The lower factor of K + diag(ridge), as rows of blocks: entry i holds the columns up to its own end."""
    factor: list[Matrix] = []
    for start in range(0, len(ridge), _BLOCK):
        end = min(start + _BLOCK, len(ridge))
        rows = kernel_rows(start, end)[:, :end].copy()
        rows[np.arange(end - start), np.arange(start, end)] += ridge[start:end]
        for number, above in enumerate(factor):
            left, right = number * _BLOCK, number * _BLOCK + len(above)
            rows[:, left:right] -= rows[:, :left] @ above[:, :left].T
            rows[:, left:right] = np.linalg.solve(above[:, left:right], rows[:, left:right].T).T
        rows[:, start:end] -= rows[:, :start] @ rows[:, :start].T
        rows[:, start:end] = np.linalg.cholesky(rows[:, start:end])
        factor.append(rows)
    return factor


def _solve(factor: Sequence[Matrix], wanted: Matrix) -> Matrix:
    """What the factored matrix takes to `wanted`: forward, then backward."""
    found = wanted.copy()
    for number, rows in enumerate(factor):
        start, end = number * _BLOCK, number * _BLOCK + len(rows)
        found[start:end] -= rows[:, :start] @ found[:start]
        found[start:end] = np.linalg.solve(rows[:, start:end], found[start:end])
    for number in range(len(factor) - 1, -1, -1):
        rows = factor[number]
        start, end = number * _BLOCK, number * _BLOCK + len(rows)
        found[start:end] = np.linalg.solve(rows[:, start:end].T, found[start:end])
        found[:start] -= rows[:, :start].T @ found[start:end]
    return found
