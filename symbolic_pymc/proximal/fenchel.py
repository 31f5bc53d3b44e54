r"""An objective as convex functions of affine arguments, whose conjugates are known, with numbers for everything.

.. math::

    F(x) = \sum_j h_j(a_j), \qquad a_j = K_j x + c_j
"""

import numpy as np

from symbolic_pymc.meta import metatize, reify_many
from symbolic_pymc.parts import substitute
from symbolic_pymc.proximal.compiled import Layout, rounded_term, total_of
from symbolic_pymc.proximal.dualsummands import summands_of
from symbolic_pymc.proximal.objective import constant_of
from symbolic_pymc.proximal.readings import is_smooth

FAR = 1e150


class Functions:
    """Some functions compiled, each of one array: of its argument, or of a slope of it.

    Parameters
    ----------
    adapter : Adapter
    summands : list of Summand
    point : dict of record to Constant
        What stands for the unknowns in their coefficients.
    arguments : list of arrays
    """

    def __init__(self, adapter, summands, point, arguments):
        ops, self.adapter, self.point, self.arguments = adapter.ops, adapter, point, arguments
        inputs = [s.argument.reify().type("a") for s in summands]
        self.witnesses = [s.witness() for s in summands]
        known = [metatize(a) for a in inputs]
        arrays = [s.value(ops, a) for s, a in zip(summands, known)]
        values = [total_of(adapter, found) for found in arrays]
        conjugates = [s.conjugate(ops, metatize(u)).reify().sum() for s, u in zip(summands, self.witnesses)]
        pairings = [(u * a).sum() for u, a in zip(self.witnesses, inputs)]
        excess = [v + c - p for v, c, p in zip(values, conjugates, pairings)]
        self._values = self._compiled(inputs, values)
        self._excess = self._compiled([*inputs, *self.witnesses], excess)
        self._slopes = self._compiled(inputs, [s.slope(adapter, a) for s, a in zip(summands, known)])
        self._covered = self._compiled(inputs, [s.covered(ops, a).reify() for s, a in zip(summands, known)])
        shaped = [found[0] if s.is_of_elements else a for s, a, found in zip(summands, known, arrays)]
        elements = self._compiled(inputs, list(reify_many(tuple(shaped))))(*arguments)
        zeros = [np.zeros(np.shape(e), u.dtype) for e, u in zip(elements, self.witnesses)]
        self.layout = Layout(dict(enumerate(zeros)))
        self.is_smooth = self.joined([s.is_of_elements and is_smooth(ops, s.function) for s in summands]) > 0
        self.of_elements = [s.is_of_elements for s in summands]
        self.is_whole = self.joined([not known for known in self.of_elements]) > 0

    def _compiled(self, inputs, outputs):
        fixed = [substitute(metatize(x), self.point).reify() for x in outputs]
        return self.adapter.compile(inputs, fixed) if fixed else lambda *arrays: []

    def joined(self, arrays):
        """Return arrays, one for each function, as one vector."""
        shapes = self.layout.shapes.values()
        return self.layout.joined([np.broadcast_to(x, shape) for x, shape in zip(arrays, shapes)])

    def value(self):
        return float(sum(self._values(*self.arguments)))

    def excess(self, u):
        r"""Return :math:`\sum_j h_j(a_j) + h_j^*(u_j) - \langle u_j, a_j \rangle`, infinite where it is not known."""
        found = float(sum(self._excess(*self.arguments, *self.layout.values(u).values())))
        return np.inf if np.isnan(found) else found

    def slopes(self, shift=0.0):
        """Return the slopes, with all arguments moved by `shift`, relative to the largest of them, unless that is far."""
        steps = [shift * max(1.0, np.max(np.abs(a), initial=0.0)) for a in self.arguments]
        kept = [abs(shift) >= FAR and not known for known in self.of_elements]
        moved = [a if stays else (a + s).astype(a.dtype) for a, s, stays in zip(self.arguments, steps, kept)]
        return self.joined(self._slopes(*moved))

    def ends(self):
        """Return the least and the largest slope that there may be; those of whole arrays are not known."""
        low, high = self.slopes(-FAR), self.slopes(FAR)
        low = np.where(self.is_whole | np.isnan(low), -np.inf, low)
        return low, np.where(self.is_whole | np.isnan(high), np.inf, high)

    def covered(self):
        return self.joined(self._covered(*self.arguments)) > 0


class Fenchel:
    """The functions of a split objective at a point, and the linear maps from the unknowns to their arguments.

    `others` are those of another affine argument than an unknown itself, whose slopes are the multipliers; `own` are
    the functions of the unknowns in `named`.  Unknowns and multipliers are one vector each.
    """

    def __init__(self, split, values):
        adapter, inputs = split.objective.adapter, split.objective.inputs
        bases = list(reify_many(tuple(inputs.values())))
        arrays = {name: np.asarray(values[name], dtype=base.dtype) for name, base in zip(inputs, bases)}
        point = {record: constant_of(record, arrays[name]) for name, record in inputs.items()}
        others, own = summands_of(split)
        self.named = [name for name in inputs if name in own]
        self.layout = Layout(arrays)
        self.x = self.layout.vector(arrays)
        images = list(reify_many(tuple(s.argument for s in others)))
        self._images = adapter.compile(bases, images) if images else lambda *x: []
        self.others = Functions(adapter, others, point, self._images(*arrays.values()))
        known = [own[name] for name in self.named]
        self.own = Functions(adapter, known, point, [arrays[name] for name in self.named])
        witnesses = self.others.witnesses
        pairing = adapter.zero()
        for u, a in zip(witnesses, images):
            pairing = pairing + (u * a).sum()
        self._pull = adapter.compile([*bases, *witnesses], adapter.gradient(pairing, bases))
        penalties = [part for parts in split.penalties.values() for part in parts]
        terms = [rounded_term(split, part) for part in (*split.smooth, *split.composites, *penalties)]
        (self.objective,) = adapter.compile(bases, [total_of(adapter, terms)])(*arrays.values())

    def is_exact(self):
        """Tell whether the functions add up to the objective: whether each is what it was taken for, of elements."""
        return bool(np.isclose(self.others.value() + self.own.value(), self.objective, rtol=1e-9, atol=1e-9))

    def images(self, x):
        """Return the arguments of the others at a vector of unknowns."""
        return self.others.joined(self._images(*self.layout.values(x).values()))

    def pull(self, u):
        r"""Return :math:`\sum_j K_j^\top u_j`."""
        at = self.layout.values(self.x).values()
        return self.layout.joined(self._pull(*at, *self.others.layout.values(u).values()))

    def spread(self, own):
        """Return a vector over the functions of unknowns themselves as one over the unknowns."""
        found = dict(zip(self.named, self.own.layout.values(own).values()))
        return self.layout.vector({n: found.get(n, np.zeros(s)) for n, s in self.layout.shapes.items()})

    def picked(self, x):
        """Return of a vector over the unknowns what is of those with functions of their own."""
        values = self.layout.values(x)
        return self.own.joined([values[name] for name in self.named])

    def domain(self):
        """Return the ends of all slopes of the functions of unknowns: zero, where there is none of an element."""
        low, high = self.own.ends()
        covered = self.own.covered()
        return self.spread(np.where(covered, low, 0.0)), self.spread(np.where(covered, high, 0.0))

    def excesses(self, u):
        """Return what multipliers, scaled, say of the others and of the functions of unknowns: functions of the scale."""
        pulls = self.picked(-self.pull(u))
        return [lambda s: self.others.excess(s * u), lambda s: self.own.excess(s * pulls)]
