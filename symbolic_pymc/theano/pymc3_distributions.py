"""The map between PyMC3's distributions and the Ops of `symbolic_pymc.theano.random_variables`.

A distribution with a row travels as its Op over its own parameters; every other one travels whole
(`symbolic_pymc.theano.opaque`), and so does one whose parameters, dtype or transform do not fit its row.
"""

from typing import NamedTuple

import numpy as np
import pymc3 as pm
import theano
import theano.tensor as tt
from pymc3.distributions import continuous, transforms
from theano.graph.basic import Constant, Variable
from theano.graph.utils import TestValueError
from theano.tensor.elemwise import CAReduce, DimShuffle, Elemwise
from theano.tensor.nlinalg import MatrixInverse
from theano.tensor.random.op import RandomVariable
from theano.tensor.sharedvar import SharedVariable

from symbolic_pymc.errors import UnsupportedDistributionError
from symbolic_pymc.theano.opaque import OpaqueRV, opaque_op, tensors_of
from symbolic_pymc.theano.random_variables import DISTRIBUTIONS, neutral_name
from symbolic_pymc.theano.rebuild import roots_of

PYMC3_CLASSES = {
    "asymmetriclaplace": pm.AsymmetricLaplace,
    "bernoulli": pm.Bernoulli,
    "beta": pm.Beta,
    "betabinomial": pm.BetaBinomial,
    "binomial": pm.Binomial,
    "categorical": pm.Categorical,
    "cauchy": pm.Cauchy,
    "chisquared": pm.ChiSquared,
    "constant": pm.Constant,
    "dirichlet": pm.Dirichlet,
    "dirichletmultinomial": pm.DirichletMultinomial,
    "discreteuniform": pm.DiscreteUniform,
    "discreteweibull": pm.DiscreteWeibull,
    "exgaussian": pm.ExGaussian,
    "exponential": pm.Exponential,
    "flat": pm.Flat,
    "gamma": pm.Gamma,
    "geometric": pm.Geometric,
    "gumbel": pm.Gumbel,
    "halfcauchy": pm.HalfCauchy,
    "halfflat": pm.HalfFlat,
    "halfnormal": pm.HalfNormal,
    "halfstudentt": pm.HalfStudentT,
    "hypergeometric": pm.HyperGeometric,
    "inversegamma": pm.InverseGamma,
    "kumaraswamy": pm.Kumaraswamy,
    "laplace": pm.Laplace,
    "logistic": pm.Logistic,
    "logitnormal": pm.LogitNormal,
    "lognormal": pm.Lognormal,
    "moyal": pm.Moyal,
    "multinomial": pm.Multinomial,
    "mvnormal": pm.MvNormal,
    "mvstudentt": pm.MvStudentT,
    "negativebinomial": pm.NegativeBinomial,
    "normal": pm.Normal,
    "orderedlogistic": pm.OrderedLogistic,
    "orderedprobit": pm.OrderedProbit,
    "pareto": pm.Pareto,
    "poisson": pm.Poisson,
    "rice": pm.Rice,
    "skewnormal": pm.SkewNormal,
    "studentt": pm.StudentT,
    "triangular": pm.Triangular,
    "truncatednormal": pm.TruncatedNormal,
    "uniform": pm.Uniform,
    "vonmises": pm.VonMises,
    "wald": pm.Wald,
    "weibull": pm.Weibull,
    "wishart": pm.Wishart,
    "zeroinflatedbinomial": pm.ZeroInflatedBinomial,
    "zeroinflatednegativebinomial": pm.ZeroInflatedNegativeBinomial,
    "zeroinflatedpoisson": pm.ZeroInflatedPoisson,
}

_NEUTRAL = {cls: name for name, cls in PYMC3_CLASSES.items()}


# From a PyMC3 distribution to the parameters of its Op: what PyMC3 wrapped around them is taken off.


def _is_op(variable, scalar_op):
    """Is `variable` computed by the elementwise `scalar_op`?"""
    op = variable.owner and variable.owner.op
    return isinstance(op, Elemwise) and op.scalar_op == scalar_op


def _constant_value(variable):
    """Return the number that `variable` always is, or None."""
    while variable.owner is not None and isinstance(variable.owner.op, DimShuffle):
        variable = variable.owner.inputs[0]
    if isinstance(variable, Constant) and np.size(variable.data) == 1:
        return float(np.ravel(variable.data)[0])
    return None


def _without_one(variable):
    """Return x for the 1.0 * x that PyMC3 makes of a scale."""
    if _is_op(variable, theano.scalar.mul) and len(variable.owner.inputs) == 2:
        one, x = variable.owner.inputs
        if _constant_value(one) == 1 and x.type == variable.type:
            return x
    return variable


def _without_floor(bound):
    """Return x for the cast(floor(x)) that PyMC3 makes of a discrete bound."""
    for _ in range(2):
        if isinstance(bound.owner and bound.owner.op, Elemwise) and len(bound.owner.inputs) == 1:
            bound = bound.owner.inputs[0]
    return bound


def _without_padding(variable, dist):
    """Return x for the padding that PyMC3 gives the parameters of a batch of counts."""
    if len(dist.shape) > 1 and isinstance(variable.owner and variable.owner.op, DimShuffle):
        return variable.owner.inputs[0]
    return variable


def _without_sum(p):
    """Return p for p / sum(p)."""
    if _is_op(p, theano.scalar.true_div):
        total = p.owner.inputs[1]
        while total.owner is not None and isinstance(total.owner.op, DimShuffle):
            total = total.owner.inputs[0]
        if isinstance(total.owner and total.owner.op, CAReduce) and total.owner.inputs[0] is p.owner.inputs[0]:
            return p.owner.inputs[0]
    return p


def _covariance(dist):
    """Return the covariance matrix, however it was given."""
    if dist._cov_type == "tau":
        return tt.nlinalg.matrix_inverse(dist.tau)
    if dist._cov_type == "chol":
        return tt.dot(dist.chol_cov, dist.chol_cov.T)
    return dist.cov


def _location(dist):
    """Return the mean vector, of full length where it was given as a number."""
    mu = tt.as_tensor_variable(dist.mu)
    if mu.ndim > 0:
        return mu
    length = int(dist.shape[-1])
    return np.full(length, mu.data) if isinstance(mu, Constant) else tt.alloc(mu, length)


def _zero(dist):
    return np.float64(0.0)


_READ = {
    ("halfcauchy", "loc"): _zero,
    ("halfnormal", "loc"): _zero,
    ("mvnormal", "mu"): _location,
    ("mvnormal", "cov"): _covariance,
    ("mvstudentt", "mu"): _location,
    ("mvstudentt", "cov"): _covariance,
    ("discreteuniform", "lower"): lambda dist: _without_floor(dist.lower),
    ("discreteuniform", "upper"): lambda dist: _without_floor(dist.upper),
    ("multinomial", "n"): lambda dist: _without_padding(dist.n, dist),
    ("multinomial", "p"): lambda dist: _without_sum(_without_padding(dist.p, dist)),
    ("dirichletmultinomial", "n"): lambda dist: _without_padding(dist.n, dist),
    ("dirichletmultinomial", "a"): lambda dist: _without_padding(dist.a, dist),
}

_COUNTS = {"n", "N", "k", "c"}


def _read(dist, name, param):
    read = _READ.get((name, param))
    variable = _without_one(tt.as_tensor_variable(read(dist) if read else getattr(dist, param)))
    if isinstance(variable, Constant) and param not in _COUNTS and variable.dtype != theano.config.floatX:
        return tt.as_tensor_variable(variable.data.astype(theano.config.floatX))
    return variable


class Travel(NamedTuple):
    """How a distribution stands in a graph: its Op, parameters and repetitions, and how it was parametrised."""

    op: RandomVariable
    params: list
    size: tuple
    extras: tuple = ()


def shape_of(variable):
    """Return the static shape of a variable, from its value or its test value; None when it has neither."""
    if isinstance(variable, Constant):
        return np.shape(variable.data)
    if isinstance(variable, SharedVariable):
        return np.shape(variable.get_value(borrow=True))
    try:
        return np.shape(variable.get_test_value())
    except TestValueError:
        return None


def batch_shape(shapes, ndims_params):
    """Return the shape that parameters of the given shapes have in common beside the dimensions of one draw."""
    return np.broadcast_shapes(*(s[: len(s) - n] for s, n in zip(shapes, ndims_params)))


def _size(op, params, shape):
    """Return the repetitions with which `op` draws an array of `shape`; None when it never does."""
    known = [(s, n) for s, n in zip(map(shape_of, params), op.ndims_params) if s is not None]
    batch, core = shape[: len(shape) - op.ndim_supp], shape[len(shape) - op.ndim_supp :]
    for s, n in known:
        if len(s) < n or (op.ndim_supp and n and s[len(s) - op.ndim_supp :] != core):
            return None
    try:
        own = batch_shape(*zip(*known)) if known else ()
        total = np.broadcast_shapes(own, batch)
    except ValueError:
        return None
    if own == batch:
        return ()
    if total != batch:
        return None
    if op.ndim_supp == 0:
        return batch
    return batch[: len(batch) - len(own)] if batch[len(batch) - len(own) :] == own else None


def travel(dist, shape, stop=frozenset()):
    """Return how a PyMC3 distribution stands in a graph.

    Parameters
    ----------
    dist : pymc3.Distribution
    shape : tuple of int
        The shape of the variable, which for an observed one is that of its data.
    stop : set of Variable
        The model's variables.
    """
    name = _NEUTRAL.get(type(dist))
    shape = tuple(int(n) for n in shape)
    if name is not None and not _transform_has_parents(dist) and "logp" not in vars(dist):
        row = DISTRIBUTIONS[name]
        params = [_read(dist, name, param) for param in row.params]
        dtype = theano.config.floatX if row.op.dtype == "floatX" else row.op.dtype
        size = _size(row.op, params, shape)
        if size is not None and dtype == str(dist.dtype):
            return Travel(row.op, params, size, _extras(dist))
    op, params = opaque_op(dist, shape, stop)
    return Travel(op, params, ())


def _extras(dist):
    if getattr(dist, "_cov_type", None) == "chol":
        return (("given", "chol"),)
    if getattr(dist, "_is_logit", False):
        return (("given", "logit_p"),)
    return ()


# Transforms


def _same(x, y):
    y = tt.as_tensor_variable(y)
    # the dtype counts: PyMC3 computes with a transform of Python floats in single precision
    return x is y or (isinstance(x, Constant) and isinstance(y, Constant) and x.equals(y))


def _bounds(dist):
    """Return the lower and upper bounds, or None, for which PyMC3 chooses a transform."""
    if isinstance(dist, continuous.Pareto):
        return dist.m, None
    if isinstance(dist, pm.TruncatedNormal):
        return dist.lower_check, dist.upper_check
    return dist.lower, dist.upper


_BOUND_TRANSFORMS = {
    (False, False): type(None),
    (True, False): transforms.LowerBound,
    (False, True): transforms.UpperBound,
    (True, True): transforms.Interval,
}

_DEFAULT_TRANSFORMS = (
    (continuous.PositiveContinuous, transforms.Log),
    (continuous.UnitContinuous, transforms.LogOdds),
    (pm.VonMises, transforms.Circular),
    (pm.Dirichlet, transforms.StickBreaking),
    (object, type(None)),
)


def has_default_transform(dist):
    """Is the transform of `dist` the one that PyMC3 chooses when none is asked for?"""
    if isinstance(dist, (continuous.BoundedContinuous, continuous.Pareto)):
        ends = dict(zip("ab", _bounds(dist)))
        kind = _BOUND_TRANSFORMS[tuple(end is not None for end in ends.values())]
        own = {} if dist.transform is None else vars(dist.transform)
        return type(dist.transform) is kind and all(_same(own[k], ends[k]) for k in own)
    kind = next(kind for cls, kind in _DEFAULT_TRANSFORMS if isinstance(dist, cls))
    return type(dist.transform) is kind


def _transform_has_parents(dist):
    """Does a transform that the user chose depend on other variables?"""
    if dist.transform is None or has_default_transform(dist):
        return False
    return bool(roots_of(tensors_of(dist.transform), frozenset()))


# From the parameters of an Op to those of a PyMC3 distribution


def _given_tau(variable):
    """Return tau for the sigma that PyMC3 computes from it, or None."""
    if _is_op(variable, theano.scalar.pow) and _constant_value(variable.owner.inputs[1]) == -0.5:
        return variable.owner.inputs[0]
    return None


def _write_sigma(key):
    def write(sigma, note):
        tau = _given_tau(sigma)
        return {"sigma": sigma} if tau is None else {key: tau}

    return write


def _given(note, what):
    return note is not None and ("given", what) in note.extras


def _is_cholesky(factor):
    """Is the test value of `factor` a Cholesky factor?"""
    try:
        value = factor.get_test_value()
    except TestValueError:
        return False
    return np.array_equal(value, np.tril(value)) and bool(np.all(np.diag(value) > 0))


def _write_cov(cov, note):
    op = cov.owner and cov.owner.op
    if isinstance(op, MatrixInverse):
        return {"tau": cov.owner.inputs[0]}
    if _given(note, "chol") and isinstance(op, tt.Dot):
        factor, transposed = cov.owner.inputs
        if transposed.owner and transposed.owner.inputs[0] is factor and _is_cholesky(factor):
            return {"chol": factor}
    return {"cov": cov}


def _write_p(p, note):
    if _given(note, "logit_p") and _is_op(p, theano.tensor.nnet.scalar_sigmoid):
        return {"logit_p": p.owner.inputs[0]}
    return {"p": p}


def _write_loc(loc, note):
    if _constant_value(loc) == 0:
        return {}
    raise UnsupportedDistributionError(
        f"location {loc}: PyMC3's half distributions start at zero; add the location to a variable that does"
    )


def _write_bound(name):
    def write(bound, note):
        value = _constant_value(bound)
        return {} if value is not None and np.isinf(value) else {name: bound}

    return write


_WRITE = {
    ("bernoulli", "p"): _write_p,
    ("halfcauchy", "loc"): _write_loc,
    ("halfnormal", "loc"): _write_loc,
    ("halfnormal", "sigma"): _write_sigma("tau"),
    ("halfstudentt", "sigma"): _write_sigma("lam"),
    ("logitnormal", "sigma"): _write_sigma("tau"),
    ("lognormal", "sigma"): _write_sigma("tau"),
    ("mvnormal", "cov"): _write_cov,
    ("mvstudentt", "cov"): _write_cov,
    ("normal", "sigma"): _write_sigma("tau"),
    ("skewnormal", "sigma"): _write_sigma("tau"),
    ("studentt", "sigma"): _write_sigma("lam"),
    ("truncatednormal", "lower"): _write_bound("lower"),
    ("truncatednormal", "sigma"): _write_sigma("tau"),
    ("truncatednormal", "upper"): _write_bound("upper"),
}


def pymc3_dist(op, params, shape=(), note=None, **kwargs):
    """Return the PyMC3 distribution of a random variable; it needs no model around it.

    Parameters
    ----------
    op : RandomVariable or Variable
        The Op, or a variable that it computes.
    params : sequence of Variable
        Its parameters, in the order of its row.
    shape : tuple of int
    note : Note or None
        What the variable carries, which tells how it was parametrised.
    **kwargs
        ``transform``, ``testval``.

    Raises
    ------
    UnsupportedDistributionError
        For an Op without a row, and for a distribution that PyMC3 does not have.
    """
    if isinstance(op, Variable):
        op = op.owner.op
    if isinstance(op, OpaqueRV):
        return op.law.with_parents(params, theano.config.compute_test_value != "off")
    name = neutral_name(op)
    if name is None:
        raise UnsupportedDistributionError(
            f"{op}: PyMC3 has no distribution for this Op; use one of symbolic_pymc.theano.random_variables.DISTRIBUTIONS"
        )
    for param, variable in zip(DISTRIBUTIONS[name].params, map(tt.as_tensor_variable, params)):
        write = _WRITE.get((name, param))
        kwargs.update({param: variable} if write is None else write(variable, note))
    return PYMC3_CLASSES[name].dist(shape=tuple(shape), **kwargs)
