"""Random variables as Theano Ops, and the table that gives each distribution its Op.

Theano's own Ops serve where they have the parameters that PyMC3 has and draw rightly (its ``gamma`` and
``exponential`` hold scales, its ``categorical`` and ``multinomial`` fail for some sizes); the others are
instances of `TableRV`, on the same base class. Every Op is called as ``NormalRV(mu, sigma, size=None,
rng=None, name=None)``, parameters in the order of its row.
"""

from typing import NamedTuple

import numpy as np
import theano
import theano.tensor as tt
from numpy.random.bit_generator import ISeedSequence
from theano.graph.basic import Apply, Constant, Variable
from theano.graph.op import Op
from theano.tensor.random import basic
from theano.tensor.random.op import RandomVariable

from symbolic_pymc import chains, gig, kolmogorov, laplacenormal, lowrank, markov, polyagamma, truncations
from symbolic_pymc.theano.markers import deterministic, observed, potential  # noqa: F401
from symbolic_pymc.theano.samplers import CORE_SAMPLERS, SCALAR_SAMPLERS


class NoSeed(ISeedSequence):
    """What seeds a generator whose state is set at once: computing a seed takes longer than a draw."""

    def generate_state(self, n_words, dtype=np.uint32):
        """Return zeros."""
        return np.zeros(n_words, dtype)


class NextState(Op):
    """The state of a random generator one call later, independent of what was drawn in between."""

    __props__ = ()

    def make_node(self, rng):
        return Apply(self, [rng], [rng.type()])

    def perform(self, node, inputs, outputs):
        state = np.random.RandomState(np.random.MT19937(NoSeed()))
        state.set_state(inputs[0].get_state())
        state.seed(state.randint(0, 2**32, size=8, dtype=np.uint32))
        outputs[0][0] = state


next_state = NextState()


def fresh_rng(seed=None):
    """Make a shared random generator that no other variable uses.

    It steps on with every call of a compiled function that draws from it, whatever the graph was rewritten
    into: its default update depends on the generator alone, so no draw that a rewrite removed is computed for
    it.
    """
    rng = theano.shared(np.random.RandomState(seed), borrow=True)
    rng.default_update = next_state(rng)
    return rng


class TableRV(RandomVariable):
    """A random variable whose sampler stands in `symbolic_pymc.theano.samplers` under its name.

    Parameters
    ----------
    name : str
        The neutral name of the distribution.
    ndim_supp : int
        Number of dimensions of one draw; these are the last dimensions of the parameter numbered `shaped_by`.
    ndims_params : sequence of int
        Number of dimensions of each parameter for one draw.
    dtype : str
    """

    shaped_by = -1

    def make_node(self, rng, size, dtype, *params):
        if rng is None:
            rng = fresh_rng()
        # Theano would store a Python float as the smallest dtype that holds it
        params = [p if isinstance(p, Variable) else _as_float64(p) for p in params]
        return super().make_node(rng, size, dtype, *params)

    def rng_fn(self, rng, *args):
        *params, size = args
        if self.ndim_supp == 0:
            shape = self._batch_shape(params) if size is None else tuple(size)
            return SCALAR_SAMPLERS[self.name](rng, shape, *params)
        shape = tuple(size or ()) + self._batch_shape(params)
        params = [
            np.broadcast_to(p, shape + p.shape[p.ndim - n :])
            for p, n in zip(map(np.asarray, params), self.ndims_params)
        ]
        sampler = CORE_SAMPLERS[self.name]
        draws = [sampler(rng, *(p[index] for p in params)) for index in np.ndindex(*shape)]
        return np.reshape(draws, shape + self.core_shape([p.shape for p in params]))

    def _batch_shape(self, params):
        shapes = [np.shape(p)[: np.ndim(p) - n] for p, n in zip(params, self.ndims_params)]
        return np.broadcast_shapes(*shapes)

    def _shape_from_params(self, dist_params, param_shapes=None, **kwargs):
        return self.core_shape([p.shape for p in dist_params] if param_shapes is None else param_shapes)

    def core_shape(self, shapes):
        """Return the shape of one draw, by those of the parameters."""
        shape = tuple(shapes[self.shaped_by])
        return shape[len(shape) - self.ndim_supp :]


class MatrixRV(TableRV):
    """A random matrix of the shape of its first parameter, the mean."""

    shaped_by = 0


VECTORS = {"gaussianchain": chains, "lowrankmvnormal": lowrank, "markovchain": markov}


class VectorRV(TableRV):
    """Draws a vector by the module that stands for its name in `VECTORS`.

    Raises
    ------
    ModelGraphError
        By `make_node` for shapes known not to fit together, else when it draws.
    ArgumentError
        When it draws with a variance or scale that is not positive.
    """

    shaped_by = 0

    def make_node(self, rng, size, dtype, *params):
        params = [tt.as_tensor_variable(p if isinstance(p, Variable) else _as_float64(p)) for p in params]
        VECTORS[self.name].check_shapes(*map(_known_shape, params))
        return super().make_node(rng, size, dtype, *params)

    def rng_fn(self, rng, *args):
        *params, size = args
        params = [np.asarray(p) for p in params]
        return VECTORS[self.name].draw(rng, *params, (*(size or ()), *VECTORS[self.name].batch_of(*params)))


class PathRV(VectorRV):
    """Draws a path through states, as long as the last parameter has matrices."""

    def core_shape(self, shapes):
        return (tuple(shapes[-1])[-3],)


def core_shape(op, shapes):
    """Return the shape of one draw of an Op, by those of the parameters."""
    return op.core_shape(shapes) if isinstance(op, TableRV) else tuple(shapes[-1][len(shapes[-1]) - op.ndim_supp :])


def _known_shape(param):
    """Return the shape that a parameter always has, with None for a length that is not known."""
    if isinstance(param, Constant):
        return param.data.shape
    return tuple(1 if b else None for b in param.broadcastable)


def _as_float64(value):
    value = np.asarray(value)
    return value.astype("float64") if value.dtype.kind == "f" else value


def _scalar(name, n_params, dtype="floatX"):
    return TableRV(name, 0, (0,) * n_params, dtype)


UniformRV = basic.uniform
BetaRV = basic.beta
NormalRV = basic.normal
HalfNormalRV = basic.halfnormal
CauchyRV = basic.cauchy
HalfCauchyRV = basic.halfcauchy
InverseGammaRV = basic.invgamma
MvNormalRV = basic.multivariate_normal
DirichletRV = basic.dirichlet
PoissonRV = basic.poisson
BernoulliRV = basic.bernoulli
BinomialRV = basic.binomial
BetaBinomialRV = basic.betabinom

AsymmetricLaplaceRV = _scalar("asymmetriclaplace", 3)
ChiSquaredRV = _scalar("chisquared", 1)
ExGaussianRV = _scalar("exgaussian", 3)
ExponentialRV = _scalar("exponential", 1)
FlatRV = _scalar("flat", 0)
GammaRV = _scalar("gamma", 2)
GeneralizedInverseGaussianRV = _scalar("generalizedinversegaussian", 3)
GumbelRV = _scalar("gumbel", 2)
HalfFlatRV = _scalar("halfflat", 0)
HalfStudentTRV = _scalar("halfstudentt", 2)
KolmogorovRV = _scalar("kolmogorov", 1)
KumaraswamyRV = _scalar("kumaraswamy", 2)
LaplaceRV = _scalar("laplace", 2)
LaplaceNormalRV = _scalar("laplacenormal", 4)
LogisticRV = _scalar("logistic", 2)
LogitNormalRV = _scalar("logitnormal", 2)
LognormalRV = _scalar("lognormal", 2)
MoyalRV = _scalar("moyal", 2)
ParetoRV = _scalar("pareto", 2)
PolyaGammaRV = _scalar("polyagamma", 1)
RiceRV = _scalar("rice", 2)
SkewNormalRV = _scalar("skewnormal", 3)
StudentTRV = _scalar("studentt", 3)
TriangularRV = _scalar("triangular", 3)
TruncatedBetaRV = _scalar("truncatedbeta", 4)
TruncatedGammaRV = _scalar("truncatedgamma", 4)
TruncatedInverseGammaRV = _scalar("truncatedinversegamma", 4)
TruncatedNormalRV = _scalar("truncatednormal", 4)
VonMisesRV = _scalar("vonmises", 2)
WaldRV = _scalar("wald", 3)
WeibullRV = _scalar("weibull", 2)

ConstantRV = _scalar("constant", 1, "int64")
DiscreteUniformRV = _scalar("discreteuniform", 2, "int64")
DiscreteWeibullRV = _scalar("discreteweibull", 2, "int64")
GeometricRV = _scalar("geometric", 1, "int64")
HyperGeometricRV = _scalar("hypergeometric", 3, "int64")
NegativeBinomialRV = _scalar("negativebinomial", 2, "int64")
ZeroInflatedBinomialRV = _scalar("zeroinflatedbinomial", 3, "int64")
ZeroInflatedNegativeBinomialRV = _scalar("zeroinflatednegativebinomial", 3, "int64")
ZeroInflatedPoissonRV = _scalar("zeroinflatedpoisson", 2, "int64")
CategoricalRV = TableRV("categorical", 0, (1,), "int64")
OrderedLogisticRV = TableRV("orderedlogistic", 0, (0, 1), "int64")
OrderedProbitRV = TableRV("orderedprobit", 0, (0, 1), "int64")

DirichletMultinomialRV = TableRV("dirichletmultinomial", 1, (0, 1), "int64")
MultinomialRV = TableRV("multinomial", 1, (0, 1), "int64")
LowRankMvNormalRV = VectorRV("lowrankmvnormal", 1, lowrank.NDIMS, "floatX")
GaussianChainRV = VectorRV("gaussianchain", 1, chains.NDIMS, "floatX")
MarkovChainRV = PathRV("markovchain", 1, markov.NDIMS, "int64")
MvStudentTRV = TableRV("mvstudentt", 1, (0, 1, 2), "floatX")
WishartRV = TableRV("wishart", 2, (0, 2), "floatX")
InverseWishartRV = TableRV("inversewishart", 2, (0, 2), "floatX")
MatrixNormalRV = MatrixRV("matrixnormal", 2, (2, 2, 2), "floatX")


class Row(NamedTuple):
    """The Op of a distribution and the names of its parameters, in order."""

    op: RandomVariable
    params: tuple


DISTRIBUTIONS = {
    "asymmetriclaplace": Row(AsymmetricLaplaceRV, ("b", "kappa", "mu")),
    "bernoulli": Row(BernoulliRV, ("p",)),
    "beta": Row(BetaRV, ("alpha", "beta")),
    "betabinomial": Row(BetaBinomialRV, ("n", "alpha", "beta")),
    "binomial": Row(BinomialRV, ("n", "p")),
    "categorical": Row(CategoricalRV, ("p",)),
    "cauchy": Row(CauchyRV, ("alpha", "beta")),
    "chisquared": Row(ChiSquaredRV, ("nu",)),
    "constant": Row(ConstantRV, ("c",)),
    "dirichlet": Row(DirichletRV, ("a",)),
    "dirichletmultinomial": Row(DirichletMultinomialRV, ("n", "a")),
    "discreteuniform": Row(DiscreteUniformRV, ("lower", "upper")),
    "discreteweibull": Row(DiscreteWeibullRV, ("q", "beta")),
    "exgaussian": Row(ExGaussianRV, ("mu", "sigma", "nu")),
    "exponential": Row(ExponentialRV, ("lam",)),
    "flat": Row(FlatRV, ()),
    "gamma": Row(GammaRV, ("alpha", "beta")),
    "gaussianchain": Row(GaussianChainRV, chains.PARAMETERS),
    "geometric": Row(GeometricRV, ("p",)),
    "generalizedinversegaussian": Row(GeneralizedInverseGaussianRV, gig.PARAMETERS),
    "gumbel": Row(GumbelRV, ("mu", "beta")),
    "halfcauchy": Row(HalfCauchyRV, ("loc", "beta")),
    "halfflat": Row(HalfFlatRV, ()),
    "halfnormal": Row(HalfNormalRV, ("loc", "sigma")),
    "halfstudentt": Row(HalfStudentTRV, ("nu", "sigma")),
    "hypergeometric": Row(HyperGeometricRV, ("N", "k", "n")),
    "inversegamma": Row(InverseGammaRV, ("alpha", "beta")),
    "inversewishart": Row(InverseWishartRV, ("nu", "Psi")),
    "kolmogorov": Row(KolmogorovRV, kolmogorov.PARAMETERS),
    "polyagamma": Row(PolyaGammaRV, polyagamma.PARAMETERS),
    "kumaraswamy": Row(KumaraswamyRV, ("a", "b")),
    "laplace": Row(LaplaceRV, ("mu", "b")),
    "laplacenormal": Row(LaplaceNormalRV, laplacenormal.PARAMETERS),
    "logistic": Row(LogisticRV, ("mu", "s")),
    "logitnormal": Row(LogitNormalRV, ("mu", "sigma")),
    "lognormal": Row(LognormalRV, ("mu", "sigma")),
    "lowrankmvnormal": Row(LowRankMvNormalRV, lowrank.PARAMETERS),
    "markovchain": Row(MarkovChainRV, markov.PARAMETERS),
    "matrixnormal": Row(MatrixNormalRV, ("mu", "rowchol", "colchol")),
    "moyal": Row(MoyalRV, ("mu", "sigma")),
    "multinomial": Row(MultinomialRV, ("n", "p")),
    "mvnormal": Row(MvNormalRV, ("mu", "cov")),
    "mvstudentt": Row(MvStudentTRV, ("nu", "mu", "cov")),
    "negativebinomial": Row(NegativeBinomialRV, ("mu", "alpha")),
    "normal": Row(NormalRV, ("mu", "sigma")),
    "orderedlogistic": Row(OrderedLogisticRV, ("eta", "cutpoints")),
    "orderedprobit": Row(OrderedProbitRV, ("eta", "cutpoints")),
    "pareto": Row(ParetoRV, ("alpha", "m")),
    "poisson": Row(PoissonRV, ("mu",)),
    "rice": Row(RiceRV, ("nu", "sigma")),
    "skewnormal": Row(SkewNormalRV, ("mu", "sigma", "alpha")),
    "studentt": Row(StudentTRV, ("nu", "mu", "sigma")),
    "triangular": Row(TriangularRV, ("lower", "c", "upper")),
    "truncatedbeta": Row(TruncatedBetaRV, truncations.PARAMETERS),
    "truncatedgamma": Row(TruncatedGammaRV, truncations.PARAMETERS),
    "truncatedinversegamma": Row(TruncatedInverseGammaRV, truncations.PARAMETERS),
    "truncatednormal": Row(TruncatedNormalRV, ("mu", "sigma", "lower", "upper")),
    "uniform": Row(UniformRV, ("lower", "upper")),
    "vonmises": Row(VonMisesRV, ("mu", "kappa")),
    "wald": Row(WaldRV, ("mu", "lam", "alpha")),
    "weibull": Row(WeibullRV, ("alpha", "beta")),
    "wishart": Row(WishartRV, ("nu", "V")),
    "zeroinflatedbinomial": Row(ZeroInflatedBinomialRV, ("psi", "n", "p")),
    "zeroinflatednegativebinomial": Row(ZeroInflatedNegativeBinomialRV, ("psi", "mu", "alpha")),
    "zeroinflatedpoisson": Row(ZeroInflatedPoissonRV, ("psi", "theta")),
}

_NAMES = {row.op: name for name, row in DISTRIBUTIONS.items()}


def neutral_name(op):
    """Return the name of the row of a RandomVariable Op, or None where the table has none."""
    return _NAMES.get(op)
