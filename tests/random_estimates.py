"""Estimates of random models by `find_map`, each against the density of PyMC itself at points beside it."""

from dataclasses import dataclass

import numpy as np

import symbolic_pymc as sp
from symbolic_pymc.adapter import adapter_of
from symbolic_pymc.errors import SymbolicPyMCError
from symbolic_pymc.meta import reify_many
from symbolic_pymc.proximal.objective import objective_of
from tests.joints import plain_density
from tests.languages import Models
from tests.random_models import RandomModel

POINTS = 60
DISTANCES = -5.0, -1.5  # powers of ten
MOVED = 0.3  # of the unknowns, at each point
TOLERANCE = 1e-6  # relative: PyMC has some constants in single precision
LIMIT = 1000  # iterations: hierarchies whose density has no largest value go on for ever


@dataclass(frozen=True)
class Outcome:
    """What came of a model.

    status : of the estimate, or the name of the error that says why there is none; reason : its message
    gain : how much larger the log density is at best at a point beside the estimate, relative to its size
    n_points : at how many points it is finite
    """

    status: str
    reason: str = ""
    gain: float = -np.inf
    n_points: int = 0

    @property
    def is_wrong(self):
        """Tell whether an estimate that is said to be one has a larger density beside it, none itself, or none beside it."""
        return self.status == "converged" and not (self.n_points > 0 and self.gain <= TOLERANCE)


def estimated(backend, seed):
    """Return the `Outcome` of the random model of a seed, its whole numbers held; None where it has no others."""
    model = RandomModel(Models(backend), seed).build()
    inputs = objective_of(model).inputs
    names = [name for name, x in zip(inputs, reify_many(tuple(inputs.values()))) if x.dtype.startswith("float")]
    if not names:
        return None
    try:
        result = sp.find_map(model, vars=names, progressbar=False, limit=LIMIT)
    except SymbolicPyMCError as error:
        return Outcome(type(error).__name__, str(error))
    point = {name: np.asarray(result[name]) for name in adapter_of(model).start(model)}
    density = plain_density(backend, model)
    best = float(density(point))
    found = [_density_at(density, moved) for moved in _points_beside(point, np.random.default_rng(seed))]
    finite = [value for value in found if np.isfinite(value)]
    gain = (max(finite, default=-np.inf) - best) / (1 + abs(best)) if np.isfinite(best) else np.nan
    return Outcome(result.status, "", gain, len(finite))


def _points_beside(point, rng):
    """Yield points some of whose unknowns are moved a little."""
    free = [name for name, value in point.items() if value.dtype.kind == "f"]
    for _ in range(POINTS):
        distance, moved = 10 ** rng.uniform(*DISTANCES), set(rng.choice(free, 1))
        moved |= {name for name in free if rng.random() < MOVED}
        yield point | {name: point[name] + distance * _noise(rng, point[name]) for name in moved}


def _noise(rng, value):
    noise = rng.normal(size=value.shape)
    is_symmetric = value.ndim == 2 and value.shape[0] == value.shape[1] and np.allclose(value, value.T)
    return noise + noise.T if is_symmetric else noise


def _density_at(density, point):
    try:
        return float(density(point))
    except ValueError:  # PyMC's way to say that a parameter is out of range
        return -np.inf
