"""Sets that conditions describe, and functions that are defined on one side of a cone."""

from symbolic_pymc.proximal.cores import Core
from symbolic_pymc.proximal.inner import Inner, inner_of
from symbolic_pymc.proximal.leaves import bare, root_of_square, squared_lengths
from symbolic_pymc.proximal.spectrumrules import definite
from symbolic_pymc.proximal.summands import summands
from symbolic_pymc.proximal.trials import tried
from symbolic_pymc.vocabulary import is_transposition


def _at_most(r, a, b):
    for rule in (_l1_ball, _cone, _largest_at_most):
        if rule(r, a, b):
            return True
    ops = r.ops
    if squared_lengths(ops, bare(ops, a)) and not r.depends(b):
        a, b = ops.sqrt(a), ops.sqrt(b)
    elif r.depends(a) and r.depends(b):
        a, b = ops.sub(a, b), ops.constant(0.0)
    r.by_elements(ops.switch(ops.le(a, b), ops.constant(0.0), ops.constant(float("inf"))))
    return True


def _largest_at_most(r, a, b):
    """What is larger than all elements is larger than each of them."""
    whole = bare(r.ops, a)
    if r.ops.kind_of(whole) != "largest" or whole.info.index != 0 or r.ops.ndim(whole) or r.depends(b):
        return False
    return _at_most(r, whole.rands[0], b)


def _l1_ball(r, a, b):
    whole = bare(r.ops, a)
    if r.ops.kind_of(whole) != "sum" or r.depends(b) or r.ops.kind_of(whole.rands[0]) != "abs":
        return False
    inner = inner_of(r.ops, whole.rands[0].rands[0], r.x)
    r.cores.append(Core("l1 ball", inner, r.ops.axes_of(whole), parameters={"radius": b}))
    return True


def _cone(r, a, b):
    r""":math:`\lVert x_{-i} \rVert \le x_i` with `i` the first or the last element."""
    if r.n.is_zero(a) and r.ops.kind_of(b) == "sub":
        b, a = b.rands
    elif r.n.is_zero(b) and r.ops.kind_of(a) == "sub":
        a, b = a.rands
    if r.ops.kind_of(a) not in ("sqrt", "pow") or not (r.depends(a) and r.depends(b)):
        return False
    found = squared_lengths(r.ops, bare(r.ops, a.rands[0]))
    place = found and _apart(r, found[0], b)
    if place is None:
        return False
    r.cores.append(Core("cone", Inner("all", r.x), (0,), parameters={"place": place}))
    return True


def _apart(r, others, element):
    """Return 0 or -1 where one term is the first or the last element, and another all others, up to signs."""
    pairs = [tried(r.ops, part, r.x) for part in (others, element)]
    if r.ops.ndim(r.x) != 1 or None in pairs:
        return None
    for place, rest in ((0, slice(1, None)), (-1, slice(None, -1))):
        fits = all((x[rest].shape == v.shape and (abs(x[rest]) == abs(v)).all()) for x, v in pairs[0])
        if fits and all(v.size == 1 and v.ravel()[0] == x[place] for x, v in pairs[1]):
            return place
    return None


def of_quotient(r, factor, over, under):
    r""":math:`g \lVert y \rVert^2 / \xi` of the vector :math:`(\xi, y)`."""
    if not (r.depends(over) and r.depends(under)) or r.ops.ndim(factor):
        return False
    parts = summands(r.ops, over, (r.x,))
    others = root_of_square(r.ops, parts[0].expr) if len(parts) == 1 and r.ops.ndim(over) == 0 else None
    if others is None or _apart(r, others, under) != 0:
        return False
    r.cores.append(Core("perspective", Inner("all", r.x), (0,), r.n.mul(factor, parts[0].factor)))
    return True


def _equal(r, a, b):
    ops = r.ops
    if a is r.x and ops.kind_of(b) in ("structural", "transpose") and b.rands[0] is a and is_transposition(b):
        return True  # symmetric matrices
    if not r.depends(a):
        a, b = b, a
    if _fixed_sums(r, a, b):
        return True
    difference = ops.sub(a, b)
    inner = inner_of(ops, difference, r.x)
    if inner.kind not in ("map", "affine"):
        return False
    offset = r.n.zero if inner.offset is None else ops.column(inner.offset, difference)
    parameters = {"matrix": inner.places, "offset": offset}
    r.cores.append(Core("affine set", Inner("all", r.x), parameters=parameters))
    return True


def _fixed_sums(r, a, b):
    """Sums of all elements, or along some axes, that are given."""
    whole = bare(r.ops, a)
    is_sum = r.ops.kind_of(whole) == "sum" and whole.rands[0] is r.x
    if not is_sum or r.depends(b) or r.ops.ndim(b) > r.ops.ndim(whole):
        return False
    r.cores.append(Core("fixed sum", Inner("all", r.x), r.ops.axes_of(whole), r.n.add(b, r.n.zero)))
    return True


RESTRICTIONS = {"le": _at_most, "eq": _equal, "definite": definite}
