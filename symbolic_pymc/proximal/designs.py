"""The matrices of a model: what unknowns are multiplied with."""

import numpy as np

from symbolic_pymc.meta import reify_many
from symbolic_pymc.records import Term
from symbolic_pymc.parts import graph_parts
from symbolic_pymc.proximal.combinations import Unknown
from symbolic_pymc.proximal.compiled import Compiled, Layout

FEW = 20  # unknowns whose columns are computed one by one
EXACT = 1e-10


class Images(Layout):
    """Images of the unknowns as one vector; `offset` is that of zeros."""

    def __init__(self, values):
        super().__init__(dict(enumerate(values)))
        self.offset = self.joined(values)


def linear_map(split, layout, arguments):
    """Return the matrix and the `Images` of affine expressions of the unknowns.

    Raises
    ------
    Unknown
        Where no matrix is found for many unknowns.
    """
    adapter, inputs = split.objective.adapter, split.objective.inputs
    bases = dict(zip(inputs, reify_many(tuple(inputs.values()))))
    maps = Compiled(adapter, layout, [bases[name] for name in layout.shapes], list(reify_many(arguments)))
    zero = np.zeros(sum(np.prod(shape, dtype=int) for shape in layout.shapes.values()))
    images = Images(maps(zero))

    def columns(place, name, argument, rows):
        def image(part):
            whole = zero.copy()
            whole[place] = part
            return (images.joined(maps(whole)) - images.offset)[rows]

        return _columns(image, place.stop - place.start, list(designs_in(adapter.ops, argument, [inputs[name]])))

    blocks = [
        [columns(place, name, argument, images.slices[k]) for name, place in layout.slices.items()]
        for k, argument in enumerate(arguments)
    ]
    is_one = len(arguments) == len(layout.slices) == 1  # what is one matrix need not be copied
    return (blocks[0][0] if is_one else np.block(blocks)), images


def designs_in(ops, argument, inputs):
    """Yield the values of what stands in products with an unknown; None where they are not known."""
    inputs = set(inputs)
    for x in graph_parts(argument):
        if isinstance(x, Term) and ops.kind_of(x) in ("dot", "matmul") and inputs & set(graph_parts(x.rands[1])):
            yield ops.value_of(x.rands[0])


def scaled_design(image, size, designs):
    """Return a matrix, and what to multiply its rows with, for a linear function of a vector to be a product with it.

    A matrix is found in the graph; what its rows are multiplied with the function tells at one point, and whether
    that is all there is at another.

    Raises
    ------
    Unknown
        Where there is none.
    """
    probes = np.random.default_rng(0).normal(size=(2, size))
    one, other = (image(probe) for probe in probes)
    for design in designs:
        if design is None or design.shape != (one.size, size):
            continue
        product = design @ probes[0]
        with np.errstate(all="ignore"):
            factors = np.where((one == 0.0) & (product == 0.0), 1.0, one / product)
            factors = np.where(np.isclose(np.abs(factors), 1.0, rtol=EXACT), np.sign(factors), factors)
        if np.allclose(other, factors * (design @ probes[1]), rtol=EXACT, atol=EXACT):
            return design, factors
    raise Unknown("no product of a matrix and the unknown")


def _columns(image, size, designs):
    if size <= FEW:
        return np.stack([image(unit) for unit in np.eye(size)], axis=1)
    design, factors = scaled_design(image, size, designs)
    return np.asarray(design, float) if np.all(factors == 1.0) else factors[:, None] * design
