"""What the models of the ratio test are written with: plates, data, and what is known of a case."""

from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Callable

import numpy as np

F = np.float64
MANY = 6
GROUP = np.array([0, 2, 2, 1, 0, 1])
PSI = np.array([[2.0, 0.3], [0.3, 1.0]])
ROWS = np.array([[1.5, 0.2], [0.2, 0.8]])


@dataclass(frozen=True)
class Plate:
    """Which axes a variable shares with its data: the shapes of both, and how it stands in their parameter."""

    shape: tuple
    data: Callable
    spread: Callable = lambda x, n: x

    def fewest(self, n):
        """Return the number of data of that element of the variable that has fewest."""
        if self is PLATES["indexed"]:
            return min(np.sum(GROUP[:n] == k) for k in range(3))
        return int(np.prod(self.data(n))) // max(1, int(np.prod(self.shape)))


PLATES = {
    "scalar": Plate((), lambda n: (n,)),
    "vector": Plate((3,), lambda n: (n, 3)),
    "matrix": Plate((2, 3), lambda n: (n, 2, 3)),
    "broadcast": Plate((2, 1), lambda n: (n, 2, 3)),
    "indexed": Plate((3,), lambda n: (n,), lambda x, n: x[GROUP[:n]]),
}
COUNTS = {"0": 0, "1": 1, "many": MANY}


class Writing:
    """What a model is written with: `pm` and `t` of a backend, a plate, a number of data, and what makes them.

    `unknown` is a positive number on which the prior depends, unknown too where `hyper` says so: then the law of the
    data stays in the model.
    """

    def __init__(self, backend, plate, n, hyper=False):
        self.backend, self.pm, self.t = backend.name, backend.pm, backend.tensor
        self.plate, self.n, self.hyper = PLATES[plate], n, hyper
        self.rng = np.random.default_rng(n)

    @property
    def shape(self):
        return self.plate.shape

    @property
    def unknown(self):
        return self.t.exp(self.pm.Normal("h", F(0.2), sigma=F(0.5))) if self.hyper else F(1.0)

    def spread(self, x):
        """Return a variable as it stands in the parameter of its data."""
        return self.plate.spread(x, self.n)

    def data(self, kind, *more):
        shape = (*self.plate.data(self.n), *more)
        return {
            "real": lambda: self.rng.normal(size=shape),
            "positive": lambda: self.rng.uniform(0.3, 2.5, size=shape),
            "small": lambda: self.rng.uniform(0.01, 0.2, size=shape),
            "unit": lambda: self.rng.uniform(0.1, 0.9, size=shape),
            "count": lambda: self.rng.integers(1, 5, size=shape),
            "bit": lambda: self.rng.integers(0, 2, size=shape),
            "label": lambda: self.rng.integers(0, 3, size=shape),
            "parts": lambda: self.rng.multinomial(5, np.ones(3) / 3, size=shape),
        }[kind]()

    def between(self, family, *parameters, lower, upper):
        """Return a variable that is cut at bounds: PyMC3 has `Bound`, whose density it does not normalise."""
        options = {"shape": self.shape}
        if self.backend == "theano":
            return self.pm.Bound(getattr(self.pm, family), lower=lower, upper=upper)("theta", *parameters, **options)
        law = getattr(self.pm, family).dist(*parameters)
        return self.pm.Truncated("theta", law, lower=lower, upper=upper, **options)

    def gig(self, *parameters):
        law = import_module(f"symbolic_pymc.{self.backend}.gig").GeneralizedInverseGaussian
        return law("theta", *parameters, shape=self.shape)

    def rows(self, kind, *more):
        """Return the options for data that are rows; PyMC3 has to be told their shape."""
        data = self.data(kind, *more)
        return {"observed": data} | ({"shape": data.shape} if data.size else {})

    def inverse(self, x):
        return (self.t.nlinalg.matrix_inverse if self.backend == "theano" else self.t.linalg.inv)(x)

    def cholesky(self, x):
        module = "theano.tensor.slinalg" if self.backend == "theano" else "pytensor.tensor.linalg"
        return import_module(module).cholesky(x)

    def wishart(self, name="theta", V=PSI, **k):
        shape = {"shape": (2, 2)} if self.backend == "theano" and "observed" not in k else {}
        return self.pm.Wishart(name, 6, V, **shape, **k)

    def inverse_wishart(self, name="theta", Psi=PSI, **k):
        law = import_module(f"symbolic_pymc.{self.backend}.wishart").InverseWishart
        return law(name, F(6.0), Psi, shape=(2, 2), **k)

    def lognormal(self, *args, **k):
        law = getattr(self.pm, "LogNormal", None) or self.pm.Lognormal
        return law("y", *args, observed=self.data("positive"), **k)


@dataclass(frozen=True)
class Case:
    """A model, written on every plate that makes sense.

    Parameters
    ----------
    write : callable
    proves : tuple
        Relations of the catalogue: one of those that steps name is applied.
    left_out : dict
        Of the plates that the model has not: why.
    refused : dict
        Of the plates on which there is no closed form: a regular expression of the reason that the step gives.
    fewest : int
        How many data every element of the variable must have for a proper posterior; with fewer it is left as it is.
    points : callable or None
        ``points(rng)`` is a point of variables for which PyMC has no transform.
    summed : bool
        Whether variables of two values, of names that begin with z, are summed over, and nothing is conditioned.
    counts : tuple
        Of `COUNTS`.
    hyper : bool
        Whether the prior may depend on an unknown.
    """

    write: Callable
    proves: tuple
    left_out: dict = field(default_factory=dict)
    refused: dict = field(default_factory=dict)
    fewest: int = 0
    points: Any = None
    summed: bool = False
    counts: tuple = tuple(COUNTS)
    hyper: bool = True


def others(reason, *plates):
    """Return why all plates but some are left out, or refused."""
    return {plate: reason for plate in PLATES if plate not in plates}
