"""
How does likeness to examples become a score for each class?

May not know what the classes are. Kernel ridge regression, solved by blocks; what is not being worked on may be laid
aside in a file, so that thousands of examples fit a small machine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import IO

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]

_BLOCK = 512
_THREADS = 2
_END_OF_FILE = 2
# Measured on tests/questions: with 16 as many are right as with all, with 8 a third of a point fewer.
_DIRECTIONS = 16


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


@dataclass(frozen=True)
class Directions:
    """
    For each class the few directions its examples come down to.

    `rows` are of length 1, those of a class beside each other; `strengths` has a row a class.
    """

    rows: Matrix
    strengths: Matrix

    def scores(self, vector: Matrix) -> Matrix:
        """What all examples together say for each class about a vector of length 1."""
        along = np.square(self.rows @ vector).reshape(self.strengths.shape)
        return np.asarray((along * self.strengths).sum(axis=1), dtype=np.float32)


def condensed(vectors: Matrix, coefficients: Matrix) -> Directions:
    """
    The coefficients of many examples, where likeness is the cosine squared, as a few directions for each class.

        sum_i alpha[i, c] (v[i] . x)^2  =  x^T A[c] x  ~  sum_k strength[c, k] (direction[c, k] . x)^2

    with A[c] = V^T diag(alpha[:, c]) V and its eigenvalues of largest size. A message is compared with these alone: the
    examples fill the processor's cache, and it is their fetching that takes the time.
    """
    classes, width = coefficients.shape[1], vectors.shape[1]
    kept = min(_DIRECTIONS, width)
    rows = np.empty((classes * kept, width), dtype=np.float32)
    strengths = np.empty((classes, kept), dtype=np.float32)

    def condense(column: int) -> None:
        weights = coefficients[:, column]
        # A product of an array with itself takes half the time of one with another.
        above, below = (vectors[one > 0] * np.sqrt(one[one > 0, None]) for one in (weights, -weights))
        values, along = np.linalg.eigh(above.T @ above - below.T @ below)
        strongest = np.argsort(-np.abs(values), kind="stable")[:kept]
        strengths[column] = values[strongest]
        rows[column * kept : (column + 1) * kept] = along[:, strongest].T

    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(condense, range(classes)))
    return Directions(rows, strengths)


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
    blocks = [(start, min(start + _BLOCK, len(ridge))) for start in range(0, len(ridge), _BLOCK)]
    # The rows of the next block are made beside the work on this one.
    with ThreadPoolExecutor(1) as beside:
        coming = [beside.submit(kernel_rows, *block) for block in blocks[:1]]
        for number, (start, end) in enumerate(blocks):
            rows = coming.pop().result()
            coming += [beside.submit(kernel_rows, *block) for block in blocks[number + 1 : number + 2]]
            factor.append(_block(rows, start, end, ridge, factor, aside))
    return factor


def _block(
    rows: Matrix, start: int, end: int, ridge: Matrix, factor: Sequence[_Rows], aside: IO[bytes] | None
) -> _Rows:
    """The rows of the factor from one place to another, out of those of the kernel and the factor above."""
    rows[np.arange(end - start), np.arange(start, end)] += ridge[start:end]
    half = (end - start) // 2
    with ThreadPoolExecutor(_THREADS) as pool:
        for above in factor:
            reduce = partial(_reduce, above, above.before())
            list(pool.map(reduce, (rows[:half], rows[half:])))
    before = np.ascontiguousarray(rows[:, :start])
    own = np.linalg.cholesky(rows[:, start:end] - before @ before.T)
    return _Rows(start, np.linalg.inv(own), _laid_aside(before, aside))


def _reduce(above: _Rows, before: Matrix, rows: Matrix) -> None:
    """Take from rows of the kernel what lies in the direction of a row of blocks above them, in place."""
    left, right = above.start, above.start + len(above.own_inverse)
    if left:
        rows[:, left:right] -= rows[:, :left] @ before.T
    rows[:, left:right] = rows[:, left:right] @ above.own_inverse.T


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
