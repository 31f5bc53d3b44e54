r"""Numeric proof of a rewrite: the log densities of two models, as PyMC itself computes them, at random points.

A relation between models is a statement about :math:`\log p(\theta, y) - \log p'(\theta)`: zero where the law of all
variables is to stay the same, and the log of the evidence :math:`p(y)`, a constant, where a model was conditioned.
"""

import numpy as np

from symbolic_pymc.adapter import adapter_of
from symbolic_pymc.errors import ArgumentError, DisprovedError

POINTS = 20


def ratio_test(before, after, constant=None, points=None, tolerance=1e-8, **chance):
    r"""Return by how much :math:`\log p(before) - \log p(after) - constant` differs from zero at random points.

    Parameters
    ----------
    before, after : PyMC3 or PyMC models
        Of the same unobserved variables.
    constant : number, optional
        By default the `log_evidence` of `after` where it was conditioned, else zero.
    points : list of dicts, optional
        Where to look, in the space that samplers walk in; by default what `random_points` of `before` gives.
    tolerance : number
        Relative to the densities, where these are larger than one.
    **chance
        `n`, `seed` and `spread` of `random_points`.

    Returns
    -------
    float
        The largest deviation, relative as the tolerance is.

    Raises
    ------
    DisprovedError
        When it is larger than `tolerance`, or a density is not finite; with the point.
    ArgumentError
        When the unobserved variables are not the same.
    """
    old, new = log_density(before), log_density(after)
    if sorted(old.names) != sorted(new.names):
        names = f"{', '.join(sorted(old.names))} and {', '.join(sorted(new.names))}"
        raise ArgumentError(f"before, after: one point is wanted for both, but their variables are {names}")
    constant = log_evidence(after) if constant is None else constant
    worst = 0.0
    for point in random_points(before, **chance) if points is None else points:
        p, q = old(point), new(point)
        deviation = abs(p - q - constant) / max(1.0, abs(p), abs(constant))
        if not deviation <= tolerance:  # not a number is no proof
            raise DisprovedError(
                f"log p(before) = {p:.17g}, log p(after) = {q:.17g} and the constant {constant:.17g} at {point}: "
                f"off by {deviation:.3g}, of which {tolerance:g} is allowed"
            )
        worst = max(worst, deviation)
    return worst


def log_density(model):
    """Return the log density of a model in the space that samplers walk in, as a function of a dict of values.

    Its attribute `names` has the keys of the dict.
    """
    density, names = adapter_of(model).joint_density(model)

    def at(point):
        return float(density(*(point[name] for name in names)))

    at.names = names
    return at


def log_evidence(model):
    """Return the log evidence that was dropped from a model, as a number; zero for a model as it was written."""
    evidence = vars(model).get("log_evidence")
    return 0.0 if evidence is None else float(adapter_of(model).evaluate(evidence))


def random_points(model, n=POINTS, seed=0, spread=1.0):
    """Return `n` points about the start of a model, `spread` away, as dicts of values; whole numbers stay as they are."""
    start, rng = adapter_of(model).start(model), np.random.default_rng(seed)

    def moved(x):
        x = np.asarray(x)
        return (x + spread * rng.normal(size=x.shape)).astype(x.dtype) if x.dtype.kind == "f" else x

    return [{name: moved(value) for name, value in start.items()} for _ in range(n)]
