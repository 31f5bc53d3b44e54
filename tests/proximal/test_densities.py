"""The densities of PyMC: convex or not in their values, on their own scale and on that of samplers, and their operators."""

from dataclasses import dataclass
from importlib import import_module

import numpy as np
import pytest

from symbolic_pymc.meta import metatize
from symbolic_pymc.proximal.objective import objective_of
from symbolic_pymc.proximal.prox import prox_of
from symbolic_pymc.proximal import scales
from symbolic_pymc.proximal.scales import on_scale
from symbolic_pymc.proximal.shapes import CONVEX, NOT_CONVEX, UNKNOWN
from symbolic_pymc.proximal.readings import parts_of
from tests.proximal.argmin import excess
from tests.proximal.likelihoods import LIKELIHOODS, PLACES, UNSETTLED

pytestmark = pytest.mark.filterwarnings("ignore")

REAL, POSITIVE, UNIT, BOUNDED = (-8.0, 8.0), (0.0, 9.0), (0.0, 1.0), (-1.0, 2.0)


@dataclass(frozen=True)
class Density:
    """A distribution of PyMC, where its density is positive, and the verdict on minus its logarithm.

    `scales` has verdicts on a transformed scale, without and with the Jacobian; `is_read` tells whether its operator
    is derived, `is_finite` whether the density is.
    """

    name: str
    parameters: dict
    support: tuple
    verdict: str
    scales: tuple = ()
    is_read: bool = True
    is_finite: bool = True


LOG = (("log", CONVEX, CONVEX),)
DENSITIES = {
    "normal": Density("Normal", dict(mu=0.3, sigma=1.2), REAL, CONVEX),
    "Laplace": Density("Laplace", dict(mu=0.3, b=1.2), REAL, CONVEX),
    "asymmetric Laplace": Density("AsymmetricLaplace", dict(b=1.0, kappa=2.0, mu=0.2), REAL, CONVEX),
    "logistic": Density("Logistic", dict(mu=0.3, s=1.2), REAL, CONVEX),
    "Gumbel": Density("Gumbel", dict(mu=0.3, beta=1.2), REAL, CONVEX),
    "Moyal": Density("Moyal", dict(mu=0.3, sigma=1.2), REAL, CONVEX),
    "skew normal": Density("SkewNormal", dict(mu=0.1, sigma=1.0, alpha=2.0), (-2.0, 8.0), CONVEX),
    "exponentially modified normal": Density("ExGaussian", dict(mu=0.1, sigma=1.0, nu=2.0), REAL, CONVEX),
    "flat": Density("Flat", {}, REAL, CONVEX),
    "Cauchy": Density("Cauchy", dict(alpha=0.3, beta=1.2), REAL, NOT_CONVEX),
    "Student": Density("StudentT", dict(nu=4.0, mu=0.2, sigma=1.1), REAL, NOT_CONVEX),
    "skew Student": Density("SkewStudentT", dict(a=2.0, b=3.0, mu=0.0, sigma=1.0), REAL, UNKNOWN, is_read=False),
    "half normal": Density("HalfNormal", dict(sigma=1.2), POSITIVE, CONVEX, LOG),
    "half flat": Density("HalfFlat", {}, POSITIVE, CONVEX),
    "half Cauchy": Density("HalfCauchy", dict(beta=1.2), POSITIVE, NOT_CONVEX, LOG),
    "half Student": Density("HalfStudentT", dict(nu=4.0, sigma=1.2), POSITIVE, NOT_CONVEX, LOG),
    "exponential": Density("Exponential", dict(lam=1.2), POSITIVE, CONVEX, LOG),
    "gamma": Density("Gamma", dict(alpha=2.0, beta=1.5), POSITIVE, CONVEX, LOG),
    "gamma of a small shape": Density("Gamma", dict(alpha=0.5, beta=1.5), POSITIVE, NOT_CONVEX, LOG, is_finite=False),
    "chi squared": Density("ChiSquared", dict(nu=4.0), POSITIVE, CONVEX, LOG),
    "chi squared of one degree": Density("ChiSquared", dict(nu=1.0), POSITIVE, NOT_CONVEX, LOG, is_finite=False),
    "inverse gamma": Density("InverseGamma", dict(alpha=2.0, beta=1.5), POSITIVE, NOT_CONVEX, LOG),
    "Weibull": Density("Weibull", dict(alpha=1.5, beta=2.0), POSITIVE, CONVEX, LOG),
    "Weibull of a small shape": Density(
        "Weibull", dict(alpha=0.5, beta=2.0), POSITIVE, NOT_CONVEX, LOG, is_finite=False
    ),
    "lognormal": Density("LogNormal", dict(mu=0.3, sigma=0.8), POSITIVE, NOT_CONVEX, LOG),
    "Wald": Density("Wald", dict(mu=1.0, lam=2.0), POSITIVE, NOT_CONVEX, LOG),
    "Rice": Density("Rice", dict(nu=1.0, sigma=1.0), POSITIVE, CONVEX),
    "Rice away from zero": Density("Rice", dict(nu=6.0, sigma=1.0), POSITIVE, CONVEX),
    "Pareto": Density("Pareto", dict(alpha=2.0, m=1.0), (1.0, 9.0), NOT_CONVEX, (("log", CONVEX, CONVEX),)),
    "Polya-gamma": Density("PolyaGamma", dict(h=1.0, z=0.5), (0.0, 1.0), UNKNOWN, is_read=False),
    "beta": Density("Beta", dict(alpha=2.0, beta=2.0), UNIT, CONVEX, (("logit", CONVEX, CONVEX),)),
    "uniform beta": Density("Beta", dict(alpha=1.0, beta=1.0), UNIT, CONVEX, (("logit", CONVEX, CONVEX),)),
    "arcsine": Density(
        "Beta", dict(alpha=0.5, beta=0.5), UNIT, NOT_CONVEX, (("logit", NOT_CONVEX, CONVEX),), is_finite=False
    ),
    "lopsided beta": Density("Beta", dict(alpha=0.5, beta=3.0), UNIT, NOT_CONVEX, is_finite=False),
    "Kumaraswamy": Density("Kumaraswamy", dict(a=2.0, b=3.0), UNIT, CONVEX),
    "Kumaraswamy of another shape": Density("Kumaraswamy", dict(a=1.7, b=3.0), UNIT, CONVEX),
    "logit normal": Density("LogitNormal", dict(mu=0.2, sigma=0.7), UNIT, CONVEX),
    "wider logit normal": Density("LogitNormal", dict(mu=0.2, sigma=1.0), UNIT, CONVEX),
    "widest logit normal": Density("LogitNormal", dict(mu=0.2, sigma=2.0), UNIT, NOT_CONVEX),
    "uniform": Density("Uniform", dict(lower=-1.0, upper=2.0), BOUNDED, CONVEX),
    "uniform between zero and one": Density(
        "Uniform", dict(lower=0.0, upper=1.0), UNIT, CONVEX, (("logit", CONVEX, CONVEX),)
    ),
    "triangular": Density("Triangular", dict(lower=-1.0, upper=2.0, c=0.5), BOUNDED, CONVEX),
    "truncated normal": Density("TruncatedNormal", dict(mu=0.2, sigma=1.0, lower=-1.0, upper=2.0), BOUNDED, CONVEX),
    "von Mises": Density("VonMises", dict(mu=0.1, kappa=2.0), (-np.pi, np.pi), NOT_CONVEX),
    "interpolated": Density(
        "Interpolated",
        dict(x_points=np.linspace(-1, 2, 7), pdf_points=np.r_[0.1, 1.0, 2.0, 3.0, 2.0, 1.0, 0.1]),
        BOUNDED,
        UNKNOWN,
        is_read=False,
    ),
}
OLD_NAMES = {"LogNormal": "Lognormal"}
NEWER = {"PolyaGamma", "SkewStudentT"}


def objective(backend, density):
    """Return the objective of a model of one variable, None where PyMC does not have its distribution."""
    cls = getattr(backend.pm, density.name, getattr(backend.pm, OLD_NAMES.get(density.name, density.name), None))
    if cls is None:
        assert density.name in NEWER
        return None
    parameters = {name: np.float64(v) if np.ndim(v) == 0 else v for name, v in density.parameters.items()}
    with backend.pm.Model() as model:
        cls("x", **parameters, shape=() if density.name == "Interpolated" else (1,))
    return objective_of(model)


def verdict(objective):
    verdicts = {part.curvature for part in parts_of(objective)}
    return NOT_CONVEX if NOT_CONVEX in verdicts else UNKNOWN if UNKNOWN in verdicts else CONVEX


def function(backend, objective):
    """Return minus the log density as a function of numbers, its input and its graph."""
    (x,) = (term.reify() for term in objective.inputs.values())
    ((_, term),) = objective.terms
    total = term.reify()
    f = backend.compile_plainly([x], total)
    return np.vectorize(lambda u: float(np.sum(f(np.full((1,) * x.ndim, u))))), x, total


def bends(f, low, high):
    """Return second differences of a function at places between two ends, and how large rounding makes them."""
    x = low + (high - low) * (np.arange(60) + 0.5) / 60
    h = 0.25 * (high - low) / 60
    with np.errstate(all="ignore"):
        below, at, above = f(x - h), f(x), f(x + h)
    return below - 2 * at + above, 1e-11 * (abs(below) + 2 * abs(at) + abs(above) + 1)


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_likelihoods_of_one_parameter(backend, name):
    make, expected = LIKELIHOODS[name]
    with backend.pm.Model() as model:
        make(backend, backend.pm.Flat("x"))
    found = objective_of(model)
    assert verdict(found) in ({expected, UNKNOWN} if name in UNSETTLED else {expected})
    f = likelihood(backend, found)
    second, rounding = bends(f, *PLACES.get(name, (0.02, 8.0)))
    assert np.any(second < -rounding) == (expected == NOT_CONVEX)


def likelihood(backend, objective):
    """Return minus the log likelihood as a function of numbers."""
    (x,) = (term.reify() for term in objective.inputs.values())
    (term,) = (term.reify() for name, term in objective.terms if name == "y")
    f = backend.compile_plainly([x], term)
    return np.vectorize(lambda u: float(np.sum(f(u))))


def agrees(backend, objective, expected, support):
    if expected == UNKNOWN:
        return True
    found, rounding = bends(function(backend, objective)[0], *support)
    return np.any(found < -rounding) == (expected == NOT_CONVEX)


@pytest.mark.parametrize("name", DENSITIES)
def test_verdicts(backend, name):
    density = DENSITIES[name]
    found = objective(backend, density)
    if found is not None:
        assert verdict(found) == density.verdict
        assert agrees(backend, found, density.verdict, density.support)


TRANSFORMED = [(name, scale) for name, d in DENSITIES.items() for scale in d.scales]


@pytest.mark.parametrize("name, scale", TRANSFORMED, ids=[name for name, _ in TRANSFORMED])
def test_verdicts_after_a_transform(backend, name, scale):
    density, (kind, *expected) = DENSITIES[name], scale
    support = (np.log(max(density.support[0], 0.02)), 3.0) if kind == "log" else (-5.0, 5.0)
    for jacobian, own in zip((False, True), expected):
        moved = on_scale(objective(backend, density), {"x": getattr(scales, kind.upper())}, jacobian)
        assert verdict(moved) == own
        assert agrees(backend, moved, own, support)


OPERATORS = [name for name in DENSITIES if DENSITIES[name].is_read and DENSITIES[name].name != "Flat"]


@pytest.mark.parametrize("name", OPERATORS)
def test_operators(backend, name):
    density, step = DENSITIES[name], 0.7
    found = objective(backend, density)
    ops = import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops
    f, x, total = function(backend, found)
    z = x.type("z")
    gamma = metatize(backend.tensor.constant(np.float64(step)))
    prox = backend.compile_plainly([z], prox_of(ops, metatize(total), metatize(x), metatize(z), gamma).reify())
    low, high = density.support
    grid = np.linspace(low, high, 601) if high < 8 else np.linspace(low, 12.0, 601)
    with np.errstate(all="ignore"):
        if not density.is_finite:
            assert all(prox([u])[0] in density.support for u in (-0.4, 0.3, 2.5))
            return
        values = f(grid)
        points = {u: inside(f, prox([u])[0], density.support) for u in (-3.0, 0.3, 0.9, 6.0)}
        worst = max(excess(lambda v: np.atleast_1d(f(v)), step, u, v, grid, values) for u, v in points.items())
    assert worst <= 1e-9


def inside(f, u, support):
    """Return a place, or one beside it where the density is positive on an open interval."""
    return u if np.isfinite(f(u)) else np.clip(u, support[0] + 1e-12, support[1] - 1e-12)
