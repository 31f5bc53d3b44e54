"""A split objective with simple functions of linear maps, as functions of vectors."""

from dataclasses import replace

import numpy as np
from scipy import sparse

from symbolic_pymc.errors import NotDifferentiable
from symbolic_pymc.meta import metatize, reify_many
from symbolic_pymc.proximal.admm import Composite
from symbolic_pymc.proximal.combinations import Unknown
from symbolic_pymc.proximal.compiled import Compiled, Layout, problem_of, total_of
from symbolic_pymc.proximal.simple import Simple
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

    has_slopes = all(block.slope is not None for block in blocks)

    def each(method):
        """Return the function of vectors that does for every block with its part what `method` does."""

        def function(*vectors):
            parts = zip(*(images.values(v).values() for v in vectors))
            return images.joined([method(block, *part) for block, part in zip(blocks, parts)])

        return function

    own = {record: name for name, record in inputs.items()}

    def fixed(x):
        values = layout.values(x)
        found = {name: np.zeros(value.shape, dtype=bool) for name, value in values.items()}
        for block in blocks:
            if block.argument in own:
                found[own[block.argument]] |= block.held(values[own[block.argument]])
        return layout.vector(found) > 0

    def settled(x, y):
        """Return the unknowns with those values at which their own functions hold them."""
        values = dict(layout.values(x))
        for block, part in zip(blocks, images.values(y).values()):
            if block.argument in own:
                name = own[block.argument]
                values[name] = np.where(block.held(part), part, values[name])
        return layout.vector(values)

    def prox(z, step):
        return images.joined([block.prox(part, step) for block, part in zip(blocks, images.values(z).values())])

    def cost(y):
        return float(sum(block.cost(part)[0] for block, part in zip(blocks, images.values(y).values())))

    return Composite(
        _matrix(columns, len(offset), len(zero)),
        offset,
        prox,
        cost,
        lambda y: each(_Block.held)(y) > 0,
        lambda y, new: bool(np.any(each(_Block.crossed)(y, new))),
        each(lambda block, y: block.slope(y)[0]) if has_slopes else None,
        each(lambda block, y, v: block.bend(y, v)[0]) if has_slopes else None,
        problem_of(smooth, layout) if rest else None,
        fixed,
        settled,
    )


class _Block(Simple):
    """A simple function of one affine expression, with its cost and its derivatives.

    Raises
    ------
    Unknown
        For a function whose proximal operator is not known.
    NotDifferentiable
    """

    def __init__(self, adapter, argument, function, terms):
        if function is None:
            raise Unknown("a function of no single affine expression")
        (base,) = reify_many((argument,))
        super().__init__(adapter, function, base)
        self.argument = argument
        z, v = base.type("z"), base.type("v")
        total = total_of(adapter, [substitute(term, {argument: metatize(z)}) for term in terms])
        self.cost = adapter.compile([z], [total])
        try:
            (slope,) = adapter.gradient(total, [z])
            (bend,) = adapter.gradient((slope * v).sum(), [z])
        except NotDifferentiable:
            self.slope = self.bend = None
        else:
            self.slope = adapter.compile([z], [slope])
            self.bend = adapter.compile([z, v], [bend])


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
