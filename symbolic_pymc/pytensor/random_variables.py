"""The random variables of PyTensor and PyMC: their Ops, and one table from neutral names to them."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pymc as pm
import pytensor
from pytensor.graph.basic import Variable
from pytensor.tensor import as_tensor_variable
from pytensor.tensor.random.op import RandomVariable
from pytensor.tensor.random.type import RandomType

from symbolic_pymc.pytensor.chains import GaussianChain
from symbolic_pymc.pytensor.gig import GeneralizedInverseGaussian
from symbolic_pymc.pytensor.kolmogorov import Kolmogorov
from symbolic_pymc.pytensor.laplacenormal import LaplaceNormal
from symbolic_pymc.pytensor.lowrank import LowRankMvNormal
from symbolic_pymc.pytensor.markov import MarkovChain
from symbolic_pymc.pytensor.polyagamma import PolyaGamma
from symbolic_pymc.pytensor.markers import deterministic, observed, potential  # noqa: F401  (also found here)
from symbolic_pymc.pytensor.truncations import TruncatedBeta, TruncatedGamma, TruncatedInverseGamma
from symbolic_pymc.pytensor.wishart import InverseWishart
from symbolic_pymc.wishart import draw_wishart


@dataclass(frozen=True)
class Row:
    """How PyTensor writes a distribution.

    Parameters
    ----------
    op : RandomVariable
        As it stands in the nodes of a model, that is, with its dtype settled.
    params : tuple of str
        Names of the native parameters, in the order of the Op's.
    wrapped : type or None
        PyMC's distribution class, where PyMC itself wraps the draw in a graph.
    names : tuple of str
        What the parameters of `wrapped` are called by PyMC.
    """

    op: Any
    params: tuple
    wrapped: Any = field(default=None)
    names: tuple = ()


class WrappedRV(RandomVariable):
    """A plain random variable for a distribution that PyMC hides in a graph; `name` says which."""

    dtype = "floatX"

    def rng_fn(self, rng, *params_and_size):
        *params, size = params_and_size
        if size is None:
            size = np.broadcast_shapes(*(np.shape(p)[: np.ndim(p) - n] for p, n in zip(params, self.ndims_params)))
        return np.asarray(SAMPLERS[self.name](rng, *params, size))


def _asymmetric_laplace(rng, b, kappa, mu, size):
    left, right = rng.exponential(size=size), rng.exponential(size=size)
    return mu + (right / kappa - left * kappa) / b


def _zero_inflated(draw):
    """Return the sampler of counts that are zero unless a coin of the first parameter comes up."""
    return lambda rng, psi, *params: np.where(rng.uniform(size=params[-1]) < psi, draw(rng, *params), 0)


def _mvstudentt(rng, nu, mu, cov, size):
    z = rng.standard_normal((*size, mu.shape[-1]))
    normal = np.matmul(np.linalg.cholesky(cov), z[..., None])[..., 0]
    return mu + normal / np.sqrt(rng.chisquare(nu, size) / nu)[..., None]


SAMPLERS = {
    "halfcauchy": lambda rng, beta, size: np.abs(beta * rng.standard_cauchy(size)),
    "weibull": lambda rng, alpha, beta, size: beta * rng.weibull(alpha, size),
    "exgaussian": lambda rng, mu, sigma, nu, size: rng.normal(mu, sigma, size) + rng.exponential(nu, size),
    "asymmetriclaplace": _asymmetric_laplace,
    "kumaraswamy": lambda rng, a, b, size: (1 - rng.uniform(size=size) ** (1 / b)) ** (1 / a),
    "halfstudentt": lambda rng, nu, sigma, size: np.abs(sigma * rng.standard_t(nu, size)),
    "mvstudentt": _mvstudentt,
    "wishart": draw_wishart,
    "zeroinflatedpoisson": _zero_inflated(lambda rng, mu, size: rng.poisson(mu, size)),
    "zeroinflatedbinomial": _zero_inflated(lambda rng, n, p, size: rng.binomial(n, p, size)),
    "zeroinflatednegativebinomial": _zero_inflated(lambda rng, n, p, size: rng.negative_binomial(n, p, size)),
}
# what PyMC writes as a mixture of the number 0 and of a law of counts
INFLATED = {name: f"zeroinflated{name}" for name in ("poisson", "binomial", "negativebinomial")}


def _settled(op):
    """Return `op` with the dtype that it has in nodes ("floatX" is no dtype)."""
    if op.dtype != "floatX":
        return op
    props = {name: getattr(op, name) for name in op.__props__}
    return type(op)(**{**props, "dtype": pytensor.config.floatX})


def _row(name, params, distribution, wrapped=None, names=None, signature=None):
    """Return the row of a PyMC distribution by its own Op, or by an Op of ours where it has none."""
    params = tuple(params.split())
    if isinstance(getattr(distribution, "rv_op", None), RandomVariable):
        return Row(_settled(distribution.rv_op), params)
    params = tuple((wrapped or " ".join(params)).split())
    signature = signature or f"{','.join(['()'] * len(params))}->()"
    op = _settled(WrappedRV(name, signature=signature, dtype="int64" if name in INFLATED.values() else "floatX"))
    return Row(op, params, distribution, tuple((names or " ".join(params)).split()))


def _rows(*rows):
    return {row[0]: _row(*row) for row in rows}


DISTRIBUTIONS = _rows(
    ("normal", "mu sigma", pm.Normal),
    ("halfnormal", "loc sigma", pm.HalfNormal),
    ("halfcauchy", "loc beta", pm.HalfCauchy, "beta"),
    ("cauchy", "alpha beta", pm.Cauchy),
    ("laplace", "mu b", pm.Laplace),
    ("laplacenormal", "mu sigma location b", LaplaceNormal),
    ("logistic", "mu s", pm.Logistic),
    ("gumbel", "mu beta", pm.Gumbel),
    ("studentt", "nu mu sigma", pm.StudentT),
    ("skewnormal", "mu sigma alpha", pm.SkewNormal),
    ("moyal", "mu sigma", pm.Moyal),
    ("exgaussian", "mu sigma nu", pm.ExGaussian),
    ("asymmetriclaplace", "b kappa mu", pm.AsymmetricLaplace),
    ("halfstudentt", "nu sigma", pm.HalfStudentT),
    ("uniform", "lower upper", pm.Uniform),
    ("triangular", "lower c upper", pm.Triangular),
    ("truncatednormal", "mu sigma lower upper", pm.TruncatedNormal),
    ("truncatedgamma", "alpha beta lower upper", TruncatedGamma),
    ("truncatedinversegamma", "alpha beta lower upper", TruncatedInverseGamma),
    ("truncatedbeta", "alpha beta lower upper", TruncatedBeta),
    ("exponential", "scale", pm.Exponential),
    ("gamma", "alpha scale", pm.Gamma),
    ("inversegamma", "alpha beta", pm.InverseGamma),
    ("beta", "alpha beta", pm.Beta),
    ("kumaraswamy", "a b", pm.Kumaraswamy),
    ("lognormal", "mu sigma", pm.LogNormal),
    ("weibull", "alpha beta", pm.Weibull),
    ("pareto", "alpha m", pm.Pareto),
    ("vonmises", "mu kappa", pm.VonMises),
    ("wald", "mu lam alpha", pm.Wald),
    ("rice", "b sigma", pm.Rice),
    ("flat", "", pm.Flat),
    ("halfflat", "", pm.HalfFlat),
    ("bernoulli", "p", pm.Bernoulli),
    ("binomial", "n p", pm.Binomial),
    ("betabinomial", "n alpha beta", pm.BetaBinomial),
    ("poisson", "mu", pm.Poisson),
    ("geometric", "p", pm.Geometric),
    ("negativebinomial", "n p", pm.NegativeBinomial),
    ("hypergeometric", "good bad n", pm.HyperGeometric),
    ("discreteuniform", "lower upper", pm.DiscreteUniform),
    ("categorical", "p", pm.Categorical),
    ("mvnormal", "mu cov", pm.MvNormal),
    ("mvstudentt", "nu mu cov", pm.MvStudentT, None, "nu mu scale", "(),(n),(n,n)->(n)"),
    ("lowrankmvnormal", "mu factor variance scales", LowRankMvNormal),
    ("matrixnormal", "mu rowchol colchol", pm.MatrixNormal),
    ("wishart", "nu V", pm.Wishart, None, None, "(),(p,p)->(p,p)"),
    ("inversewishart", "nu Psi", InverseWishart),
    ("generalizedinversegaussian", "p a b", GeneralizedInverseGaussian),
    ("kolmogorov", "scale", Kolmogorov),
    ("polyagamma", "tilt", PolyaGamma),
    ("gaussianchain", "offset gain scale", GaussianChain),
    ("markovchain", "start chances", MarkovChain),
    ("dirichlet", "a", pm.Dirichlet),
    ("multinomial", "n p", pm.Multinomial),
    ("zeroinflatedpoisson", "psi mu", pm.ZeroInflatedPoisson),
    ("zeroinflatedbinomial", "psi n p", pm.ZeroInflatedBinomial),
    ("zeroinflatednegativebinomial", "psi n p", pm.ZeroInflatedNegativeBinomial),
)

_BY_OP = {type(row.op): row for row in DISTRIBUTIONS.values() if row.wrapped is None}
_BY_NAME = {row.op.name: row for row in DISTRIBUTIONS.values() if row.wrapped is not None}
WRAPPED = {
    row.wrapped.rv_type: row
    for name, row in DISTRIBUTIONS.items()
    if row.wrapped is not None and name not in INFLATED.values()
}


def row_of(op):
    """Return the row of an Op, whatever its dtype, or None for an Op that stands in no row."""
    return _BY_NAME.get(op.name) if isinstance(op, WrappedRV) else _BY_OP.get(type(op))


def fresh_rng():
    """Return a generator that nothing else draws from, as a shared variable."""
    return pytensor.shared(np.random.default_rng(), borrow=True)


def rv_parts(node):
    """Take a RandomVariable node apart.

    Returns
    -------
    rng : Variable
    size : Variable
        PyTensor's None constant, or an integer vector.
    params : tuple of Variable
        In the order of the Op; with axes of length one in front where `size` asks for more axes.
    """
    rng, size, *params = node.inputs
    return rng, size, tuple(params)


def make_rv(op, params, size=None, rng=None, name=None):
    """Draw a random variable.

    Parameters
    ----------
    op : RandomVariable
    params : sequence of Variable, array or number
        Python numbers become double precision constants, never PyTensor's smallest fitting type, in which the
        arithmetic of a relation would overflow.
    size : Variable, sequence of int or None
        Shape of the draws without the axes of one draw; None for what the parameters give.
    rng : Variable or None
        None for a generator of its own.
    name : str or None

    Returns
    -------
    Variable
    """
    params = [as_parameter(p) for p in params]
    draw = op.make_node(fresh_rng() if rng is None else rng, size, *params).outputs[1]
    draw.name = name
    return draw


def as_parameter(value):
    """Return a variable: `value` itself if it is one, else a constant of 64 bits."""
    if isinstance(value, Variable):
        return value
    value = np.asarray(value)
    wide = {"f": "float64", "i": "int64", "u": "int64"}.get(value.dtype.kind, value.dtype)
    return as_tensor_variable(value.astype(wide))


def is_generator(variable):
    """Tell whether a variable is the state of a random number generator."""
    return isinstance(variable.type, RandomType)


NormalRV = DISTRIBUTIONS["normal"].op
HalfNormalRV = DISTRIBUTIONS["halfnormal"].op
HalfCauchyRV = DISTRIBUTIONS["halfcauchy"].op
CauchyRV = DISTRIBUTIONS["cauchy"].op
LaplaceRV = DISTRIBUTIONS["laplace"].op
LaplaceNormalRV = DISTRIBUTIONS["laplacenormal"].op
LogisticRV = DISTRIBUTIONS["logistic"].op
GumbelRV = DISTRIBUTIONS["gumbel"].op
StudentTRV = DISTRIBUTIONS["studentt"].op
SkewNormalRV = DISTRIBUTIONS["skewnormal"].op
MoyalRV = DISTRIBUTIONS["moyal"].op
ExGaussianRV = DISTRIBUTIONS["exgaussian"].op
AsymmetricLaplaceRV = DISTRIBUTIONS["asymmetriclaplace"].op
HalfStudentTRV = DISTRIBUTIONS["halfstudentt"].op
UniformRV = DISTRIBUTIONS["uniform"].op
TriangularRV = DISTRIBUTIONS["triangular"].op
TruncatedNormalRV = DISTRIBUTIONS["truncatednormal"].op
TruncatedGammaRV = DISTRIBUTIONS["truncatedgamma"].op
TruncatedInverseGammaRV = DISTRIBUTIONS["truncatedinversegamma"].op
TruncatedBetaRV = DISTRIBUTIONS["truncatedbeta"].op
ExponentialRV = DISTRIBUTIONS["exponential"].op
GammaRV = DISTRIBUTIONS["gamma"].op
InvGammaRV = DISTRIBUTIONS["inversegamma"].op
BetaRV = DISTRIBUTIONS["beta"].op
LogNormalRV = DISTRIBUTIONS["lognormal"].op
WeibullRV = DISTRIBUTIONS["weibull"].op
ParetoRV = DISTRIBUTIONS["pareto"].op
VonMisesRV = DISTRIBUTIONS["vonmises"].op
WaldRV = DISTRIBUTIONS["wald"].op
RiceRV = DISTRIBUTIONS["rice"].op
KumaraswamyRV = DISTRIBUTIONS["kumaraswamy"].op
FlatRV = DISTRIBUTIONS["flat"].op
HalfFlatRV = DISTRIBUTIONS["halfflat"].op
BernoulliRV = DISTRIBUTIONS["bernoulli"].op
BinomialRV = DISTRIBUTIONS["binomial"].op
BetaBinomialRV = DISTRIBUTIONS["betabinomial"].op
PoissonRV = DISTRIBUTIONS["poisson"].op
GeometricRV = DISTRIBUTIONS["geometric"].op
NegBinomialRV = DISTRIBUTIONS["negativebinomial"].op
HyperGeometricRV = DISTRIBUTIONS["hypergeometric"].op
DiscreteUniformRV = DISTRIBUTIONS["discreteuniform"].op
CategoricalRV = DISTRIBUTIONS["categorical"].op
MvNormalRV = DISTRIBUTIONS["mvnormal"].op
MvStudentTRV = DISTRIBUTIONS["mvstudentt"].op
LowRankMvNormalRV = DISTRIBUTIONS["lowrankmvnormal"].op
MatrixNormalRV = DISTRIBUTIONS["matrixnormal"].op
WishartRV = DISTRIBUTIONS["wishart"].op
InverseWishartRV = DISTRIBUTIONS["inversewishart"].op
GeneralizedInverseGaussianRV = DISTRIBUTIONS["generalizedinversegaussian"].op
KolmogorovRV = DISTRIBUTIONS["kolmogorov"].op
PolyaGammaRV = DISTRIBUTIONS["polyagamma"].op
GaussianChainRV = DISTRIBUTIONS["gaussianchain"].op
MarkovChainRV = DISTRIBUTIONS["markovchain"].op
DirichletRV = DISTRIBUTIONS["dirichlet"].op
MultinomialRV = DISTRIBUTIONS["multinomial"].op
