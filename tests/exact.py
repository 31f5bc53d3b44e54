"""Linear-normal models in rational arithmetic: the exact posterior and evidence, whatever the magnitudes."""

from fractions import Fraction
from math import log, pi

import numpy as np


def rational(array):
    """Return a matrix or vector of floats as nested lists of fractions, exactly."""
    return [rational(x) if np.ndim(x) else Fraction(float(x)) for x in array]


def product(A, B):
    return [[sum(a * b for a, b in zip(row, column)) for column in zip(*B)] for row in A]


def inverse_and_determinant(A):
    """Return both for a square matrix, by Gauss-Jordan elimination with pivots that are not zero."""
    n = len(A)
    rows = [list(row) + [Fraction(int(i == j)) for j in range(n)] for i, row in enumerate(A)]
    determinant = Fraction(1)
    for i in range(n):
        pivot = next(k for k in range(i, n) if rows[k][i])
        if pivot != i:
            rows[i], rows[pivot], determinant = rows[pivot], rows[i], -determinant
        determinant *= rows[i][i]
        rows[i] = [x / rows[i][i] for x in rows[i]]
        for k in range(n):
            if k != i and rows[k][i]:
                rows[k] = [x - rows[k][i] * y for x, y in zip(rows[k], rows[i])]
    return [row[n:] for row in rows], determinant


def posterior_and_evidence(F, a, s, sigma, y):
    """Condition x ~ N(a, s), elementwise, on y ~ N(F x, sigma); return mean, covariance and log evidence as floats.

    F : (n, k) array; a, s : (k) arrays; sigma, y : (n) arrays
    """
    n, k = np.shape(F)
    F, a, y = rational(F), [[x] for x in rational(a)], [[x] for x in rational(y)]
    R = [[x**2 if i == j else Fraction(0) for j in range(k)] for i, x in enumerate(rational(s))]
    V = [[x**2 if i == j else Fraction(0) for j in range(n)] for i, x in enumerate(rational(sigma))]
    FR = product(F, R)
    Q = [[x + v for x, v in zip(*rows)] for rows in zip(product(FR, list(zip(*F))), V)]
    Q_inverse, determinant = inverse_and_determinant(Q)
    left = [[u - v for u, v in zip(*rows)] for rows in zip(y, product(F, a))]
    gain = product(list(zip(*FR)), Q_inverse)
    mean = [float(x[0] + d[0]) for x, d in zip(a, product(gain, left))]
    cov = [[float(r - d) for r, d in zip(*rows)] for rows in zip(R, product(gain, FR))]
    ((distance,),) = product(list(zip(*left)), product(Q_inverse, left))
    log_determinant = log(determinant.numerator) - log(determinant.denominator)
    return np.array(mean), np.array(cov), -(float(distance) + log_determinant + n * log(2 * pi)) / 2
