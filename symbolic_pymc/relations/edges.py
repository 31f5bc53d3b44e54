"""From an arc of a model to its reversal: the guards that hold for every pair, and which pair it is."""

from symbolic_pymc.records import Term
from symbolic_pymc.relations.affine import dependents
from symbolic_pymc.relations.angle_edges import reverse_angle
from symbolic_pymc.relations.bounded_edges import BOUNDED, CUT_MEANS, reverse_bounded, reverse_reciprocal
from symbolic_pymc.relations.count_edges import PAIRS, reverse_count
from symbolic_pymc.relations.covariance_edges import DEGREES, reverse_covariance
from symbolic_pymc.relations.cuts import cut_of, family_of
from symbolic_pymc.relations.edge import Edge, NotReversible, blank_of, called
from symbolic_pymc.relations.endpoint_edges import reverse_end, reverse_start
from symbolic_pymc.relations.flat_edges import reverse_flat
from symbolic_pymc.relations.gig_edges import INVERTED, reverse_inverted, reverse_rate_or_scale
from symbolic_pymc.relations.hurdle_edges import hurdle_to, reverse_hurdle
from symbolic_pymc.relations.kernel_edges import reverse_kernel
from symbolic_pymc.relations.kernels import LIKELIHOODS, PRIORS
from symbolic_pymc.relations.laplace_edges import KINKED, reverse_laplace
from symbolic_pymc.relations.laws import parameters_of
from symbolic_pymc.relations.log_edges import of_logs
from symbolic_pymc.relations.matrix_edges import CHILDREN, MATRICES, reverse_matrix, reverse_rows, rows_of
from symbolic_pymc.relations.matrixnormal_edges import MATRIX_DATA, reverse_matrixnormal
from symbolic_pymc.relations.normal_edges import reverse_normal
from symbolic_pymc.relations.threshold_edges import reverse_threshold
from symbolic_pymc.relations.truncated_edges import between_bounds
from symbolic_pymc.relations.uniform_edges import reverse_uniform
from symbolic_pymc.parts import graph_parts, key, replace_parts, substitute, subterms

NORMAL = ("normal", "mvnormal")
FLAT = "flat"
BY_MEAN = {"normal": reverse_bounded, "lognormal": of_logs(reverse_bounded), "wald": reverse_reciprocal}
VECTORS = ("mvnormal", "lowrankmvnormal")
# what may be cut at bounds, and is conjugate then as it is without them
CUT = ("gamma", "exponential", "chisquared", "inversegamma", "beta")


def reverse(ops, theta, rv, data):
    """Return the `Reversal` of the arc from the draw `theta` to the draw `rv`, seen to be `data`.

    Raises
    ------
    NotReversible
        With the reason in words.
    """
    hurdle = hurdle_to(ops, theta, rv)
    if hurdle is not None:
        refuse_other_paths(ops, theta, rv)
        return reverse_hurdle(ops, theta, rv, data, hurdle, reverse)
    reverser = _reverser(ops, theta, rv)
    _refuse_batch(ops, theta)
    if reverser not in (_reverse_mean, reverse_matrix, reverse_matrixnormal):
        _refuse_batch(ops, rv)
    refuse_other_paths(ops, theta, rv)
    return reverser(ops, _edge(ops, theta, rv, data))


def _refuse_batch(ops, draw):
    family = ops.distribution_of(draw)
    if family in (*VECTORS, "gaussianchain") and ops.ndim(draw) > 1:
        raise NotReversible(f"{called(ops, draw)} is a batch of multivariate normal vectors")
    if family in MATRICES and ops.ndim(draw) > 2:
        raise NotReversible(f"{called(ops, draw)} is a batch of matrices")


def _reverse_mean(ops, edge):
    rows = rows_of(ops, edge)
    if rows is not None:
        return reverse_rows(ops, edge, *rows)
    _refuse_batch(ops, edge.rv)
    return reverse_normal(ops, edge)


def _reverser(ops, theta, rv):
    """Return the function that knows the families of both ends of an arc."""
    prior, likelihood = ops.distribution_of(theta), ops.distribution_of(rv)
    cut = cut_of(ops, theta)
    if cut is not None and cut.family in CUT_MEANS and likelihood in BY_MEAN:
        return reverse_mean_or_scale
    if cut is not None and cut.family in CUT and likelihood in (*LIKELIHOODS, *VECTORS):
        return between_bounds(reverse_kernel if likelihood in LIKELIHOODS else reverse_covariance)
    if prior in (*NORMAL, "gaussianchain") and likelihood in (*NORMAL, *VECTORS):
        return _reverse_mean
    if prior == FLAT and likelihood in (*NORMAL, *VECTORS):
        return reverse_flat
    if prior in (*NORMAL, "gaussianchain", FLAT) and likelihood == "lognormal":
        return of_logs(reverse_flat if prior == FLAT else reverse_normal)
    if prior in KINKED and likelihood in ("normal", "lognormal"):
        return reverse_laplace if likelihood == "normal" else of_logs(reverse_laplace)
    if prior == "normal" and likelihood == "bernoulli":
        return reverse_threshold
    if prior in BOUNDED and likelihood in BY_MEAN:
        return reverse_mean_or_scale
    if prior == likelihood == "vonmises":
        return reverse_angle
    if prior == "pareto" and likelihood == "uniform":
        return reverse_end
    if prior in ("beta", "uniform") and likelihood == "pareto":
        return reverse_start
    if (prior, likelihood) in PAIRS:
        return reverse_count
    if prior == "uniform" and likelihood in LIKELIHOODS:
        return reverse_uniform
    if prior in INVERTED and likelihood in LIKELIHOODS:
        return reverse_rate_or_scale if prior in PRIORS else reverse_inverted
    if prior in PRIORS and likelihood in LIKELIHOODS:
        return reverse_kernel
    if prior in PRIORS and likelihood in VECTORS:
        return reverse_covariance
    if prior in MATRICES and likelihood in CHILDREN:
        return reverse_matrix
    if prior == "matrixnormal" and likelihood in MATRIX_DATA:
        return reverse_matrixnormal
    if prior is None and "lkj" in str(theta.rator).lower():
        raise NotReversible(
            f"{called(ops, theta)} has an LKJ law, which no likelihood is conjugate to; "
            "a covariance that is InverseWishart, or a precision that is Wishart, has closed forms"
        )
    families = (f"{called(ops, draw)} is {name or draw.rator}" for draw, name in ((theta, prior), (rv, likelihood)))
    raise NotReversible("{} and {}: no closed form is known between the two".format(*families))


def reverse_mean_or_scale(ops, edge):
    """Return the `Reversal` of an edge from a bounded variable to data, by the parameter that it enters."""
    if edge.parameter != "mu" and ops.distribution_of(edge.theta) == "halfnormal":
        return reverse_inverted(ops, edge)
    if edge.parameter != "mu" and family_of(ops, edge.theta) in PRIORS:
        reverse = between_bounds(reverse_kernel) if cut_of(ops, edge.theta) else reverse_rate_or_scale
        return (reverse_uniform if ops.distribution_of(edge.theta) == "uniform" else reverse)(ops, edge)
    return BY_MEAN[ops.distribution_of(edge.rv)](ops, edge)


def _edge(ops, theta, rv, data):
    """Return the `Edge` of an arc whose parent enters one parameter of the child."""
    # Only the shape of theta is needed from here on; its place is held by an array that draws nothing.
    blank = blank_of(ops, theta)
    others = parameters_of(ops, without_marks(ops, substitute(rv, {theta: blank}), blank))
    entered = [name for name, value in others.items() if value in dependents(ops, value, blank)]
    if not entered:
        raise NotReversible(f"no parameter of {called(ops, rv)} depends on the value of {called(ops, theta)}")
    if set(entered) <= set(DEGREES) and family_of(ops, theta) in PRIORS:
        return Edge(theta, rv, data, blank, "covariance", rv, others)
    parameter, *too = entered
    if too:
        raise NotReversible(f"{called(ops, theta)} also appears in the {too[0]} of {called(ops, rv)}")
    return Edge(theta, rv, data, blank, parameter, others.pop(parameter), others)


def refuse_other_paths(ops, theta, rv):
    """Refuse an arc beside which there is another way from the parent to the child."""
    reached = {theta}
    for x in graph_parts(rv):
        if isinstance(x, Term) and any(isinstance(r, Term) and r in reached for r in x.rands):
            if ops.is_random(x) and x is not rv:
                names = (called(ops, draw) for draw in (theta, rv, x))
                raise NotReversible("{} also reaches {} through {}".format(*names))
            reached.add(x)


def without_marks(ops, root, theta):
    """Return `root` with the deterministic quantities that `theta` stands in replaced by what they compute.

    What another value takes the place of `theta` in may come to stand beside them, and no name may stand in a model
    twice.
    """
    reached, new = {theta}, {}
    for x in graph_parts(root):
        y = replace_parts(x, tuple(new[key(c)] for c in subterms(x)))
        if isinstance(x, Term) and any(isinstance(r, Term) and r in reached for r in x.rands):
            reached.add(x)
            y = y.rands[0] if ops.operator_of(x) == "deterministic" else y
        new[key(x)] = y
    return new[key(root)]
