"""The neutral words of relations in PyTensor."""

from inspect import signature

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytensor.tensor.linalg
import scipy.special
from pymc.distributions.distribution import SymbolicRandomVariable
from pytensor.compile.mode import Mode
from pytensor.graph.utils import MissingInputError
from pytensor.scalar.basic import Cast, Identity, Real
from pytensor.raise_op import Assert, CheckAndRaise
from pytensor.tensor import special, subtensor
from pytensor.tensor.basic import Alloc, ExtractDiag, Join, MakeVector, ScalarFromTensor, TensorFromScalar
from pytensor.tensor.blockwise import Blockwise
from pytensor.tensor.elemwise import DimShuffle, Elemwise
from pytensor.tensor.math import All, Any, Argmax, Dot, Max, Sum
from pytensor.tensor.sort import SortOp
from pytensor.tensor.shape import Reshape, Shape, Shape_i, SpecifyShape

from symbolic_pymc.blockwords import algorithm_functions, block_functions
from symbolic_pymc.chains import chain_functions
from symbolic_pymc.markov import markov_functions
from symbolic_pymc.proximal import masses, roots
from symbolic_pymc.pytensor.components import mixture_of
from symbolic_pymc.pytensor.hurdles import hurdle_of
from symbolic_pymc.pytensor.kronecker import kronecker_of
from symbolic_pymc.pytensor.loops import transition_of
from symbolic_pymc.pytensor.lkj import correlations_of
from symbolic_pymc.pytensor.missing import missing_of
from symbolic_pymc.pytensor.markers import deterministic, observed, potential
from symbolic_pymc.pytensor.meta import BACKEND
from symbolic_pymc.pytensor.numpyop import NumpyOp
from symbolic_pymc.pytensor.random_variables import DISTRIBUTIONS
from symbolic_pymc.pytensor.timeseries import recursion_of
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
    "add": pt.add,
    "sub": pt.sub,
    "mul": pt.mul,
    "true_div": pt.true_div,
    "neg": pt.neg,
    "second": pt.second,
    "exp": pt.exp,
    "log": pt.log,
    "sqrt": pt.sqrt,
    "sqr": pt.sqr,
    "abs": pt.abs,
    "pow": pt.pow,
    "log1p": pt.log1p,
    "sign": pt.sign,
    "reciprocal": pt.reciprocal,
    "maximum": pt.maximum,
    "minimum": pt.minimum,
    "switch": pt.switch,
    "sigmoid": pt.sigmoid,
    "erf": pt.erf,
    "erfc": pt.erfc,
    "erfcx": pt.erfcx,
    "gammaln": pt.gammaln,
    "psi": pt.psi,
    "tri_gamma": pt.tri_gamma,
    "cos": pt.cos,
    "sin": pt.sin,
    "erfinv": pt.erfinv,
    "erfcinv": pt.erfcinv,
    "tan": pt.tan,
    "expm1": pt.expm1,
    "gt": pt.gt,
    "lt": pt.lt,
    "le": pt.le,
    "ge": pt.ge,
    "eq": pt.eq,
    "neq": pt.neq,
    "and_": pt.and_,
    "or_": pt.or_,
    "invert": pt.invert,
    "softplus": pt.softplus,
    "ceil": pt.ceil,
    "floor": pt.floor,
    "clip": pt.clip,
    "cumsum": pt.extra_ops.CumOp(axis=0, mode="add"),
    "cumsum_flat": pt.cumsum(pt.dvector()).owner.op,  # since PyTensor 3 the same Op
}


def dot(a, b):
    return pt.dot(a, b)


def transpose(a):
    return a.T


def inverse(a):
    return pt.linalg.inv(a)


def cholesky(a):
    return pt.linalg.cholesky(a)


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
    return "cast" if isinstance(scalar_op, (Identity, Real)) else _NUMERIC.get(type(scalar_op).__name__)


_MATRIX_OPS = {f(pt.dmatrix()).owner.op.core_op: f.__name__ for f in (inverse, cholesky)}


def _kind_of_blockwise(op):
    known = _MATRIX_OPS.get(op.core_op) or _DECOMPOSITIONS.get(type(op.core_op).__name__)
    return "matmul" if isinstance(op.core_op, Dot) else known


# some of them work on batches in one version of PyTensor, and on one matrix in another
_DECOMPOSITIONS = {
    "Cholesky": "cholesky",  # whatever it does on an error
    "SVD": "svd",
    "Eigh": "eigh",
    "Eigvalsh": "eigh",
    "Det": "determinant",
    "SLogDet": "slogdet",
    "Solve": "solve",
    "SolveTriangular": "solve",
}
_EIGH = type(pt.linalg.eigh(pt.dmatrix())[0].owner.op)


# AdvancedSubtensor1 was taken into AdvancedSubtensor in PyTensor 3
_INDEXING = [
    vars(subtensor)[name]
    for name in ("Subtensor", "AdvancedSubtensor", "AdvancedSubtensor1")
    if name in vars(subtensor)
]

KINDS = {
    DimShuffle: always("structural"),
    **{cls: always("structural") for cls in _INDEXING},
    Reshape: always("structural"),
    SpecifyShape: always("structural"),
    Alloc: always("structural"),
    Shape: always("shape"),
    Shape_i: always("shape"),
    Sum: always("sum"),
    special.Softmax: always("softmax"),
    Max: always("largest"),
    Argmax: always("argmax"),
    Dot: always("matmul"),
    Join: always("join"),
    MakeVector: always("stack"),
    All: always("all"),
    Any: always("any"),
    SortOp: always("sort"),
    ExtractDiag: always("diagonal"),
    CheckAndRaise: always("check"),
    ScalarFromTensor: always("cast"),
    TensorFromScalar: always("cast"),
    pt.extra_ops.CumOp: _kind_of_cumulation,
    Blockwise: _kind_of_blockwise,
    Elemwise: _kind_of_elemwise,
    **({special.LogSumExp: always("log_sum_exp")} if hasattr(special, "LogSumExp") else {}),
    **({} if _EIGH is Blockwise else {_EIGH: always("eigh")}),
}


def blank(shape, pattern):
    """Return zeros of the given shape (an integer vector), broadcastable where `pattern` says."""
    if isinstance(shape, pt.TensorConstant):
        return pt.constant(np.zeros(tuple(shape.data)))
    zeros = pt.alloc(np.float64(0.0), *(shape[i] for i in range(len(pattern))))
    return pt.specify_shape(zeros, [1 if b else None for b in pattern]) if any(pattern) else zeros


def value_of(variable):
    """Return the value of a variable as an array, with shared variables as they are now; None when inputs are missing."""
    if isinstance(variable, pt.TensorConstant):
        view = np.asarray(variable.data).view()
        view.flags.writeable = False  # it is the constant's own
        return view
    try:
        return np.asarray(pytensor.function([], variable, mode=_AS_IT_STANDS)())
    except MissingInputError:
        return None


_AS_IT_STANDS = Mode(linker="py", optimizer=None)


def aligned_basis(matrix):
    """Return an orthonormal basis of the columns whose first rows are a symmetric, positive semidefinite matrix."""
    basis = pt.linalg.qr(matrix, mode="reduced")[0]
    left, _, right = pt.linalg.svd(basis[: matrix.shape[1]])
    return pt.dot(basis, pt.dot(left, right).T)


def of_full_rank(matrix):
    """Return a matrix, and refuse to compute it where its columns are not linearly independent."""
    return Assert(LOST_RANK)(matrix, has_full_rank(pt, pt.linalg.svd, matrix))


def triangular_factor(matrix):
    """Return the upper triangular factor of the thin QR decomposition."""
    return pt.linalg.qr(matrix, mode="reduced")[1]


def static_shape(variable):
    """Return the shape as far as the type tells."""
    return variable.type.shape


_OWN = (
    dot, transpose, inverse, cholesky, blank, of_full_rank, triangular_factor, aligned_basis, least, wright_omega, log_i0,
    i1_over_i0, log_erfc_gap,
)  # fmt: skip


def _scan(step, sequences, initial):
    """Return the outputs of a loop; none of them has updates."""
    keywords = {"return_updates": False} if "return_updates" in signature(pytensor.scan).parameters else {}
    result = pytensor.scan(step, sequences=sequences, outputs_info=initial, return_list=True, **keywords)
    return result if keywords else result[0]


def _thin_svd(matrix):
    return pt.linalg.svd(matrix, full_matrices=False)


FUNCTIONS = (
    tensor_functions(pt)
    | block_functions(pt, _thin_svd, pt.linalg.eigh, pt.linalg.solve)
    | algorithm_functions(pt, NumpyOp)
    | markov_functions(pt, _scan)
    | chain_functions(pt, _scan)
    | stirling_functions(pt)
    | {f.__name__: f for f in _OWN}
)

ops = Vocabulary(
    BACKEND,
    OPERATORS,
    FUNCTIONS,
    DISTRIBUTIONS,
    KINDS,
    static_shape,
    elementwise=(Elemwise,),
    indexing=tuple(cls for cls in _INDEXING if cls is not subtensor.Subtensor),
    # since PyTensor 3 the axis is no argument
    value_of=value_of,
    float_type=lambda: pytensor.config.floatX,
    joined_from=len(pt.concatenate([pt.dvector(), pt.dvector()]).owner.inputs) - 2,
    compound=(SymbolicRandomVariable,),
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
