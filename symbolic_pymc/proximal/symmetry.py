"""Which matrices are symmetric, whatever the unknowns."""

from symbolic_pymc.records import Term
from symbolic_pymc.vocabulary import is_transposition

SYMMETRIC_LAWS = ("wishart", "inversewishart")


def symmetric_unknowns(objective):
    """Return the inputs of an objective that stand for symmetric matrices."""
    ops, inputs = objective.adapter.ops, objective.inputs
    return {inputs[x.name] for x in objective.draws if x.name in inputs and ops.distribution_of(x) in SYMMETRIC_LAWS}


def symmetric_part(ops, x):
    """Return the term for the symmetric matrix that is next to a matrix."""
    return ops.mul(ops.constant(0.5), ops.add(x, ops.transpose(x)))


def is_symmetric(ops, x, known):
    """Tell whether a matrix is one that is `known` to be symmetric, or a multiple of ``X + X.T``."""
    if x in known:
        return True
    kind, parts = ops.kind_of(x), x.rands if isinstance(x, Term) else ()
    if kind == "add" and len(parts) == 2:
        pairs = [(a, b) for a, b in (parts, parts[::-1]) if isinstance(a, Term) and hasattr(a.rator, "op")]
        return any(is_transposition(a) and a.rands[0] == b for a, b in pairs)
    if kind in ("mul", "true_div", "cast", "deterministic"):
        arrays = [p for p in parts if not all(ops.pattern(p))]
        return len(arrays) == 1 and is_symmetric(ops, arrays[0], known)
    return False
