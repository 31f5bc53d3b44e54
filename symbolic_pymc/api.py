"""What users call: models in, models out, with the steps that led there."""

import importlib
from dataclasses import dataclass
from functools import partial
from numbers import Number
from typing import Any, Callable

from symbolic_pymc.backends import load_backend_of
from symbolic_pymc.errors import ArgumentError, ConversionError, ModelGraphError, RelationError
from symbolic_pymc.meta import MetaSymbol, Term, is_ground, metatize, reify_many, unchanging
from symbolic_pymc.marginals import marginalize
from symbolic_pymc.recovery import Recovery
from symbolic_pymc.evidence import log_evidence
from symbolic_pymc.reversal import condition
from symbolic_pymc.journal import Step, keep
from symbolic_pymc.reforms import Weights, form_of
from symbolic_pymc.series import read_series, restored, with_unread
from symbolic_pymc.vocabulary import Vocabulary
from symbolic_pymc.relation import as_relation
from symbolic_pymc.walk import graph_parts, rewrite


@dataclass(frozen=True)
class Adapter:
    """How a backend's models, graphs and variables come to be terms, and back.

    Parameters
    ----------
    ops : Vocabulary
    model, graph, variable : type
    model_graph, graph_model : callable
        From a model to a FunctionGraph, and back.
    log_density : callable
        ``log_density(rv, value)`` of base variables, elementwise.
    joint_density : callable
        ``joint_density(model)`` returns a function of the values that samplers walk in, and their names.
    start : callable
        ``start(model)`` returns the values that samplers start from, by name.
    score : callable
        ``score(log_density, place)`` returns the slope of a scalar graph in a variable of it.
    copied : callable
        ``copied(variable)`` returns another variable of the same value.
    point : callable
        ``point(model, values)`` returns values of unknowns by name with what samplers call them, and Deterministics.
    unwalked : callable
        ``unwalked(model, walked)`` returns values of unknowns by name, from those that samplers walk in.
    evaluate : callable
        ``evaluate(variable)`` returns the value of a base variable that depends on no input.
    zero : callable
        Returns the scalar 0 of the backend.
    compile : callable
        ``compile(inputs, outputs)`` returns a function of arrays.
    gradient : callable
        ``gradient(cost, variables)`` returns the derivatives of a scalar, zero where it does not depend on one, or raises
        `NotDifferentiable`.
    build_context : callable
        Returns the context manager in which intermediate graphs are built.
    compile_draws : callable
        ``compile_draws(inputs, outputs)`` returns a function that draws anew with every call.
    reseed : callable
        ``reseed(function, random_seed)`` sets the generators of such a function.
    """

    ops: Vocabulary
    model: type
    graph: type
    base_graph: type
    variable: type
    model_graph: Callable
    graph_model: Callable
    log_density: Callable
    joint_density: Callable
    start: Callable
    point: Callable
    unwalked: Callable
    score: Callable
    copied: Callable
    evaluate: Callable
    zero: Callable
    compile: Callable
    gradient: Callable
    build_context: Callable
    compile_draws: Callable
    reseed: Callable

    def terms(self, obj):
        """Return the outputs of `obj` as terms, and a function that makes an object of its kind from outputs."""
        if isinstance(obj, self.model):
            graph = self.model_graph(obj)
            return metatize(graph).rands, lambda outputs: self.graph_model(self._graph(graph, outputs))
        if isinstance(obj, self.base_graph):
            return metatize(obj).rands, partial(self._graph, obj)
        return (metatize(obj),), self._only_output

    def _graph(self, graph, outputs):
        attributes = {"coords": getattr(graph, "coords", None), "model_name": getattr(graph, "model_name", "")}
        return self.graph(None, list(outputs), **attributes)

    def _only_output(self, outputs):
        if not outputs:
            raise ModelGraphError("nothing is left of it; pass the model or a FunctionGraph of the variable")
        if len(outputs) > 1:
            names = ", ".join(str(v.name or v) for v in outputs)
            raise ModelGraphError(f"the result has the outputs {names}, not one; pass a FunctionGraph of the variable")
        return outputs[0]


def adapter_of(obj):
    """Return the `Adapter` for an object of a user.

    Raises
    ------
    ConversionError
        When it is no model, graph or variable of a backend.
    """
    name = load_backend_of(obj)
    if name is not None:
        adapter = importlib.import_module(f"{name}.adapter").ADAPTER
        if isinstance(obj, (adapter.model, adapter.base_graph, adapter.variable)):
            return adapter
    raise ConversionError(
        f"{type(obj).__module__}.{type(obj).__qualname__} is no model, FunctionGraph or variable; pass a PyMC3 or PyMC "
        "model, a FunctionGraph of Theano or PyTensor, or one of their variables"
    )


def conjugate_graph(model):
    r"""Condition a model on its data in closed form, as far as that goes.

    Every arc from an unobserved variable to data that has a closed-form reversal,
    :math:`p(\theta)\,p(y \mid \theta) = p(y)\,p(\theta \mid y)`, is reversed.  Data whose own law depends on nothing
    unobserved leave the model; their log density is the `log_evidence` of the result.  All other evidence stays: as an
    observed variable or, where its law has no name, as a Potential ``<data>_evidence``.

    A flat or half-flat prior has the density 1; the evidence is relative to that, and no probability of data.  Its
    posterior must be proper at the values that constants and shared variables have now, or it is left as it is.  What a
    flat mean leaves of normal data ``y`` are their error contrasts, observed as ``y``.  A half-flat deviation ``s``
    becomes the square root, a Deterministic, of the inverse gamma variable ``s_squared``.  A number ``N`` of things of
    which a part was seen becomes the sum, a Deterministic, of that part and the variable ``N_unseen``.

    Parameters
    ----------
    model : PyMC3 or PyMC model, FunctionGraph, or variable
        It is not changed.

    Returns
    -------
    An object of the same kind; `model` itself when nothing applies.  Its attribute `log_evidence` is a scalar graph:
    the log of all that was dropped, so that the density of the old model is that times the density of the new one.
    `steps` of it says what was done and what was not, and why.

    Raises
    ------
    ConversionError
        When `model` is none of these.
    UnsupportedDistributionError, ModelGraphError
        When the model cannot be written as a graph.
    """
    adapter = adapter_of(model)
    with adapter.build_context():
        with unchanging():
            outputs, back = adapter.terms(model)
            result = condition(adapter, outputs)
            evidence = log_evidence(adapter, result.dropped)
        changed = model if result.outputs == outputs else back(reify_many(result.outputs))
        _attach(changed, model, log_evidence=evidence)
    return keep(changed, result.steps)


def marginalize_graph(model, names):
    r"""Integrate variables out of a model in closed form.

    :math:`p(\theta)\, p(x \mid \theta) = p(x)\, p(\theta \mid x)` for every child :math:`x` of a variable
    :math:`\theta`, observed or not, until nothing depends on it; then it is left out.

    Parameters
    ----------
    model : PyMC3 or PyMC model, FunctionGraph, or variable
        It is not changed.
    names : iterable of str
        The unobserved variables to integrate out.

    Returns
    -------
    An object of the same kind; `model` itself when nothing applies.  `log_evidence` and `steps` of it are as in
    `conjugate_graph`; ``result.recover(trace)`` draws the variables back, see `symbolic_pymc.recovery.Recovery`.

    Raises
    ------
    ArgumentError
        When a name is that of no unobserved variable.
    """
    return _marginalized(model, names)


def collapse_graph(model):
    r"""Integrate every variable out of a model that has a closed form given the rest.

    What is left is the smallest model to sample.  Parameters, returns and errors are those of `marginalize_graph`.
    """
    return _marginalized(model, None)


def _marginalized(model, names):
    adapter = adapter_of(model)
    with adapter.build_context():
        with unchanging():
            outputs, back = adapter.terms(model)
            readable = read_series(adapter, outputs)[0]
            names = None if names is None else _names_of(adapter.ops, readable, names)
            result = marginalize(adapter, outputs, names)
            evidence = log_evidence(adapter, result.dropped)
        changed = back(reify_many(result.kept)) if result.integrated else model
        _attach(changed, model, log_evidence=evidence, recover=Recovery(adapter, result.integrated))
    return keep(changed, result.steps)


def _attach(result, model, **attributes):
    """Set attributes of a result; a model that comes back as it was keeps those of an earlier call."""
    for name, value in attributes.items():
        if result is not model or name not in vars(model):
            setattr(result, name, value)


def reparam_graph(model, names=None, form=None, weights=None):
    r"""Write unobserved variables as functions of others with simpler laws.

    Unless another form is asked for, variables of location-scale families are written as shifted and scaled standard
    ones: :math:`x \sim F(\mu, \sigma)` becomes :math:`x = \mu + \sigma z` with :math:`z \sim F(0, 1)`, named
    ``x_offset``; ``x`` stays available as a Deterministic.  The law of all named variables is the same.

    Parameters
    ----------
    model : PyMC3 or PyMC model, FunctionGraph, or variable
        It is not changed.
    names : iterable of str, optional
        The variables to write so; all of them when it is not given, or those that `weights` names.  Leave out a vague
        prior, say ``N(0, 100**2)``, where a sampler's start is jittered by one: one unit of its offset is far away.
    form : str, optional
        How to write them, and what is drawn then:

        - "offset": :math:`\mu + \sigma z`, for a normal vector :math:`\mu + L z` with :math:`L L' = \Sigma`; ``x_offset``
        - "partial": :math:`\mu + \sigma^{1 - \lambda} (z - \lambda \mu)`, :math:`\lambda` in `weights`; ``x_offset``
        - "inverse_cdf": :math:`F^{-1}(u)`; ``x_uniform``
        - "log": :math:`e^z` (lognormal); ``x_log``, or for what has a Gumbel logarithm ``x_minus_log``
        - "logit": :math:`1 / (1 + e^{-z})` (logit-normal, uniform); ``x_logit``
        - "reciprocal": :math:`1 / g` (gamma, inverse gamma); ``x_reciprocal``
        - "gammas": :math:`g / \sum g` (Dirichlet, beta), :math:`2 g` (chi squared), :math:`\mu - \sigma \log g` (Moyal);
          ``x_gamma``
        - "sticks": the pieces of a stick that is broken again and again (Dirichlet); ``x_stick``
        - "split": :math:`g\, u^{\pm 1 / \alpha}` (gamma, inverse gamma); ``x_gamma`` and ``x_uniform``
        - "factors": :math:`M + A z B'` (matrix normal; ``x_offset``) and Bartlett's :math:`L A A' L'` (Wishart;
          ``x_diagonal`` and ``x_below``)
        - "times", "utilities": :math:`\arg\min_k e_k` and :math:`\arg\max_k g_k` (categorical); ``x_time``, ``x_utility``
        - "zero_sum": :math:`\sigma (z - \bar{z})` (a normal vector that sums to zero); ``x_offset``
        - "vine": partial correlations (an LKJ matrix, or the factor of a covariance); ``x_partial``, and ``x_sd``
        - "qr": :math:`R^{-1} \theta`, the design being :math:`Q R` (normal or flat coefficients); ``x_qr``
        - "centred": :math:`c - \bar{x}'\beta`, an intercept beside :math:`X\beta` (normal or flat); ``x_centred``
        - "scaled": :math:`\theta / d`, `d` being the standard deviations of the columns of the design; ``x_scaled``
    weights : number, array, shared variable, or dict from names to these, optional
        For the form "partial", which need not be named then: 0 is the offset form, 1 leaves a variable as it is.
        A shared one may be learned, and should stay between these; the law is the same for every other number, too.

    Returns and errors are those of `conjugate_graph`.

    Raises
    ------
    ArgumentError
        When a name is that of no unobserved variable, a form that of none, or a weight is no weight.

    Examples
    --------
    >>> import pymc as pm
    >>> with pm.Model() as model:
    ...     tau = pm.HalfCauchy("tau", 5.0)
    ...     theta = pm.Normal("theta", 0.0, tau, shape=8)
    >>> [v.name for v in reparam_graph(model, ["tau"], form="inverse_cdf").free_RVs]
    ['tau_uniform', 'theta']
    >>> [v.name for v in reparam_graph(model, weights={"theta": 0.3}).free_RVs]
    ['tau', 'theta_offset']
    """
    adapter = adapter_of(model)
    ops = adapter.ops
    with adapter.build_context():
        outputs, back = adapter.terms(model)
        form = form or ("offset" if weights is None else "partial")
        if (form == "partial") != (weights is not None):
            raise ArgumentError("form 'partial', and no other, takes weights: a number from 0 to 1, or a dict of such")
        weights = None if weights is None else Weights(ops, weights)
        wanted = weights.names if names is None and weights is not None else names
        seen = {x.rands[1] for x in graph_parts(*outputs) if ops.is_observed(x)}
        series = read_series(adapter, outputs, lambda x: x not in seen)
        found, chosen = form_of(ops, series[0], form, weights), _chosen(ops, series[0], wanted)

        def why_not(x, is_observed):
            if is_observed:
                return f"{x.name} is observed"
            return found.why_not(x) if chosen(x) else f"{x.name} was not asked for"

        parts = ops.parts_of_compound(graph_parts(*outputs))
        relation = found.driven_by(lambda x: ops.is_random(x) and chosen(x) and x not in parts)
        return _rewritten(ops, model, outputs, back, relation, observed_too=False, why_not=why_not, series=series)


def _chosen(ops, outputs, names):
    """Return the predicate of the draws that a caller names; of all that are there when `names` is None."""
    names = None if names is None else _names_of(ops, outputs, names)
    draws = [x for x in graph_parts(*outputs) if ops.is_random(x)]
    known = {x.info.draw for x in draws if names is None or x.name in names}
    return lambda x: x.info.draw in known


def _names_of(ops, outputs, names):
    """Return the names that a caller gives, which must be those of unobserved variables."""
    names = () if isinstance(names, str) else tuple(names)
    if not names or not all(isinstance(name, str) for name in names):
        raise ArgumentError("names: the names of variables are wanted, in a list")
    seen = {x.rands[1] for x in graph_parts(*outputs) if ops.is_observed(x)}
    unobserved = {x.name for x in graph_parts(*outputs) if ops.is_random(x) and x not in seen}
    wrong = sorted(set(names) - unobserved)
    if wrong:
        there = ", ".join(sorted(filter(None, unobserved)))
        raise ArgumentError(f"names: {', '.join(wrong)} is no unobserved variable; there are {there or 'none'}")
    return names


def rewrite_graph(model, relation, bound=100_000):
    """Apply a relation of the user's own everywhere in a model or graph, to a fixed point.

    Parameters
    ----------
    model : PyMC3 or PyMC model, FunctionGraph, or variable
        It is not changed.
    relation : callable, Relation, or list of these
        ``relation(x, y)`` returns a kanren goal that relates a term `x` to its replacement `y`.  Several are tried in
        order at every term, a `Relation` with `heads` only where the operator is one of these.  Relations that hold in a
        limit only, ``limits()`` of `symbolic_pymc.relations.theano.special` or its like, stand in no other function;
        their steps are marked as approximate.
    bound : int
        How many applications are allowed.

    Returns
    -------
    An object of the same kind, `model` itself when nothing matched; `steps` lists the applications.

    Raises
    ------
    RelationError
        When the relation raises, or relates a term to what is none.
    NonTerminationError
        When the relation has no fixed point; `last` is the graph reached.
    ArgumentError
        When `relation` is no function, or `bound` no whole number.
    """
    adapter = adapter_of(model)
    with adapter.build_context():
        return _rewritten(adapter.ops, model, *adapter.terms(model), as_relation(relation), bound=bound)


def _rewritten(ops, model, outputs, back, relation, observed_too=True, why_not=None, bound=100_000, series=None):
    taken, written = [], outputs
    outputs, series, unread = series or (outputs, (), ())
    observed = [] if observed_too else [x.rands[1] for x in graph_parts(*outputs) if ops.is_observed(x)]

    def record(before, after, by):
        _refuse_what_is_no_term(by, before, after)
        taken.append(Step(by.name, _names(ops, before, after), by.reference, is_approximate=by.is_approximate))

    new = rewrite(outputs, relation, skip=observed, bound=bound, on_step=record)
    _refuse_split_variables(ops, new, relation)
    left = with_unread(unread, _left(ops, outputs, new, relation, why_not))
    new, read = restored(series, new)
    changed = model if new == written else back(reify_many(new))
    return keep(changed, (*read, *taken, *left))


def _refuse_what_is_no_term(relation, before, after):
    """Refuse an answer that no graph can be built of: one of another kind, or one that leaves something unknown.

    All outputs of a graph at once, a tuple, may become others.
    """
    name = f"the relation {relation.name} at {_name(before) or repr(before)[:200]}"
    if not isinstance(after, (MetaSymbol, Number)) and not type(before) is type(after) is tuple:
        raise RelationError(f"{name}: the answer {after!r:.200} is no term; relate a term of the graph to another")
    if not is_ground(after):
        raise RelationError(f"{name}: the answer {after!r:.200} leaves something unknown; bind all of its parts")


def _name(x):
    return x.name if isinstance(x, Term) else None


def _names(ops, before, after):
    """Return the names of what a step is about; of all outputs at once, those of the draws that go or change their law."""
    if type(before) is not tuple:
        name = _name(before) or _name(after)
        return (name,) if name else ()
    kept = {(x.name, x.rator) for x in graph_parts(after) if ops.is_random(x)}
    return tuple(x.name for x in graph_parts(before) if ops.is_random(x) and x.name and (x.name, x.rator) not in kept)


def _refuse_split_variables(ops, outputs, relation):
    """Refuse a graph in which one variable of the model became two: rewritten in one place and not in another."""
    holders = {}
    for x in graph_parts(*outputs):
        if ops.is_random(x) or ops.operator_of(x) == "deterministic":
            if x.name is not None and holders.setdefault(x.name, x) is not x:
                raise ModelGraphError(
                    f"{x.name}: after {relation.name} two variables have this name; it is used where the relation does "
                    "not see it, or was there before. Relate the variable itself, or rename one"
                )


def _left(ops, before, after, relation, why_not):
    """Return a step with a reason for every draw that the relation left as it is."""
    if why_not is None:
        return ()
    old = {x.name for x in graph_parts(*before) if ops.is_random(x) and x.name}
    draws = [x for x in graph_parts(*after) if ops.is_random(x) and x.name in old]
    seen = {x.rands[1] for x in graph_parts(*after) if ops.is_observed(x)}
    return tuple(Step(relation.name, (x.name,), reason=why_not(x, x in seen)) for x in draws)
