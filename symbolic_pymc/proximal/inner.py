r"""What a function is taken of: an affine map with orthogonal rows, or the spectrum, of an unknown array.

.. math::

    L L^\top = c I \implies
    \operatorname{prox}_{\gamma\,\phi(L \cdot + b)}(z)
        = z + \tfrac{1}{c} L^\top \bigl(\operatorname{prox}_{c \gamma \phi}(L z + b) - L z - b\bigr)

.. math::

    \phi \text{ symmetric} \implies
    \operatorname{prox}_{\gamma\,\phi(\sigma(\cdot))}(U \operatorname{diag}(s) V^\top)
        = U \operatorname{diag}\bigl(\operatorname{prox}_{\gamma\phi}(s)\bigr) V^\top
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from symbolic_pymc.proximal.combinations import Numbers, Unknown
from symbolic_pymc.proximal.trials import constant_matrix, fixed_places
from symbolic_pymc.relations.affine import NotAffine, Pick, affine, dense
from symbolic_pymc.parts import substitute

CLOSE = 1e-10


@dataclass(frozen=True)
class Inner:
    """A map of an unknown array.

    Parameters
    ----------
    kind : str
        "all": a number times each element; "some": times some of the elements; "map": of a matrix with orthogonal
        rows of one length; "affine": of any matrix; "singular" or "eigen": the values of a matrix.
    expr : term
    factor : term or None
        The number; of a matrix its rows' squared length. None for one.
    offset : term or None
    places : term or array or None
        The positions of the elements, a term where they depend on the size of the unknown; or the matrix.
    """

    kind: str
    expr: Any
    factor: Any = None
    offset: Any = None
    places: Any = None


def inner_of(ops, expr, argument):
    """Return what an expression is of an argument.

    Raises
    ------
    Unknown
        With the reason in words.
    """
    if expr is argument:
        return Inner("all", expr)
    values = spectrum(ops, expr, argument)
    if values:
        return Inner(values, expr)
    try:
        form = affine(ops, expr, argument)
    except NotAffine as reason:
        raise Unknown(f"a function of what is not affine: {reason}") from None
    rule = _of_pick if isinstance(form.link, Pick) else _of_matrix
    return rule(ops, Numbers(ops), form, expr, argument)


def spectrum(ops, expr, argument):
    """Return "singular" or "eigen" for the values of the argument, else None."""
    kind = ops.kind_of(expr)
    if kind not in ("svd", "eigh") or expr.rands[0] is not argument:
        return None
    outputs = {"svd": 1 if getattr(_core(expr), "compute_uv", True) else 0, "eigh": 0}
    return {"svd": "singular", "eigh": "eigen"}[kind] if expr.info.index == outputs[kind] else None


def _core(expr):
    op = expr.rator.op
    return getattr(op, "core_op", op)


def _of_pick(ops, n, form, expr, argument):
    scale = n.one if form.link.scale is None else n.add(form.link.scale, n.zero)
    if form.link.positions is None:
        return _scaled(ops, n, form, expr, argument, scale)
    places = fixed_places(ops, form.link.positions, argument)
    if ops.ndim(scale) or (places is not None and len(np.unique(places)) < places.size):
        return _of_matrix(ops, n, form, expr, argument)
    places = form.link.positions if places is None else places
    return Inner("some", expr, _unless_one(n, scale), form.offset, places)


def _unless_one(n, scale):
    return None if n.is_zero(n.sub(scale, n.one)) else scale


def _scaled(ops, n, form, expr, argument, scale):
    if ops.ndim(expr) != ops.ndim(argument) or ops.is_stretched(argument, expr):
        raise Unknown("a function of an unknown that is repeated")
    if ops.ndim(scale):
        return _of_matrix(ops, n, form, expr, argument)
    return Inner("all", expr, _unless_one(n, scale), form.offset)


def _of_matrix(ops, n, form, expr, argument):
    matrix = dense(ops, form.link, expr, argument)
    if ops.ndim(expr) == 0:
        return Inner("map", expr, ops.total(ops.sqr(matrix)), form.offset, matrix)
    value = constant_matrix(ops, matrix, argument)
    if value is not None and value.size:
        products = value @ value.T
        c = products[0, 0]
        if c > 0 and np.max(np.abs(products - c * np.eye(len(products)))) <= CLOSE * c:
            return Inner("map", expr, n(c), form.offset, matrix)
    return Inner("affine", expr, None, form.offset, matrix)


def at(inner, argument, z):
    """Return the map at `z`."""
    return substitute(inner.expr, {argument: z})


def through(ops, inner, argument, z, step, prox):
    """Return the proximal operator of a function of a map; ``prox(u, step)`` is that of the function itself."""
    n = Numbers(ops)
    if inner.kind in ("singular", "eigen"):
        values, back = _SPECTRA[inner.kind](ops)
        return back(z, prox(values(z), step))
    if inner.kind == "all" and inner.factor is None and inner.offset is None:
        return prox(z, step)
    u = at(inner, argument, z)
    factor = n.one if inner.factor is None else inner.factor
    length = factor if inner.kind == "map" else n.mul(factor, factor)
    found = prox(u, n.mul(length, step))
    if inner.kind == "map":
        return ops.add(z, ops.combined(inner.places, ops.true_div(ops.sub(found, u), length), z))
    moved = found if inner.offset is None else ops.sub(found, inner.offset)
    moved = moved if n.is_zero(n.sub(factor, n.one)) else ops.true_div(moved, factor)
    return moved if inner.kind == "all" else ops.put(z, positions(ops, inner), moved)


def positions(ops, inner):
    """Return the positions of the elements that a map picks, as a term."""
    return ops.constant(inner.places) if isinstance(inner.places, np.ndarray) else inner.places


def held_through(ops, inner, argument, x, held):
    """Return where a function of a map is not smooth; ``held(u)`` is where the function itself is not."""
    if inner.kind in ("singular", "eigen"):
        values, _ = _SPECTRA[inner.kind](ops)
        return ops.everywhere(ops.any_of(held(values(x))), x)
    found = held(at(inner, argument, x))
    if inner.kind == "all":
        return found
    if inner.kind == "some":
        zeros = ops.mul(ops.constant(0.0), x)
        return ops.gt(ops.put(zeros, positions(ops, inner), ops.as_number(found)), ops.constant(0.0))
    sizes = ops.abs(inner.places)
    return ops.gt(ops.combined(sizes, ops.as_number(found), x), ops.constant(0.0))


_SPECTRA = {
    "singular": lambda ops: (ops.singular_values, ops.with_singular_values),
    "eigen": lambda ops: (ops.eigenvalues, ops.with_eigenvalues),
}


def in_place_of(inner, argument, z):
    """Return a map with what it takes from the shape of the argument taken from that of `z`."""

    def moved(x):
        return x if x is None or isinstance(x, np.ndarray) else substitute(x, {argument: z})

    return replace(inner, factor=moved(inner.factor), offset=moved(inner.offset), places=moved(inner.places))


def is_plain(inner):
    """Tell whether a map only picks elements."""
    return inner.kind in ("all", "some") and inner.factor is None and inner.offset is None
