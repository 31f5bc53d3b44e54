"""What a relation may say: one set of neutral names for the operators and distributions of every backend.

A relation is a function of a vocabulary.  ``ops.add(a, b)`` builds a term of the backend's own operator, in which
any argument may be a logic variable; ``ops.normal(mu, sigma)`` a random variable whose generator, size, name and
identity are left unknown; ``ops.total(x)`` a term that becomes several nodes when it is lowered.
"""

import math
from collections import Counter

import numpy as np

from symbolic_pymc import chains
from symbolic_pymc.distributions import DISTRIBUTIONS
from symbolic_pymc.meta import metatize, peek, reify_many
from symbolic_pymc.records import Constant, Info, MetaOp, Term
from symbolic_pymc.tensorwords import is_stretched
from symbolic_pymc.unify import is_lvar
from symbolic_pymc.parts import graph_parts, key, replace_parts


class Vocabulary:
    """The neutral names of one backend.

    Parameters
    ----------
    backend : ApplyGraph
    operators : dict of str to Op
        Operators that relations match and build.
    functions : dict of str to callable
        Functions of base variables that relations build only.
    distributions : dict of str to row
        For every distribution its Op (`op`) and the names of its parameters in order (`params`).
    kinds : dict of type to callable
        For a class of operators a function of the operator that tells how its result depends on its arguments:
        "structural" (elements of the first argument moved about), "matmul", "sum", "cast", "shape" (of no value), or
        None for unknown.
    static_shape : callable
        Of a base variable: its shape as far as its type tells, with None for the rest.
    elementwise, indexing : tuple of type
        The classes of operators that work element by element, and that pick elements by arrays of integers.
    joined_from : int
        Which argument of a join is its first array.
    value_of : callable
        Of a base variable: its value as an array, None when that depends on inputs that are not given.
    float_type : callable
        Of nothing: the name of the type in which the backend computes.
    compound : tuple of type
        The classes of operators that make one random variable of several draws, which are no variables of the model.
    readers : dict of str to callable
        Of a base variable, for a kind of law that stands in no table: the `symbolic_pymc.lkj.Correlations`, the
        `symbolic_pymc.components.Mixture` or `Hurdle`, the `symbolic_pymc.chains.Recursion` or the
        `symbolic_pymc.transitions.Transition` that it draws, or None.
    """

    def __init__(
        self, backend, operators, functions, distributions, kinds, static_shape, elementwise, indexing, joined_from,
        value_of, float_type, compound, readers,
    ):  # fmt: skip
        self.backend = backend
        self.static_shape = static_shape
        self.joined_from = joined_from
        self._value_of, self._float_type = value_of, float_type
        self._readers = readers
        self._elementwise, self._indexing, self._compound = elementwise, indexing, compound
        self.rows = distributions
        self._kinds = kinds
        twice = [word for word, n in Counter([*operators, *functions, *distributions]).items() if n > 1]
        if twice:
            raise ValueError(f"words with two meanings: {', '.join(twice)}; give one of the two another name")
        self._builders = {name: backend.meta_op(row.op).term for name, row in distributions.items()}
        self._builders |= {name: backend.meta_function(f) for name, f in functions.items()}
        self._builders |= {name: backend.meta_op(op).term for name, op in operators.items()}
        self._operators = {backend.meta_op(op): name for name, op in operators.items()}
        self._distributions = {_family(row.op): name for name, row in distributions.items()}

    def __getattr__(self, name):
        try:
            return self.__dict__["_builders"][name]
        except KeyError:
            raise AttributeError(f"the vocabulary of {self.backend.name} has no word {name!r}") from None

    def constant(self, value):
        """Return the record of a number or array, in double precision."""
        return self.backend.record_of_number(value)

    def operator_of(self, term):
        """Return the neutral name of the operator of a term, or None."""
        return self._operators.get(term.rator) if isinstance(term, Term) else None

    def distribution_of(self, term):
        """Return the neutral name of the distribution that a term draws from, or None when it is no known draw."""
        if not isinstance(term, Term) or is_lvar(term.rator) or is_lvar(term.info) or term.info.draw is None:
            return None
        return self._distributions.get(_family(term.rator.op))

    def correlations_of(self, term):
        """Return the `Correlations` that a term draws, of terms; None when it draws no correlation matrix."""
        found = self._read("correlations", term) if self.is_random(term) else None
        return found and found.mapped(metatize)

    def mixture_of(self, term):
        """Return the `Mixture` that a term draws, of terms; None when it draws no mixture of constant weights."""
        found = self._read("mixture", term) if self.is_random(term) else None
        return found and found.mapped(metatize)

    def missing_of(self, mark, parts):
        """Return the `symbolic_pymc.missing.Missing` of ``observed(value, rv)``, or None; `parts` are of the model."""
        return self._readers["missing"](mark, parts)

    def hurdle_of(self, term):
        """Return the `Hurdle` that a term draws, of terms; None when it draws no mixture of 0 and what never is."""
        found = self._read("hurdle", term) if self.is_random(term) else None
        return found and found.mapped(metatize)

    def recursion_of(self, term):
        """Return the `Recursion`, of terms, that a time series is; None when a term draws no such.

        Raises
        ------
        NotReversible
            For a time series that is no such recursion.
        """
        found = self._read("recursion", term)
        return found and found.mapped(metatize)

    def transition_of(self, term):
        """Return the `Transition`, of terms, by which a loop draws a term; None when no loop does.

        Raises
        ------
        NotReversible
            For a loop in which a step depends on more than the number before it.
        """
        found = self._read("transition", term)
        return found and found.mapped(metatize)

    def kronecker_of(self, term):
        """Return mean, noise or None, and covariances of the normal vector of a Kronecker covariance, or None.

        Raises
        ------
        NotReversible
            For several such vectors.
        """
        found = self._read("kronecker", term) if self.is_random(term) else None
        return found and tuple(x if x is None else metatize(x) for x in found)

    def chain_of(self, term):
        """Return the parameters by name of the normal chain that a time series is; None when a term draws no such.

        Raises
        ------
        NotReversible
            As of `recursion_of`.
        """
        found = self.recursion_of(term)
        is_chain = found is not None and len(found.gains) == 1
        return dict(zip(chains.PARAMETERS, (found.offset, *found.gains, found.scale))) if is_chain else None

    def _read(self, kind, term):
        # PyMC's random walk is no draw by itself: it adds up those that it is given
        if not isinstance(term, Term) or self.operator_of(term) is not None or self.distribution_of(term) is not None:
            return None
        return self._readers[kind](reify_many((term,))[0])

    def kind_of(self, term):
        """Return how a term depends on its arguments: the name of an operator, a kind of `kinds`, or None."""
        name = self.operator_of(term)
        if name is not None or not isinstance(term, Term):
            return name
        kind = next((self._kinds[cls] for cls in type(term.rator.op).__mro__ if cls in self._kinds), None)
        name = kind and kind(term.rator.op)
        return None if name == "cast" and self._rounds(term) else name

    def logits_of(self, term):
        """Return what a term is the softmax of along its last axis, or None."""
        if self.picks_rows(term):
            inner = self.logits_of(term.rands[0])
            return inner and replace_parts(term, (inner, *term.rands[1:]))
        if self.kind_of(term) != "softmax":
            return None
        axis, last = getattr(term.rator.op, "axis", -1), self.ndim(term) - 1  # Theano's goes along rows
        axes = (0,) if axis is None else np.atleast_1d(axis) % (last + 1)
        return term.rands[0] if list(axes) == [last] else None

    def _rounds(self, term):
        """Tell whether the type of a term has fewer digits than that of its argument, and than a number needs here."""
        before, after = peek(term.rands[0]).dtype, peek(term).dtype
        return after != self._float_type() and not np.can_cast(before, after)

    def parameters(self, term):
        """Return the parameters of a draw by name, as a dict; `term` must be of a known distribution."""
        row = self.rows[self.distribution_of(term)]
        return dict(zip(row.params, term.rands))

    def is_random(self, term):
        """Tell whether a term draws something, of a known distribution or not."""
        return isinstance(term, Term) and isinstance(info := term.info, Info) and info.draw is not None

    def ndim(self, term):
        """Return the number of axes of a term's value."""
        return peek(term).ndim

    def pattern(self, term):
        """Return for each axis of a term whether its length is known to be one."""
        return tuple(peek(term).type.broadcastable)

    def is_stretched(self, term, pattern):
        """Tell whether broadcasting one term to the shape of another repeats its elements."""
        return is_stretched(peek(term), peek(pattern))

    def is_elementwise(self, term):
        """Tell whether a term is an operation on numbers, done element by element."""
        return isinstance(term, Term) and isinstance(term.rator.op, self._elementwise)

    def is_indexing(self, term):
        """Tell whether a term picks elements of an array by arrays of integers."""
        return isinstance(term, Term) and isinstance(term.rator.op, self._indexing)

    def is_fill(self, term):
        """Tell whether a term only broadcasts its first argument to a shape."""
        return isinstance(term, Term) and isinstance(term.rator, MetaOp) and type(term.rator.op).__name__ == "Alloc"

    def is_compound(self, term):
        """Tell whether a term is a random variable that is made of others; it need not draw anything by itself."""
        return isinstance(term, Term) and isinstance(term.rator, MetaOp) and isinstance(term.rator.op, self._compound)

    def parts_of_compound(self, terms):
        """Return the set of random variables among `terms` that another random variable is made of."""
        parts = (r for x in terms if self.is_compound(x) for r in x.rands)
        return {r for r in parts if (self.is_random(r) or self.is_compound(r)) and r.name is None}

    def static_length(self, term):
        """Return the length of the last axis of a term where a constant, a type or a note tells it, else None."""
        return self._length(term, {})

    def _length(self, term, memo):
        if key(term) not in memo:
            shape = self.known_shape(term)
            known = shape[-1] if shape else None
            memo[key(term)] = self._length_by_parts(term, memo) if shape and known is None else known
        return memo[key(term)]

    def _length_by_parts(self, term, memo):
        """Return the length of the last axis of an operation as far as those of its arguments tell, else None."""
        if not isinstance(term, Term) or self.is_random(term):
            return None
        if self.picks_rows(term):
            return self._length(term.rands[0], memo)
        if self.kind_of(term) == "stack":
            return len(term.rands)
        if self.kind_of(term) == "join" and self._joins_last(term):
            lengths = [self._length(r, memo) for r in term.rands[self.joined_from :]]
            return None if None in lengths else sum(lengths)
        if self.is_elementwise(term):
            lengths = (self._length(r, memo) for r in term.rands if self.ndim(r) == self.ndim(term))
            return next((n for n in lengths if n not in (None, 1)), None)
        return None

    def _joins_last(self, term):
        axis = term.rands[0] if self.joined_from else None
        return isinstance(axis, Constant) and int(axis.value) in (-1, self.ndim(term) - 1)

    def picks_rows(self, term):
        """Tell whether a term is a row, or several rows, of a matrix."""
        if not isinstance(term, Term) or self.kind_of(term) != "structural" or self.ndim(term.rands[0]) != 2:
            return False
        indices = getattr(term.rator.op, "idx_list", term.rands[1:])
        if (
            len(indices) != 1
            or len(term.rands) != 2
            or not (hasattr(term.rator.op, "idx_list") or self.is_indexing(term))
        ):
            return False
        return peek(term.rands[1]).type.dtype.startswith(("int", "uint"))

    def static_size(self, term):
        """Return the number of elements of a term where a constant, a type or a note tells it, else None."""
        shape = self.known_shape(term)
        return None if shape is None or None in shape else math.prod(shape)

    def known_shape(self, term):
        if isinstance(term, Constant):
            return term.shape
        if self.ndim(term) == 0:
            return ()
        note = term.info.note and term.info.note.obj if isinstance(term, Term) else None
        return note.shape if note is not None else self.static_shape(peek(term))

    def is_empty_size(self, size):
        """Tell whether the size of a draw leaves its shape to the parameters."""
        return size is self.backend.rv_defaults[0](None)

    def value_of(self, term):
        """Return the value of a term as an array, with shared variables as they are now; None when it is not known."""
        if any(self.is_random(x) for x in graph_parts(term)):
            return None
        with np.errstate(all="ignore"):  # infinite, or no number: who asked will see
            value = self._value_of(reify_many((term,))[0])
        return None if value is None or value.dtype.kind == "O" else value  # a generator of random numbers is no value

    def axes_of(self, term):
        """Return the axes of its argument that a reduction goes over."""
        axis = term.rator.op.axis
        return tuple(range(self.ndim(term.rands[0]))) if axis is None else tuple(np.atleast_1d(axis).tolist())

    def is_observed(self, term):
        """Tell whether a term is an observed random variable."""
        return self.operator_of(term) == "observed"


def always(kind):
    """Return the function that calls every operator of a class by one kind."""
    return lambda op: kind


def _family(op):
    """Return what tells the distribution of an Op, whatever its dtype."""
    return type(op), getattr(op, "name", None)


def roles_of(name, params):
    """Return the roles of the named parameters of a distribution, in order; None for a family without roles."""
    roles = DISTRIBUTIONS[name].roles if name in DISTRIBUTIONS else {}
    return tuple(roles.get(p) for p in params) if roles else None


def is_transposition(term):
    """Tell whether a term is the transpose of a matrix, or of each matrix of a batch."""
    order = getattr(term.rator.op, "new_order", None) if isinstance(term.rator, MetaOp) else None
    if order is None or len(order) < 2:
        return False
    n = len(order)
    return tuple(order) == (*range(n - 2), n - 1, n - 2)


def is_unit_axis_shuffle(term):
    """Tell whether a term only adds or drops axes of length one, in place."""
    order = getattr(term.rator.op, "new_order", None) if isinstance(term.rator, MetaOp) else None
    kept = [i for i in order if i != "x"] if order is not None else None
    return kept is not None and kept == sorted(kept)
