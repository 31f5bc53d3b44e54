"""Relations of linear models, bound to the vocabulary of Theano."""

from functools import partial

from symbolic_pymc.relations import designs, linalg
from symbolic_pymc.theano.vocabulary import ops

normal_normal_regression = partial(linalg.normal_normal_regression, ops)
normal_qr_transform = partial(linalg.normal_qr_transform, ops)
coefficient_qro = partial(linalg.coefficient_qro, ops)
intercept_centredo = partial(designs.intercept_centredo, ops)
coefficient_scaledo = partial(designs.coefficient_scaledo, ops)
