"""Distributions that travel whole: a PyMC3 distribution as the law of a random variable.

No relation looks into it. The node's inputs are the tensors that the distribution depends upon, so rewrites
of these reach it; its draws come from PyMC3's own ``random``, or from `symbolic_pymc.theano.opaque_samplers`
where PyMC3 has none or a wrong one; and `Law.with_parents` is the same distribution over other tensors, with
PyMC3's own ``logp``.
"""

import functools
import types
from contextlib import contextmanager

import numpy as np
import theano
import theano.tensor as tt
from pymc3.distributions.distribution import Distribution, draw_values
from pymc3.distributions.transforms import Transform
from theano.graph.basic import Variable
from theano.tensor.random.op import RandomVariable

from symbolic_pymc.errors import ModelGraphError, UnsupportedDistributionError
from symbolic_pymc.theano.rebuild import fill, rebuilt, roots_of
from symbolic_pymc.theano.opaque_samplers import SAMPLERS


class Copier:
    """Copies PyMC3 objects, passing every Theano variable inside of them through a function.

    It looks into distributions, transforms, containers, bound methods, partial functions and the closures of
    functions, which is where PyMC3 keeps variables.
    """

    def __init__(self, on_variable):
        self.on_variable = on_variable
        self.copies = {}

    def __call__(self, thing):
        if isinstance(thing, Variable):
            return self.on_variable(thing)
        rule = next((rule for kind, rule in _RULES if isinstance(thing, kind)), None)
        if rule is None:
            return thing
        if id(thing) not in self.copies:
            # The thing itself is kept too: an id is only good for as long as its object lives
            self.copies[id(thing)] = thing, thing
            self.copies[id(thing)] = thing, rule(self, thing)
        return self.copies[id(thing)][1]


def _copy_object(copier, thing):
    new = object.__new__(type(thing))
    copier.copies[id(thing)] = thing, new
    vars(new).update({name: copier(value) for name, value in vars(thing).items()})
    return new


def _copy_sequence(copier, things):
    return type(things)(map(copier, things)) if type(things) in (list, tuple, set) else things


def _copy_method(copier, method):
    return types.MethodType(method.__func__, copier(method.__self__))


def _copy_partial(copier, partial):
    return functools.partial(copier(partial.func), *map(copier, partial.args), **copier(partial.keywords))


def _copy_function(copier, function):
    cells = function.__closure__ or ()
    new = [copier(cell.cell_contents) for cell in cells]
    defaults = copier(function.__defaults__)
    if defaults is function.__defaults__ and all(n is cell.cell_contents for n, cell in zip(new, cells)):
        return function
    closure = tuple(map(types.CellType, new))
    other = types.FunctionType(function.__code__, function.__globals__, function.__name__, defaults, closure)
    other.__kwdefaults__ = copier(function.__kwdefaults__)
    return other


_RULES = (
    ((Distribution, Transform), _copy_object),
    # the sampler of BART writes into the arrays of its distribution
    (np.ndarray, lambda copier, array: array.copy()),
    ((list, tuple, set), _copy_sequence),
    (dict, lambda copier, things: {key: copier(value) for key, value in things.items()}),
    (types.MethodType, _copy_method),
    (functools.partial, _copy_partial),
    (types.FunctionType, _copy_function),
)


def tensors_of(thing):
    """Return the Theano variables inside of a PyMC3 object."""
    found = []
    Copier(lambda v: found.append(v) or v)(thing)
    return found


def substitute(thing, replacements, test_values=False):
    """Return a copy of a PyMC3 object, or a graph, over other variables."""
    memo = dict(replacements)

    def on_variable(v):
        fill(memo, [v], functools.partial(rebuilt, memo=memo, test_values=test_values))
        return memo[v]

    return Copier(on_variable)(thing)


class SubstitutedLogp:
    """A log density written by the user, over other variables than those it was written with."""

    def __init__(self, logp, parents, values):
        self.logp, self.parents, self.values = logp, parents, values

    def __call__(self, *args, **kwargs):
        test_values = theano.config.compute_test_value != "off"
        return substitute(self.logp(*args, **kwargs), dict(zip(self.parents, self.values)), test_values)


def sampler_of(cls):
    """Return our own sampler for a class of distributions; None where PyMC3's draws are right."""
    return next((SAMPLERS[c] for c in cls.__mro__ if c in SAMPLERS), None)


class Law:
    """A PyMC3 distribution and the variables it depends upon.

    Parameters
    ----------
    dist : pymc3.Distribution
    shape : tuple of int
        The shape of a draw.
    stop : set of Variable
        The variables of the model, which the dependency goes no further back than.
    """

    def __init__(self, dist, shape, stop=frozenset()):
        self.dist = dist
        self.shape = tuple(int(n) for n in shape)
        self.name = type(dist).__name__.lstrip("_")
        value = tt.TensorType(dist.dtype, [n == 1 for n in self.shape])("value")
        value.tag.test_value = np.zeros(self.shape, dist.dtype)
        with theano.config.change_flags(compute_test_value="off"):
            density = dist.logp(value)
        roots = roots_of([*tensors_of(dist), density], stop)
        self.parents = [v for v in roots if v is not value and isinstance(v.type, tt.TensorType)]
        self._shared = None

    def __getstate__(self):
        return {**vars(self), "_shared": None}

    def with_parents(self, values, test_values=False):
        """Return the distribution over other variables, given in the order of `parents`."""
        changed = [(old, new) for old, new in zip(self.parents, values) if new is not old]
        new = substitute(self.dist, changed, test_values)
        if "logp" in vars(self.dist):
            new.logp = SubstitutedLogp(self.dist.logp, *zip(*changed)) if changed else self.dist.logp
        return new

    def draw(self, rng, values, size=()):
        """Draw once for given values of the parents; `rng` alone decides the draw and steps on."""
        if self._shared is None:
            shared = [
                theano.shared(np.array(v, p.dtype), p.name, broadcastable=p.broadcastable)
                for v, p in zip(values, self.parents)
            ]
            self._shared = shared, self.with_parents(shared)
            self._shared[1].shape = np.array(self.shape, dtype=int)
        shared, dist = self._shared
        for variable, value in zip(shared, values):
            variable.set_value(np.array(value, variable.dtype))
        point = {p.name: value for p, value in zip(self.parents, values) if p.name is not None}
        draws = [self._draw_one(rng, dist, point) for _ in np.ndindex(*size)]
        return np.reshape(draws, (*size, *self.shape))

    def _draw_one(self, rng, dist, point):
        def evaluate(*tensors):
            return draw_values(list(tensors), point=point)

        sampler = sampler_of(type(dist))
        if sampler is None and not callable(getattr(dist, "random", None)):
            raise UnsupportedDistributionError(
                f"{self.name}: PyMC3 has no random method for this distribution; give it one to draw"
            )
        with _global_state(rng), theano.config.change_flags(mode="FAST_COMPILE", compute_test_value="off"):
            draw = dist.random(point=point) if sampler is None else sampler(dist, evaluate, point)
        if np.size(draw) != np.prod(self.shape, dtype=int):
            raise ModelGraphError(
                f"{self.name}: its parameters make draws of shape {np.shape(draw)}, the variable has the shape "
                f"{self.shape}; give the variable the shape of its parameters"
            )
        return np.reshape(draw, self.shape)


@contextmanager
def _global_state(rng):
    """Let PyMC3, which draws from numpy's global generator, draw from `rng` for a while."""
    saved = np.random.get_state()
    np.random.set_state(rng.get_state())
    try:
        yield
        rng.set_state(np.random.get_state())
    finally:
        np.random.set_state(saved)


class MissingLaw:
    """The law of the missing entries of an observed variable: its own, read where the mask is true.

    In the model's density it has no part of its own, because the observed variable's density counts the
    completed data.

    Parameters
    ----------
    op : RandomVariable
        The Op of the observed variable; its parameters are this law's.
    size : tuple of int
        Its repetitions.
    mask : numpy.ndarray of bool
        True where the data are missing.
    """

    name = "Missing"

    def __init__(self, op, size, mask):
        self.op, self.size, self.mask = op, tuple(size), mask
        self.shape = (int(np.sum(mask)),)

    def draw(self, rng, values, size=()):
        draws = [self.op.rng_fn(rng, *values, self.size or None)[self.mask] for _ in np.ndindex(*size)]
        return np.reshape(draws, (*size, *self.shape))


class OpaqueRV(RandomVariable):
    """A random variable whose distribution is a `Law` or a `MissingLaw`; equal to those with the same law."""

    __props__ = ("law", "ndim_supp", "ndims_params", "dtype", "inplace")

    def __init__(self, law, ndim_supp, ndims_params, dtype, inplace=False):
        self.law = law
        super().__init__(law.name.lower(), ndim_supp, ndims_params, dtype, inplace)

    def __str__(self):
        return f"{self.name}_rv"

    def rng_fn(self, rng, *args):
        *values, size = args
        return self.law.draw(rng, values, size or ())

    def _infer_shape(self, size, dist_params, param_shapes=None):
        return (*size, *(tt.constant(n, dtype="int64") for n in self.law.shape))


def opaque_op(dist, shape, stop=frozenset()):
    """Return the Op of a distribution that travels whole, and its parameters."""
    law = Law(dist, shape, stop)
    op = OpaqueRV(law, len(law.shape), [p.ndim for p in law.parents], str(dist.dtype))
    return op, law.parents
