"""What users call: models in, models out, with the steps that led there."""

from symbolic_pymc.adapter import adapter_of
from symbolic_pymc.errors import ArgumentError
from symbolic_pymc.evidence import log_evidence
from symbolic_pymc.journal import keep
from symbolic_pymc.marginals import marginalize
from symbolic_pymc.meta import reify_many, unchanging
from symbolic_pymc.recovery import Recovery
from symbolic_pymc.reforms import Weights, form_of
from symbolic_pymc.relation import as_relation
from symbolic_pymc.conditioning import condition
from symbolic_pymc.rewriting import rewritten
from symbolic_pymc.series import read_series
from symbolic_pymc.parts import graph_parts


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

    A variable of finite support, or a Markov chain of hidden states, is given the law that its values have given all
    its data, where nothing else about those is unknown; `marginalize_graph` sums over it beside other unknowns, too.

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

        # by draw: a part of another variable has other parents once these are rewritten
        parts = {x.info.draw for x in ops.parts_of_compound(graph_parts(*outputs))}
        relation = found.driven_by(lambda x: ops.is_random(x) and chosen(x) and x.info.draw not in parts)
        return rewritten(ops, model, outputs, back, relation, observed_too=False, why_not=why_not, series=series)


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
        return rewritten(adapter.ops, model, *adapter.terms(model), as_relation(relation), bound=bound)
