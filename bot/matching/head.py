"""
How does likeness to examples become a score for each class?

May not know what the classes are. Kernel ridge regression; leave-one-out scores of every example come for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class Head:
    """
    The fitted coefficients, one row an example, one column a class.

    `left_out[i]` holds the scores example i would get had it not been an example.
    """

    coefficients: Matrix
    left_out: Matrix

    @classmethod
    def fit(cls, kernel: NDArray[np.float64], labels: NDArray[np.int64], ridge: NDArray[np.float64]) -> Head:
        """
        Solve for the classes of the examples; `ridge` is the penalty of each example, smaller for surer ones.

            alpha = (K + diag(ridge))^-1 Y          left_out[i] = y[i] - alpha[i] / ((K + diag(ridge))^-1)[i, i]
        """
        classes = int(labels.max()) + 1 if len(labels) else 0
        wanted = np.zeros((len(labels), classes))
        wanted[np.arange(len(labels)), labels] = 1.0
        inverse = np.linalg.inv(kernel + np.diag(ridge))
        alpha = inverse @ wanted
        left_out = wanted - alpha / np.diag(inverse)[:, None]
        return cls(alpha.astype(np.float32), left_out.astype(np.float32))

    def scores(self, likeness: Matrix) -> Matrix:
        """The score of each class, about 0 for "no" and 1 for "yes", from the likeness to each example."""
        return np.asarray(likeness @ self.coefficients, dtype=np.float32)
