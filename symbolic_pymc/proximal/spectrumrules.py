"""Functions of singular values and of eigenvalues, of determinants and traces, read from a leaf of a term.

Matrices of which eigenvalues or determinants are taken are symmetric.
"""

from symbolic_pymc.proximal.combinations import SQUARE
from symbolic_pymc.proximal.cores import Core
from symbolic_pymc.proximal.inner import Inner, spectrum
from symbolic_pymc.relations.affine import is_what_it_is_taken_for
from symbolic_pymc.parts import substitute


def _of_spectrum(r, term, leaf, inside):
    r"""A function of the singular values, or of the eigenvalues."""
    kind = spectrum(r.ops, inside, r.x)
    if kind is None or inside is not leaf:
        return False
    y = _values(r, kind)
    even = r.ops.abs(y) if kind == "singular" else y
    r.add(y, Core("pieces", Inner(kind, y)), substitute(term, {leaf: even}))
    return True


def _values(r, kind):
    return r.ops.singular_values(r.x) if kind == "singular" else r.ops.eigenvalues(r.x)


def _of_determinant(r, term, leaf, inside):
    r""":math:`\log \det X = \sum_i \log \lambda_i`, and half of it of a triangular factor's diagonal."""
    ops, whole = r.ops, inside.rands[0]
    half = ops.kind_of(inside) == "diagonal"
    if half and ops.kind_of(whole) != "cholesky":
        return False
    weight = r.slope_in(term, leaf, "log")
    if (whole.rands[0] if half else whole) is not r.x or weight is None or ops.ndim(weight):
        return False
    y = _values(r, "eigen")
    weight = r.n.mul(weight, r.n(0.5 if half else 1.0))
    r.add(y, Core("pieces", Inner("eigen", y)), ops.mul(weight, ops.log(y)))
    return True


def _of_trace(r, term, leaf, inside):
    r""":math:`\operatorname{tr}(A X)`"""
    ops, product = r.ops, inside.rands[0]
    weight = r.slope_in(term, leaf)
    if weight is None or ops.kind_of(product) not in ("dot", "matmul") or ops.ndim(weight):
        return False
    left, right = product.rands
    other = right if left is r.x else left if right is r.x else None
    if other is None or r.depends(other):
        return False
    r.tilts.append(ops.mul(weight, ops.transpose(other)))
    return True


def _of_whitened(r, term, leaf, inside):
    r""":math:`\lVert L^{-1} C \rVert^2 = \operatorname{tr}\bigl((L L^\top)^{-1} X\bigr), \; X = C C^\top`"""
    ops, (matrix, factor) = r.ops, inside.rands
    weight = r.slope_in(term, leaf, SQUARE)
    if ops.kind_of(factor) != "cholesky" or factor.rands[0] is not r.x or weight is None or ops.ndim(weight):
        return False
    if r.depends(matrix) or not is_what_it_is_taken_for(ops, inside.rator.op, matrix):
        return False
    r.tilts.append(ops.mul(weight, ops.inverse(ops.dot(matrix, ops.transpose(matrix)))))
    return True


def definite(r, a, b):
    if a is not r.x:
        return False
    y, ops = _values(r, "eigen"), r.ops
    term = ops.switch(ops.ge(y, ops.constant(0.0)), ops.constant(0.0), ops.constant(float("inf")))
    r.add(y, Core("pieces", Inner("eigen", y)), term)
    return True


SPECTRUM_RULES = {
    "svd": [_of_spectrum],
    "eigh": [_of_spectrum],
    "determinant": [_of_determinant],
    "diagonal": [_of_determinant, _of_trace],
    "solve": [_of_whitened],
}
