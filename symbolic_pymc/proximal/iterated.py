r"""Proximal operators of convex functions of one number that have no other form: Newton's method, kept in a bracket.

For a convex :math:`\phi` and any place `x` of its domain the operator is no farther away than
:math:`|x - z + \gamma\,\phi'(x)|`, and lies on the side to which that points.
"""

from importlib import import_module

import numpy as np

from symbolic_pymc.meta import metatize, reify_many
from symbolic_pymc.records import Constant, Term
from symbolic_pymc.proximal.combinations import Unknown
from symbolic_pymc.proximal.curvature import shapes
from symbolic_pymc.proximal.shapes import CONVEX
from symbolic_pymc.proximal.summands import dependents, valued
from symbolic_pymc.parts import graph_parts

STEPS = 200
STARTS = np.concatenate([[0.0], *(sign * np.logspace(-6, 6, 25) for sign in (1.0, -1.0))])


def is_elementwise(ops, phi, beta):
    """Tell whether every element of a term is computed from the element of an input at the same place."""
    depends = dependents(ops, phi, (beta,))
    terms = [x for x in depends if isinstance(x, Term)]
    if ops.is_stretched(beta, phi) or any(not _is_numeric(ops, x) for x in terms):
        return False
    return not any(ops.is_stretched(r, x) for x in terms for r in valued(ops, x) if r in depends)


def _is_numeric(ops, x):
    return ops.is_elementwise(x) or ops.kind_of(x) in ("check", "cast", "deterministic")


def iterated_prox(ops, phi, beta, z, step):
    """Return the proximal operator of a convex term as a term that iterates.

    Raises
    ------
    Unknown
        For a term that is not known to be convex, or not computed element by element.
    """
    free = [x for x in graph_parts(phi) if not isinstance(x, (Term, Constant)) and x is not beta]
    if any(ops.value_of(x) is None for x in free):
        raise Unknown("it depends on another input")
    if not is_elementwise(ops, phi, beta):
        raise Unknown("it is not computed element by element")
    if shapes(ops, phi, (beta,))[phi].curvature != CONVEX:
        raise Unknown("it is not known to be convex")
    return operator(ops, phi, beta, z, step)


def operator(ops, phi, beta, z, step):
    """Return the operator of a term that is known to be convex, and computed element by element."""
    root = Root(ops, phi, beta)
    op = import_module(f"{ops.backend.name}.numpyop").NumpyOp(root)
    return metatize(op(*reify_many((z, step))))


class Root:
    """The function that finds the operator: ``root(z, step)`` returns the places."""

    def __init__(self, ops, phi, beta):
        self.adapter = import_module(f"{ops.backend.name}.adapter").ADAPTER
        self.phi, self.beta = reify_many((phi, beta))
        self.function = None

    def slopes(self, x):
        """Return the first and second derivatives at `x`, of the shape of the input; nan outside of the domain."""
        if self.function is None:
            (slope,) = self.adapter.gradient(self.phi.sum(), [self.beta])
            (bend,) = self.adapter.gradient(slope.sum(), [self.beta])
            self.function = self.adapter.compile([self.beta], [self.phi, slope, bend])
        value, slope, bend = self.function(np.asarray(x, dtype=self.beta.dtype))
        return np.where(np.isfinite(value), slope, np.nan), bend

    def __call__(self, z, step):
        z, step = (np.array(v, dtype=float) for v in np.broadcast_arrays(z, step))
        with np.errstate(all="ignore"):
            return self._root(z, step)

    def _root(self, z, step):
        x = self._start(z)
        if not np.all(np.isfinite(x)):
            return np.where(np.isfinite(x), x, np.nan)
        low, high = np.full(z.shape, -np.inf), np.full(z.shape, np.inf)
        safe = x
        for _ in range(STEPS):
            slope, bend = self.slopes(x)
            pull = x - z + step * slope
            known = np.isfinite(pull)
            low = np.where(known & (pull < 0) | ~known & (x < safe), x, low)
            high = np.where(known & (pull > 0) | ~known & (x > safe), x, high)
            low, high = (
                np.maximum(low, _beyond(safe, known, pull, x, -1)),
                np.minimum(high, _beyond(safe, known, pull, x, 1)),
            )
            safe = np.where(known, x, safe)
            new = x - pull / (1.0 + step * bend)
            inside = np.isfinite(new) & (new > low) & (new < high)
            new = np.where(inside, new, 0.5 * (low + high))
            new = np.where(known & (pull == 0), x, new)
            if np.all(np.abs(new - x) <= 2e-16 * np.abs(x)):
                return new
            x = new
        return x

    def _start(self, z):
        """Return a place inside of the domain for every element: its own `z`, where that is."""
        x = z
        for start in STARTS:
            slope, _ = self.slopes(x)
            known = np.isfinite(slope)
            if np.all(known):
                return x
            x = np.where(known, x, z + start)
            if start == 0.0:
                continue
            slope, _ = self.slopes(x)
            x = np.where(np.isfinite(slope), x, start)
        slope, _ = self.slopes(x)
        return np.where(np.isfinite(slope), x, np.nan)


def _beyond(safe, known, pull, x, side):
    """Return the bound that the pull at a place inside of the domain sets on one side."""
    bound = x - np.abs(pull) if side < 0 else x + np.abs(pull)
    return np.where(known, bound, -np.inf if side < 0 else np.inf)
