"""A split objective with simple functions of linear maps, as functions of vectors."""

from dataclasses import replace

import numpy as np
from scipy import sparse

from symbolic_pymc.meta import metatize, reify_many
from symbolic_pymc.proximal.admm import Composite
from symbolic_pymc.proximal.combinations import Unknown
from symbolic_pymc.proximal.compiled import Compiled, Layout, knots_of, operator_of, problem_of, total_of
from symbolic_pymc.walk import substitute

DENSITY = 0.1  # of the elements that are not zero, below which a matrix is kept sparse


def composite_of(split, layout):
    """Return the `Composite` of a `Split` objective: what has a proximal operator is met by that, smooth or not."""
    adapter, inputs = split.objective.adapter, split.objective.inputs
    simple = [(inputs[n], f, [p.term for p in split.penalties[n]]) for n, f in split.functions.items()]
    simple += [(p.argument, p.function, [p.term]) for p in split.composites]
    blocks, rest = [_Block(adapter, *one) for one in simple], []
    for part in split.smooth:
        try:
            blocks.append(_Block(adapter, part.argument, part.function, [part.term]))
        except Unknown:
            rest.append(part)
    bases = dict(zip(inputs, reify_many(tuple(inputs.values()))))
    maps = Compiled(adapter, layout, [bases[n] for n in layout.shapes], list(reify_many([b.argument for b in blocks])))
    zero = np.zeros(sum(np.prod(shape, dtype=int) for shape in layout.shapes.values()))
    images = Layout({i: part for i, part in enumerate(maps(zero))})
    offset = images.joined(maps(zero))
    columns = (images.joined(maps(unit)) - offset for unit in _units(len(zero)))
    smooth = replace(split, smooth=tuple(rest), penalties={}, functions={}, composites=())

    def each(method):
        """Return the function of vectors that does for every block with its part what `method` does."""

        def function(*vectors):
            parts = zip(*(images.values(v).values() for v in vectors))
            return images.joined([method(block, *part) for block, part in zip(blocks, parts)])

        return function

    def prox(z, step):
        return images.joined([block.prox(part, step)[0] for block, part in zip(blocks, images.values(z).values())])

    def cost(y):
        return float(sum(block.cost(part)[0] for block, part in zip(blocks, images.values(y).values())))

    return Composite(
        _matrix(columns, len(offset), len(zero)),
        offset,
        prox,
        cost,
        lambda y: each(_Block.held)(y) > 0,
        lambda y, new: bool(np.any(each(_Block.crossed)(y, new))),
        each(lambda block, y: block.slope(y)[0]),
        each(lambda block, y, v: block.bend(y, v)[0]),
        problem_of(smooth, layout) if rest else None,
        problem_of(replace(split, smooth=(), composites=()), layout).fixed,
    )


class _Block:
    """A simple function of one affine expression.

    Raises
    ------
    Unknown
        For a function whose proximal operator is not known.
    """

    def __init__(self, adapter, argument, function, terms):
        if function is None:
            raise Unknown("a function of no single affine expression")
        (base,) = reify_many((argument,))
        self.argument = argument
        self.prox = operator_of(adapter, function, base)
        self.knots = knots_of(adapter, function, base)
        z, v = base.type("z"), base.type("v")
        total = total_of(adapter, [substitute(term, {argument: metatize(z)}) for term in terms])
        (slope,) = adapter.gradient(total, [z])
        (bend,) = adapter.gradient((slope * v).sum(), [z])
        self.cost = adapter.compile([z], [total])
        self.slope = adapter.compile([z], [slope])
        self.bend = adapter.compile([z, v], [bend])

    def held(self, y):
        """Tell for every element whether it stands at a knot."""
        return np.any([y == k for k in self.knots(y)], axis=0) if self.knots(y) else np.zeros(np.shape(y), bool)

    def crossed(self, y, new):
        """Tell for every element whether a knot lies between two values."""
        return np.any([(y < k) != (new < k) for k in self.knots(y)], axis=0) if self.knots(y) else np.zeros(np.shape(y), bool)


def _units(n):
    for i in range(n):
        unit = np.zeros(n)
        unit[i] = 1.0
        yield unit


def _matrix(columns, m, p):
    """Return the matrix of some columns, sparse where nearly all of it is zero."""
    columns = [(np.flatnonzero(c), c[np.flatnonzero(c)]) for c in columns]
    rows = np.concatenate([i for i, _ in columns]) if columns else np.zeros(0, int)
    places = np.repeat(np.arange(p), [len(i) for i, _ in columns])
    values = np.concatenate([v for _, v in columns]) if columns else np.zeros(0)
    matrix = sparse.csr_array((values, (rows, places)), shape=(m, p))
    return matrix if len(values) < DENSITY * m * p else matrix.toarray()
