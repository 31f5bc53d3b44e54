"""From an edge of a model to the neutral form that an arc reversal knows, and back."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from kanren import run
from unification import var

from symbolic_pymc.meta import Constant, Info, Ref, Term, rebuild, settle_graph
from symbolic_pymc.relations.affine import NotAffine, Pick, affine, dense, dependents
from symbolic_pymc.relations.conjugates import (
    mvnormal_mean_precision_reversalo,
    mvnormal_mean_reversalo,
    normal_mean_reversalo,
)
from symbolic_pymc.relations.goals import is_constant
from symbolic_pymc.vocabulary import roles_of
from symbolic_pymc.walk import graph_parts, key, reference_of, replace_parts, substitute, subterms


class NotReversible(Exception):
    """Why an arc cannot be reversed in closed form."""


@dataclass(frozen=True)
class Reversal:
    """What an arc reversal gives.

    posterior : term, the parent given the data, under its old name
    marginal : term, the data by themselves; None where their shape has no distribution of that kind
    relation : name of the relation; reference : where to look it up
    """

    posterior: Term
    marginal: Any
    relation: str
    reference: str


@dataclass(frozen=True)
class PickLink:
    """The linear map of an elementwise edge as relations use it; see `affine.Pick` for `positions`.

    `blank` and `data` are arrays of the shapes of parent and child; `one_to_one` says that no two elements of the
    child share one of the parent.
    """

    ops: Any
    blank: Term
    data: Term
    positions: Any
    one_to_one: bool

    def spread(self, x):
        """Return `x`, which broadcasts to the shape of the parent, in a shape that broadcasts to the data."""
        if self.positions is None:
            return x
        return self.ops.spread(self.ops.like(x, self.blank), self.positions, self.data)

    def collect(self, x):
        """Return the sums of `x`, which broadcasts to the data, over what shares an element of the parent."""
        full = self.ops.like(x, self.data)
        if self.one_to_one:
            return full
        return self.ops.total(full) if self.positions is None else self.ops.collect(full, self.positions, self.blank)

    def marginal(self, m, s, c, b, sigma):
        """Return the law of the data, elementwise when every element has a parent of its own, else of a vector."""
        ops = self.ops
        mean, scale = ops.add(c, ops.mul(b, self.spread(m))), ops.mul(b, self.spread(s))
        if self.one_to_one:
            return ops.normal(mean, ops.sqrt(ops.add(ops.sqr(sigma), ops.sqr(scale))), ops.shape(self.data))
        if self.positions is None:
            root = ops.one_column(scale, self.data)
        else:
            root = ops.selection(self.positions, scale, self.blank, self.data)
        noise = ops.diagonal(ops.sqr(ops.column(sigma, self.data)))
        return ops.mvnormal(ops.column(mean, self.data), ops.add(ops.dot(root, ops.transpose(root)), noise))


def reverse(ops, theta, rv, data):
    """Return the `Reversal` of the arc from the draw `theta` to the draw `rv`, seen to be `data`.

    Raises
    ------
    NotReversible
        With the reason in words.
    """
    prior, likelihood = (_normal_family(ops, draw, theta, rv) for draw in (theta, rv))
    _refuse_other_paths(ops, theta, rv)
    # Only the shape of theta is needed from here on; its place is held by an array that draws nothing.
    blank = blank_of(ops, theta)
    rv = _without_marks(ops, substitute(rv, {theta: blank}), blank)
    parameters = ops.parameters(rv)
    mean = parameters.pop("mu")
    for name, value in parameters.items():
        if value in dependents(ops, value, blank):
            raise NotReversible(f"{called(ops, theta)} also appears in the {name} of {called(ops, rv)}")
    try:
        form = affine(ops, mean, blank)
    except NotAffine as reason:
        names = called(ops, rv), called(ops, theta)
        raise NotReversible("the mean of {} is not affine in {}: {}".format(*names, reason)) from None
    if form.link is None:
        raise NotReversible(f"the mean of {called(ops, rv)} does not depend on {called(ops, theta)}")
    offset = ops.constant(0.0) if form.offset is None else form.offset
    if prior == likelihood == "normal" and isinstance(form.link, Pick):
        return _reverse_elementwise(ops, theta, rv, data, blank, offset, form.link)
    return _reverse_dense(ops, theta, rv, data, blank, mean, offset, form.link)


def called(ops, draw):
    """Return the name of a draw, or what it is when it has none."""
    return draw.name or f"an unnamed {ops.distribution_of(draw) or draw.rator}"


def _normal_family(ops, draw, theta, rv):
    """Return the name of the normal distribution of `draw`, one end of the arc from `theta` to `rv`."""
    name = ops.distribution_of(draw)
    if name not in ("normal", "mvnormal"):
        raise NotReversible(
            f"{called(ops, draw)} is {name or draw.rator}, and only between normal variables is the arc from "
            f"{called(ops, theta)} to {called(ops, rv)} reversed in closed form"
        )
    if name == "mvnormal" and ops.ndim(draw) > 1:
        raise NotReversible(f"{called(ops, draw)} is a batch of multivariate normal vectors")
    return name


def _refuse_other_paths(ops, theta, rv):
    reached = {theta}
    for x in graph_parts(rv):
        if isinstance(x, Term) and any(isinstance(r, Term) and r in reached for r in x.rands):
            if ops.is_random(x) and x is not rv:
                names = (called(ops, draw) for draw in (theta, rv, x))
                raise NotReversible("{} also reaches {} through {}".format(*names))
            reached.add(x)


def _without_marks(ops, root, blank):
    """Return `root` with the deterministic quantities that `blank` stands in replaced by what they compute.

    Parts of it will tell the shapes of the result, and no name may stand in a model twice.
    """
    reached, new = {blank}, {}
    for x in graph_parts(root):
        y = replace_parts(x, tuple(new[key(c)] for c in subterms(x)))
        if isinstance(x, Term) and any(isinstance(r, Term) and r in reached for r in x.rands):
            reached.add(x)
            y = y.rands[0] if ops.operator_of(x) == "deterministic" else y
        new[key(x)] = y
    return new[key(root)]


def blank_of(ops, draw):
    """Return an array of zeros with the shape and broadcast pattern of a draw; no draw stands in it."""
    return ops.blank(shape_of(ops, draw), ops.pattern(draw))


def shape_of(ops, draw):
    """Return the shape of a draw as an integer vector: a constant when the model or the size says it.

    `draw` is a vector, or of a scalar family, whose parameters broadcast to its shape.
    """
    if ops.ndim(draw) == 0:
        return ops.constant(np.empty(0, dtype="int64"))
    note = draw.info.note and draw.info.note.obj
    if note is not None and note.shape is not None and None not in note.shape:
        return ops.constant(np.asarray(note.shape, dtype="int64"))
    row = ops.rows[ops.distribution_of(draw)]
    parameters, roles = ops.parameters(draw), roles_of(ops.distribution_of(draw), row.params) or ()
    size = draw.rands[len(parameters)]
    if "mean" in roles:
        return ops.shape(draw.rands[roles.index("mean")])
    return ops.shape_of(*parameters.values()) if ops.is_empty_size(size) else size


def _reverse_elementwise(ops, theta, rv, data, blank, offset, link):
    prior, likelihood = ops.parameters(theta), ops.parameters(rv)
    scale = ops.constant(1.0) if link.scale is None else link.scale
    same = link.positions is None and not ops.is_stretched(blank, data)
    positions = link.positions
    if positions is None and not same and ops.ndim(blank) > 0:
        positions = ops.row_numbers(blank)
    maps = PickLink(ops, blank, data, positions, same)
    neutral_prior = ops.normal(prior["mu"], prior["sigma"])
    mean = ops.add(offset, ops.mul(scale, maps.spread(neutral_prior)))
    before = (neutral_prior, ops.normal(mean, likelihood["sigma"]))
    posterior, marginal = _ask(partial(normal_mean_reversalo, ops, maps, data), before)
    fits = same or ops.ndim(data) == 1
    return _named(ops, theta, rv, blank, data, posterior, marginal if fits else None, normal_mean_reversalo)


def _reverse_dense(ops, theta, rv, data, blank, mean, offset, link):
    if ops.ndim(theta) > 1:
        raise NotReversible(
            f"{called(ops, theta)} has {ops.ndim(theta)} axes and enters {called(ops, rv)} through a matrix"
        )
    matrix = dense(ops, link, mean, blank)
    if ops.is_stretched(mean, data):
        matrix = ops.take_rows(matrix, ops.like(ops.row_numbers(mean), data))
    a, R = _as_vector(ops, theta, blank)
    noise = _noise_of(ops, rv, data)
    beta = ops.mvnormal(a, R)
    expected = ops.add(ops.dot(matrix, beta), offset if is_constant(offset, 0.0) else ops.column(offset, data))
    if _fewer_data_than_parameters(ops, theta, data):
        relation, arguments = mvnormal_mean_reversalo, ()
    else:
        relation, arguments = mvnormal_mean_precision_reversalo, (noise,)
    y = ops.column(data, data)
    posterior, marginal = _ask(partial(relation, ops, *arguments, y), (beta, ops.mvnormal(expected, noise.cov)))
    if ops.ndim(theta) == 0:
        posterior = _only_element(ops, posterior)
    if ops.ndim(data) == 0:
        marginal = _only_element(ops, marginal)
    return _named(ops, theta, rv, blank, data, posterior, marginal if ops.ndim(data) < 2 else None, relation)


def _as_vector(ops, draw, pattern):
    """Return mean and covariance of a normal draw of the shape of `pattern`, laid out as a vector."""
    parameters = ops.parameters(draw)
    if ops.distribution_of(draw) == "mvnormal":
        return parameters["mu"], parameters["cov"]
    return ops.column(parameters["mu"], pattern), ops.diagonal(ops.sqr(ops.column(parameters["sigma"], pattern)))


def _only_element(ops, draw):
    mean, cov = draw.rands[:2]
    return ops.normal(ops.first(mean), ops.sqrt(ops.corner(cov)))


def _fewer_data_than_parameters(ops, theta, data):
    n, k = (ops.static_size(x) for x in (data, theta))
    return n is not None and k is not None and 0 < n < k


@dataclass(frozen=True)
class IndependentNoise:
    """Noise of the variances `variance` (n)."""

    ops: Any
    variance: Term

    @property
    def cov(self):
        return self.ops.diagonal(self.variance)

    def solve(self, x):
        """Return the inverse of the covariance times `x`, (n) or (n, k)."""
        return self.ops.divide_rows(x, self.variance)


@dataclass(frozen=True)
class DenseNoise:
    """Noise of the covariance `cov` (n, n)."""

    ops: Any
    cov: Term

    def solve(self, x):
        """Return the inverse of the covariance times `x`, (n) or (n, k)."""
        return self.ops.dot(self.ops.inverse(self.cov), x)


def _noise_of(ops, rv, data):
    parameters = ops.parameters(rv)
    if ops.distribution_of(rv) == "mvnormal":
        return DenseNoise(ops, parameters["cov"])
    return IndependentNoise(ops, ops.sqr(ops.column(parameters["sigma"], data)))


def _ask(relation, before):
    q = var()
    (after,) = run(1, q, relation(before, q))
    return after


def _named(ops, theta, rv, blank, data, posterior, marginal, relation):
    """Give the draws that come out the names and notes of those that went in, and identities of their own."""
    return Reversal(
        _dressed(ops, _with_axes_of(ops, posterior, blank), theta),
        None if marginal is None else _dressed(ops, _with_axes_of(ops, marginal, data), rv),
        relation.__name__,
        reference_of(relation),
    )


def _with_axes_of(ops, draw, pattern):
    """Return a draw of the shape of `pattern` that broadcasts where `pattern` does."""
    if not any(ops.pattern(pattern)):
        return draw
    elementwise = 2 if ops.distribution_of(draw) == "normal" else 1
    fitting = (i < elementwise and ops.ndim(x) == ops.ndim(pattern) for i, x in enumerate(draw.rands))
    return draw.replace(rands=tuple(ops.with_axes_of(x, pattern) if f else x for f, x in zip(fitting, draw.rands)))


def _dressed(ops, draw, old):
    note = old.info.note and old.info.note.obj
    kept = note and Ref(note.successor())
    return settle_graph(_tidy(ops, draw).replace(info=Info(var(), old.name, var(), kept)))


def _tidy(ops, root):
    """Return `root` without the scalars 0 in its sums and 1 in its products."""
    neutral = {"add": 0.0, "sub": 0.0, "mul": 1.0, "true_div": 1.0}

    def tidy(x):
        value = neutral.get(ops.operator_of(x))
        if value is None:
            return x
        first, *rest = x.rands
        kept = [r for r in rest if not _is_scalar(r, value)]
        if ops.operator_of(x) in ("add", "mul") and kept and _is_scalar(first, value):
            first, *kept = kept
        if len(kept) == len(x.rands) - 1:
            return x
        return x.replace(rands=(first, *kept)) if kept else first

    return rebuild(root, tidy)


def _is_scalar(x, value):
    return isinstance(x, Constant) and x.shape == () and is_constant(x, value)
