"""A hidden Markov chain of three states, and the forward algorithm in numpy."""

import numpy as np

START, STEP = np.array([0.5, 0.3, 0.2]), np.array([[0.8, 0.15, 0.05], [0.2, 0.7, 0.1], [0.3, 0.3, 0.4]])
LEVELS = np.array([-1.0, 0.0, 2.0])


def forward(start, step, densities):
    """Return the log density of data by the forward algorithm; `densities` (n, K) are those of each datum."""
    a, total = start * densities[0], 0.0
    for row in densities[1:]:
        total += np.log(a.sum())
        a = (a / a.sum()) @ step * row
    return total + np.log(a.sum())
