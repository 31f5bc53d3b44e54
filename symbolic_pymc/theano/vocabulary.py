"""The neutral words of relations in Theano."""

import numpy as np
import scipy.special
import theano
import theano.tensor as tt
import theano.tensor.nlinalg
import theano.tensor.slinalg
from theano.compile.mode import Mode
from theano.compile.ops import Shape, Shape_i
from theano.scalar.basic import Cast, Identity
from theano.graph.fg import MissingInputError
from theano.tensor.elemwise import All, Any, DimShuffle, Elemwise, Sum
from theano.tensor.sort import SortOp
from theano.tensor.subtensor import AdvancedSubtensor, AdvancedSubtensor1, Subtensor

from symbolic_pymc.blockwords import algorithm_functions, block_functions
from symbolic_pymc.chains import chain_functions
from symbolic_pymc.markov import markov_functions
from symbolic_pymc.proximal import masses, roots
from symbolic_pymc.theano.components import mixture_of
from symbolic_pymc.theano.hurdles import hurdle_of
from symbolic_pymc.theano.kronecker import kronecker_of
from symbolic_pymc.theano.loops import transition_of
from symbolic_pymc.theano.lkj import correlations_of
from symbolic_pymc.theano.missing import missing_of
from symbolic_pymc.theano.markers import deterministic, observed, potential
from symbolic_pymc.theano.meta import BACKEND
from symbolic_pymc.theano.numpyop import NumpyOp
from symbolic_pymc.theano.random_variables import DISTRIBUTIONS
from symbolic_pymc.theano.timeseries import recursion_of
from symbolic_pymc.stirling import stirling_functions
from symbolic_pymc.tensorwords import LOST_RANK, has_full_rank, tensor_functions
from symbolic_pymc.vocabulary import Vocabulary, always

LEAST = NumpyOp(roots.least, 1)
WRIGHT_OMEGA = NumpyOp(scipy.special.wrightomega)
LOG_I0, I1_OVER_I0 = NumpyOp(roots.log_i0), NumpyOp(roots.i1_over_i0)
LOG_ERFC_GAP = NumpyOp(masses.log_erfc_gap, slopes=masses.gap_slopes)

OPERATORS = {
    "observed": observed,
    "deterministic": deterministic,
    "potential": potential,
    "add": tt.add,
    "sub": tt.sub,
    "mul": tt.mul,
    "true_div": tt.true_div,
    "neg": tt.neg,
    "second": tt.second,
    "exp": tt.exp,
    "log": tt.log,
    "sqrt": tt.sqrt,
    "sqr": tt.sqr,
    "abs": tt.abs_,
    "pow": tt.pow,
    "log1p": tt.log1p,
    "sign": tt.sgn,
    "reciprocal": tt.inv,
    "maximum": tt.maximum,
    "minimum": tt.minimum,
    "switch": tt.switch,
    "sigmoid": tt.nnet.sigmoid,
    "erf": tt.erf,
    "erfc": tt.erfc,
    "erfcx": tt.erfcx,
    "gammaln": tt.gammaln,
    "psi": tt.psi,
    "tri_gamma": tt.tri_gamma,
    "cos": tt.cos,
    "sin": tt.sin,
    "erfinv": tt.erfinv,
    "erfcinv": tt.erfcinv,
    "tan": tt.tan,
    "expm1": tt.expm1,
    "gt": tt.gt,
    "lt": tt.lt,
    "le": tt.le,
    "ge": tt.ge,
    "eq": tt.eq,
    "neq": tt.neq,
    "and_": tt.and_,
    "or_": tt.or_,
    "invert": tt.invert,
    "softplus": tt.nnet.softplus,
    "ceil": tt.ceil,
    "floor": tt.floor,
    "clip": tt.clip,
    "cumsum": tt.extra_ops.CumOp(axis=0, mode="add"),
    "cumsum_flat": tt.extra_ops.CumOp(axis=None, mode="add"),
    "dot": tt.basic._dot,
    "transpose": DimShuffle([False, False], [1, 0]),
    "inverse": tt.nlinalg.matrix_inverse,
    "cholesky": tt.slinalg.cholesky,
}


def least(codes, *inputs):
    return LEAST(codes, *inputs)


def wright_omega(x):
    return WRIGHT_OMEGA(x)


def log_i0(x):
    return LOG_I0(x)


def i1_over_i0(x):
    return I1_OVER_I0(x)


def log_erfc_gap(p, q):
    return LOG_ERFC_GAP(p, q)


def _kind_of_cumulation(op):
    return "cumprod" if op.mode == "mul" else None


_NUMERIC = {"I0e": "i0e", "IsNan": "isnan"}  # of PyMC, and of conditions


def _kind_of_elemwise(op):
    scalar_op = op.scalar_op
    if isinstance(scalar_op, Cast):
        return "cast" if scalar_op.o_type.dtype.startswith("float") else None
    return "cast" if isinstance(scalar_op, Identity) else _NUMERIC.get(type(scalar_op).__name__)


KINDS = {
    DimShuffle: always("structural"),
    Subtensor: always("structural"),
    AdvancedSubtensor: always("structural"),
    AdvancedSubtensor1: always("structural"),
    tt.Reshape: always("structural"),
    tt.Rebroadcast: always("structural"),
    tt.Alloc: always("structural"),
    Shape: always("shape"),
    Shape_i: always("shape"),
    Sum: always("sum"),
    tt.nnet.Softmax: always("softmax"),
    tt.basic.MaxAndArgmax: always("largest"),
    tt.basic.Max: always("largest"),
    tt.basic.Argmax: always("argmax"),
    tt.Dot: always("matmul"),
    tt.Join: always("join"),
    tt.extra_ops.CumOp: _kind_of_cumulation,
    tt.opt.MakeVector: always("stack"),
    All: always("all"),
    Any: always("any"),
    SortOp: always("sort"),
    tt.nlinalg.SVD: always("svd"),
    tt.nlinalg.Eigh: always("eigh"),
    tt.slinalg.Eigvalsh: always("eigh"),
    tt.nlinalg.Det: always("determinant"),
    tt.slinalg.Cholesky: always("cholesky"),
    tt.slinalg.Solve: always("solve"),
    tt.basic.ExtractDiag: always("diagonal"),
    tt.ScalarFromTensor: always("cast"),
    tt.TensorFromScalar: always("cast"),
    Elemwise: _kind_of_elemwise,
}


def blank(shape, pattern):
    """Return zeros of the given shape (an integer vector), broadcastable where `pattern` says."""
    if isinstance(shape, tt.TensorConstant):
        return tt.TensorConstant(tt.TensorType("float64", pattern), np.zeros(tuple(shape.data)))
    zeros = tt.alloc(np.float64(0.0), *(shape[i] for i in range(len(pattern))))
    return tt.patternbroadcast(zeros, pattern)


def value_of(variable):
    """Return the value of a variable as an array, with shared variables as they are now; None when inputs are missing."""
    if isinstance(variable, tt.TensorConstant):
        view = np.asarray(variable.data).view()
        view.flags.writeable = False  # it is the constant's own
        return view
    try:
        return np.asarray(theano.function([], variable, mode=_AS_IT_STANDS)())
    except MissingInputError:
        return None


_AS_IT_STANDS = Mode(linker="py", optimizer=None)


def aligned_basis(matrix):
    """Return an orthonormal basis of the columns whose first rows are a symmetric, positive semidefinite matrix."""
    basis = tt.nlinalg.qr(matrix)[0]
    left, _, right = tt.nlinalg.svd(basis[: matrix.shape[1]])
    return tt.dot(basis, tt.dot(left, right).T)


def of_full_rank(matrix):
    """Return a matrix, and refuse to compute it where its columns are not linearly independent."""
    return tt.opt.Assert(LOST_RANK)(matrix, has_full_rank(tt, tt.nlinalg.svd, matrix))


def triangular_factor(matrix):
    """Return the upper triangular factor of the thin QR decomposition."""
    return tt.nlinalg.qr(matrix)[1]


def static_shape(variable):
    """Theano types know only the axes of length one."""
    return tuple(1 if b else None for b in variable.broadcastable)


def _thin_svd(matrix):
    return tt.nlinalg.svd(matrix, full_matrices=False)


def _scan(step, sequences, initial):
    """Return the outputs of a loop; none of them has updates."""
    return theano.scan(step, sequences=sequences, outputs_info=initial, return_list=True)[0]


ops = Vocabulary(
    BACKEND,
    OPERATORS,
    tensor_functions(tt)
    | block_functions(tt, _thin_svd, tt.nlinalg.eigh, tt.slinalg.solve)
    | algorithm_functions(tt, NumpyOp)
    | markov_functions(tt, _scan)
    | chain_functions(tt, _scan)
    | stirling_functions(tt)
    | {
        f.__name__: f
        for f in (
            blank, of_full_rank, triangular_factor, aligned_basis, least, wright_omega, log_i0, i1_over_i0, log_erfc_gap,
        )  # fmt: skip
    },
    DISTRIBUTIONS,
    KINDS,
    static_shape,
    elementwise=(Elemwise,),
    indexing=(AdvancedSubtensor, AdvancedSubtensor1),
    joined_from=1,
    value_of=value_of,
    float_type=lambda: theano.config.floatX,
    compound=(),
    readers={
        "correlations": correlations_of,
        "mixture": mixture_of,
        "hurdle": hurdle_of,
        "recursion": recursion_of,
        "transition": transition_of,
        "missing": missing_of,
        "kronecker": kronecker_of,
    },
)
