"""The map from the Ops of `symbolic_pymc.theano.random_variables` to PyMC3's distributions.

The way back, from a PyMC3 distribution to its Op, is in `symbolic_pymc.theano.pymc3_parameters`. A
distribution with a row travels as its Op over its own parameters; every other one travels whole
(`symbolic_pymc.theano.opaque`), and so does one whose parameters, dtype or transform do not fit its row.
"""

import numpy as np
import pymc3 as pm
import theano
import theano.tensor as tt
from theano.graph.basic import Constant, Variable
from theano.graph.utils import TestValueError
from theano.tensor.nlinalg import MatrixInverse

from symbolic_pymc.errors import UnsupportedDistributionError
from symbolic_pymc.theano.chains import GaussianChain
from symbolic_pymc.theano.gig import GeneralizedInverseGaussian
from symbolic_pymc.theano.kolmogorov import Kolmogorov
from symbolic_pymc.theano.known import constant_value, is_elemwise, op_of
from symbolic_pymc.theano.laplacenormal import LaplaceNormal
from symbolic_pymc.theano.lowrank import LowRankMvNormal
from symbolic_pymc.theano.markov import MarkovChain
from symbolic_pymc.theano.opaque import OpaqueRV
from symbolic_pymc.theano.polyagamma import PolyaGamma
from symbolic_pymc.theano.random_variables import DISTRIBUTIONS, neutral_name
from symbolic_pymc.theano.truncations import TruncatedBeta, TruncatedGamma, TruncatedInverseGamma
from symbolic_pymc.theano.wishart import InverseWishart, Wishart

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
    "gaussianchain": GaussianChain,
    "geometric": pm.Geometric,
    "generalizedinversegaussian": GeneralizedInverseGaussian,
    "gumbel": pm.Gumbel,
    "halfcauchy": pm.HalfCauchy,
    "halfflat": pm.HalfFlat,
    "halfnormal": pm.HalfNormal,
    "halfstudentt": pm.HalfStudentT,
    "hypergeometric": pm.HyperGeometric,
    "inversegamma": pm.InverseGamma,
    "inversewishart": InverseWishart,
    "kolmogorov": Kolmogorov,
    "kumaraswamy": pm.Kumaraswamy,
    "laplace": pm.Laplace,
    "laplacenormal": LaplaceNormal,
    "logistic": pm.Logistic,
    "logitnormal": pm.LogitNormal,
    "lognormal": pm.Lognormal,
    "lowrankmvnormal": LowRankMvNormal,
    "markovchain": MarkovChain,
    "matrixnormal": pm.MatrixNormal,
    "moyal": pm.Moyal,
    "multinomial": pm.Multinomial,
    "mvnormal": pm.MvNormal,
    "mvstudentt": pm.MvStudentT,
    "negativebinomial": pm.NegativeBinomial,
    "normal": pm.Normal,
    "orderedlogistic": pm.OrderedLogistic,
    "orderedprobit": pm.OrderedProbit,
    "pareto": pm.Pareto,
    "polyagamma": PolyaGamma,
    "poisson": pm.Poisson,
    "rice": pm.Rice,
    "skewnormal": pm.SkewNormal,
    "studentt": pm.StudentT,
    "triangular": pm.Triangular,
    "truncatedbeta": TruncatedBeta,
    "truncatedgamma": TruncatedGamma,
    "truncatedinversegamma": TruncatedInverseGamma,
    "truncatednormal": pm.TruncatedNormal,
    "uniform": pm.Uniform,
    "vonmises": pm.VonMises,
    "wald": pm.Wald,
    "weibull": pm.Weibull,
    "wishart": Wishart,
    "zeroinflatedbinomial": pm.ZeroInflatedBinomial,
    "zeroinflatednegativebinomial": pm.ZeroInflatedNegativeBinomial,
    "zeroinflatedpoisson": pm.ZeroInflatedPoisson,
}


def _given_tau(variable):
    """Return tau for the sigma that PyMC3 computes from it, or None."""
    if is_elemwise(variable, theano.scalar.pow) and constant_value(variable.owner.inputs[1]) == -0.5:
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
    op = op_of(cov)
    if isinstance(op, MatrixInverse):
        return {"tau": cov.owner.inputs[0]}
    if _given(note, "chol") and isinstance(op, tt.Dot):
        factor, transposed = cov.owner.inputs
        if transposed.owner and transposed.owner.inputs[0] is factor and _is_cholesky(factor):
            return {"chol": factor}
    return {"cov": cov}


def _write_p(p, note):
    if _given(note, "logit_p") and is_elemwise(p, theano.tensor.nnet.scalar_sigmoid):
        return {"logit_p": p.owner.inputs[0]}
    return {"p": p}


def _write_loc(loc, note):
    if constant_value(loc) == 0:
        return {}
    raise UnsupportedDistributionError(
        f"location {loc}: PyMC3's half distributions start at zero; add the location to a variable that does"
    )


def _write_bound(name):
    def write(bound, note):
        value = constant_value(bound)
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


def _plain(value):
    """Return the number or array of an unnamed constant, from which PyMC3 builds fewer nodes."""
    if not isinstance(value, Constant) or value.name is not None:
        return value
    # Theano holds a Python integer in the smallest dtype, in which PyMC3's arithmetic would overflow
    small = value.ndim == 0 and value.dtype in ("int8", "int16", "int32")
    return int(value.data) if small else value.data[()]


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
            f"{op}: PyMC3 has no distribution for this Op; use one of "
            "symbolic_pymc.theano.random_variables.DISTRIBUTIONS"
        )
    for param, variable in zip(DISTRIBUTIONS[name].params, map(tt.as_tensor_variable, params)):
        write = _WRITE.get((name, param))
        kwargs.update({param: variable} if write is None else write(variable, note))
    kwargs = {key: _plain(value) for key, value in kwargs.items()}
    return PYMC3_CLASSES[name].dist(shape=tuple(shape), **kwargs)
