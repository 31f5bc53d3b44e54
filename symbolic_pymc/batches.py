"""Drawing from a graph many times at once: one operation after the other, each for all draws.

A value is either the same in all draws, or has an axis in front that counts them.  Operations on elements,
reductions, products and the commonest laws are done for all draws by one call of NumPy; whatever else there is,
for each draw by itself, by what the backend does.
"""

import numpy as np

from symbolic_pymc.errors import ArgumentError

# what the largest value of a block of draws may occupy
BYTES = 2**25
# how negative the eigenvalues of a covariance may be, in parts of the largest: by rounding they are
ROUNDING = 1e-8


class Draws:
    """A compiled graph that draws.

    Parameters
    ----------
    function : Function
        Of the backend, compiled without steps in place.
    n_inputs, n_outputs : int
        How many of the inputs of its graph are not shared variables, of the outputs not updates of them.
    is_generator : callable
        Of a variable: whether it is a random generator.
    generator : callable
        Of a `numpy.random.SeedSequence`: a generator of the kind that the laws of the backend draw with.
    """

    def __init__(self, function, n_inputs, n_outputs, is_generator, generator):
        graph = function.maker.fgraph
        self._inputs, self._shared = graph.inputs[:n_inputs], graph.inputs[n_inputs:]
        self._storage, self._outputs = function.input_storage[n_inputs:], graph.outputs[:n_outputs]
        self._nodes = _needed(graph.toposort(), self._outputs)
        self._generator, self._is_generator = generator, is_generator
        self._varying = set(self._inputs)
        for node in self._nodes:
            if any(x in self._varying or is_generator(x) for x in node.inputs):
                self._varying.update(node.outputs)
        last = {x: i for i, node in enumerate(self._nodes) for x in node.inputs}
        self._done = [[] for _ in self._nodes]
        for x, i in last.items():
            self._done[i] += [x] if x not in self._outputs else []

    def __call__(self, columns, n, random_seed=None):
        """Return `n` draws of every output, arrays whose first axis counts them.

        Parameters
        ----------
        columns : list of array
            The values of the inputs for every draw.
        n : int
        random_seed : int, optional
        """
        seeds, fixed, blocks, start, size = np.random.SeedSequence(random_seed), self._fixed(), [], 0, 1
        while start < n:
            rows = [column[start : start + size] for column in columns]
            block, largest = self._block(fixed, rows, min(size, n - start), seeds.spawn(1)[0])
            blocks.append(block)
            # of the first block, which is one draw, the size of the others
            start, size = start + size, size if start else max(1, BYTES // max(largest, 8))
        return [np.concatenate(parts) for parts in zip(*blocks)]

    def _fixed(self):
        """Return the values that are the same in all draws."""
        shared = zip(self._shared, self._storage)
        values = {x: place.value for x, place in shared if not self._is_generator(x)}
        for node in self._nodes:
            if not self._varying.issuperset(node.outputs):
                results = _performer(node)(*(_value(values, x) for x in node.inputs))
                values.update(zip(node.outputs, results))
        return values

    def _block(self, fixed, rows, n, seed):
        """Return `n` draws of every output, and the bytes of the largest value."""
        values = {**fixed, **{x: np.asarray(row, dtype=x.dtype) for x, row in zip(self._inputs, rows)}}
        values.update((x, seed.spawn(1)[0]) for x in self._shared if self._is_generator(x))
        largest = 0
        for node, done in zip(self._nodes, self._done):
            if self._varying.issuperset(node.outputs):
                results = self._results(node, [_value(values, x) for x in node.inputs], n)
                values.update(zip(node.outputs, results))
                largest = max([largest, *(x.nbytes for x in results if isinstance(x, np.ndarray))])
            for x in done:
                values.pop(x, None)
        return [self._repeated(values, x, n) for x in self._outputs], largest

    def _repeated(self, values, x, n):
        value = np.asarray(_value(values, x))
        return value if x in self._varying else np.broadcast_to(value, (n, *value.shape))

    def _results(self, node, args, n):
        """Return the values of the outputs of a node in `n` draws."""
        varies = [x in self._varying and not self._is_generator(x) for x in node.inputs]
        if hasattr(node.op, "rng_fn"):
            draws = _drawn(node, args, varies, n, self._generator(args[0]))
            return [args[0].spawn(1)[0], np.asarray(draws, dtype=node.outputs[1].dtype)]
        rule = next((RULES[cls.__name__] for cls in type(node.op).__mro__ if cls.__name__ in RULES), None)
        result = rule and rule(node, args, varies)
        return self._one_by_one(node, args, varies, n) if result is None else [result]

    def _one_by_one(self, node, args, varies, n):
        """Return what a node gives for each draw by itself."""
        perform, rows = _performer(node), []
        seeds = [x if self._is_generator(place) else None for x, place in zip(args, node.inputs)]
        for i in range(n):
            own = (x[i] if varying else x for x, varying in zip(args, varies))
            own = (x if seed is None else self._generator(seed.spawn(1)[0]) for x, seed in zip(own, seeds))
            rows.append(perform(*own))
        seed = next((seed for seed in seeds if seed is not None), None)
        return [
            seed.spawn(1)[0] if self._is_generator(x) else np.stack(column)
            for x, column in zip(node.outputs, zip(*rows))
        ]


def _needed(nodes, outputs):
    """Return those of the nodes, parts before wholes, that the outputs are computed from."""
    found, needed = set(outputs), []
    for node in reversed(nodes):
        if not found.isdisjoint(node.outputs):
            found.update(node.inputs)
            needed.append(node)
    return needed[::-1]


def _value(values, x):
    return values[x] if x in values else x.data


def _performer(node):
    """Return the function that computes the outputs of a node from its inputs, of one draw."""
    storage = {x: [getattr(x, "data", None)] for x in (*node.inputs, *node.outputs)}
    thunk = node.op.make_thunk(node, storage, {x: [True] for x in storage}, [], impl="py")

    def perform(*args):
        for x, value in zip(node.inputs, args):
            storage[x][0] = value
        for x in node.outputs:
            storage[x][0] = None
        thunk()
        return [storage[x][0] for x in node.outputs]

    return perform


# One operation for all draws: the arguments that vary have an axis more; None where it is no such operation


def _elementwise(node, args, varies):
    args = [np.asarray(x) if varying else np.asarray(x)[None] for x, varying in zip(args, varies)]
    if len(node.outputs) > 1:
        return None
    # the same operation on numbers, of arrays with an axis more
    wider = node.op.make_node(*args)
    node.op.prepare_node(wider, None, None, "py")
    result = [None]
    node.op.perform(wider, args, [result])
    return np.asarray(result[0])


def _moved(node, args, varies):
    (x,), order = args, node.op.new_order
    kept = [i for i in order if i != "x"]
    axes = [0, *(i + 1 for i in (*kept, *(i for i in range(x.ndim - 1) if i not in kept)))]
    return x.transpose(axes).reshape((len(x), *(1 if i == "x" else x.shape[i + 1] for i in order)))


REDUCTIONS = ("add", "multiply", "maximum", "minimum")


def _reduced(node, args, varies):
    (x,), name = args, (getattr(node.op.scalar_op, "nfunc_spec", None) or [None])[0]
    if name not in REDUCTIONS:
        return None
    axes = range(x.ndim - 1) if node.op.axis is None else np.atleast_1d(node.op.axis)
    dtype = {"dtype": node.outputs[0].dtype} if name in REDUCTIONS[:2] else {}
    return np.asarray(getattr(np, name).reduce(x, axis=tuple(int(i) + 1 for i in axes), **dtype))


def _product(node, args, varies):
    (left, right), ndims = args, [x.ndim for x in node.inputs]
    if ndims == [2, 1] and varies == [False, True]:
        return right @ left.T
    left, right = left[..., None, :] if ndims[0] == 1 else left, right[..., None] if ndims[1] == 1 else right
    result = left @ right
    result = result[..., 0] if ndims[1] == 1 else result
    return (result[..., 0] if ndims[1] == 1 else result[..., 0, :]) if ndims[0] == 1 else result


def _picked(node, args, varies):
    return None if varies[1] else args[0][:, args[1]]


def _spread(node, args, varies):
    value, *lengths = args
    if any(varies[1:]):
        return None
    return np.broadcast_to(_aligned(value, True, len(lengths)), (len(value), *map(int, lengths)))


def _same(node, args, varies):
    return args[0]


RULES = {
    "Elemwise": _elementwise,
    "DimShuffle": _moved,
    "CAReduce": _reduced,
    "Dot": _product,
    "AdvancedSubtensor1": _picked,
    "Alloc": _spread,
    "Rebroadcast": _same,
    "DeepCopyOp": _same,
    "Deterministic": _same,
}


# Laws -------------------------------------------------------------------------------------------------------


def _aligned(x, varies, n_batch, n_core=0):
    """Return an array with axes of length one behind the first, that of the draws, so that it has `n_batch` more."""
    if not varies:
        return x
    return x.reshape((len(x), *(1,) * (n_batch + n_core + 1 - x.ndim), *x.shape[1:]))


def _drawn(node, args, varies, n, generator):
    """Return `n` draws of a random variable."""
    op, ndims = node.op, node.op.ndims_params
    size = () if args[1] is None else tuple(map(int, np.ravel(args[1]))) if not varies[1] else None
    first = len(args) - len(ndims)
    params, varying = [np.asarray(x) for x in args[first:]], varies[first:]
    law = _scalars if op.ndim_supp == 0 and not any(ndims) else LAWS.get(op.name)
    if size is None or law is None:
        return _drawn_one_by_one(op, args[1], varies[1], params, varying, n, generator)
    shapes = [p.shape[bool(v) : p.ndim - ndim] for p, v, ndim in zip(params, varying, ndims)]
    batch = np.broadcast_shapes(*shapes)
    # in Theano the size of vectors comes before the axes of their parameters, in PyTensor it has them
    n_own = node.outputs[1].ndim - op.ndim_supp
    batch = (*size, *batch) if len(size) + len(batch) == n_own else size or batch
    params = [_aligned(p, v, n_own, ndim) for p, v, ndim in zip(params, varying, ndims)]
    return law(node, generator, params, (n, *batch))


def _drawn_one_by_one(op, size, size_varies, params, varying, n, generator):
    draws = []
    for i in range(n):
        own = size[i] if size_varies else size
        own = None if own is None or not np.size(own) else tuple(own)
        draws.append(op.rng_fn(generator, *(p[i] if v else p for p, v in zip(params, varying)), own))
    return np.stack(draws)


def _scalars(node, generator, params, shape):
    return node.op.rng_fn(generator, *params, shape)


def _normal_vectors(node, generator, params, shape):
    mean, cov = params
    z = generator.standard_normal((*shape, mean.shape[-1]))
    return mean + (_root(node, cov) @ z[..., None])[..., 0]


def _root(node, cov):
    """Return matrices whose squares are the covariances (..., k, k)."""
    try:
        return np.linalg.cholesky(cov)
    except np.linalg.LinAlgError:
        values, vectors = np.linalg.eigh(cov)
    if np.any(values < -ROUNDING * np.abs(values).max(axis=-1, keepdims=True)):
        raise ArgumentError(
            f"the covariance of {node.outputs[1].name or 'a normal vector'} given the others is not positive"
            " semidefinite; rescale the variables or the data"
        )
    return vectors * np.sqrt(np.maximum(values, 0.0))[..., None, :]


LAWS = {"multivariate_normal": _normal_vectors}
