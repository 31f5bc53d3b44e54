"""Variables that only scale normal ones: integrated out, and the factors beside them moved into their laws."""

from dataclasses import replace
from functools import partial

from kanren import eq
from unification import reify, var

from symbolic_pymc.distributions import DISTRIBUTIONS
from symbolic_pymc.meta import settle_graph
from symbolic_pymc.records import Info, Ref, Term, is_ground
from symbolic_pymc.relations.edge import blank_of, shape_of
from symbolic_pymc.relations.laws import law
from symbolic_pymc.relations.mixtures import has_its_own_density
from symbolic_pymc.relations.monomials import raised
from symbolic_pymc.relations.scale_mixtures import marginals, scales_of
from symbolic_pymc.vocabulary import roles_of
from symbolic_pymc.relation import as_relation
from symbolic_pymc.parts import as_graph, graph_parts, substitute


def scale_mixture_marginalo(ops, outputs, integrated):
    r"""Relate the outputs of a model to those without a variable that only scales a normal one.

    .. math::

        \frac{w \sim G \qquad x \mid w \sim N(\mu, c\, w^{k}) \qquad \int N(\mu, c\, w^k)\, p(w)\, dw = F}
             {x \sim F}

    The goal fails where anything else depends on `w`, be it a Deterministic, or where one element of `w` scales several
    of `x`, which are dependent without it.

    Reference: Andrews and Mallows, Scale mixtures of normal distributions, JRSS B 36 (1974), 99-102.
    """

    def goal(s):
        known = reify(outputs, s)
        if type(known) is not tuple or not is_ground(known):
            return
        for x in [x for x in graph_parts(known) if ops.distribution_of(x) == "normal" and x.name]:
            p = ops.parameters(x)
            for w, found in marginals(ops, p["mu"], p["sigma"], x):
                # a variable that feeds no data may be an output of its own
                new = substitute(tuple(y for y in known if y is not w), {x: _in_place_of(ops, x, w, found)})
                if has_its_own_density(x) and has_its_own_density(w) and w not in set(graph_parts(new)):
                    yield from eq(integrated, new)(s)

    return goal


def _in_place_of(ops, x, w, found):
    note = x.info.note and Ref(x.info.note.obj.successor())
    info = x.info.replace(index=var(), draw=var(), note=note)
    size = substitute(shape_of(ops, x), {w: blank_of(ops, w)})
    return settle_graph(law(ops, *found, size=size).replace(info=info))


def marginal_relation(ops):
    """Return `scale_mixture_marginalo` as a relation of the outputs of a whole model alone."""
    relation = as_relation(partial(scale_mixture_marginalo, ops))
    return replace(relation, heads=lambda x: type(x) is tuple)


def mixing_scaleo(ops, variance, scaled):
    r"""Relate a random variance to the same one with its constant factor in the law of the draw.

    .. math::

        \frac{v = c\, w^{k} \qquad w \sim F(\sigma)}{v = w^{k} \qquad w \sim F(c^{1/k}\, \sigma)}

    `F` is a family of positive variables with a scale or a rate; the draw that comes out is fresh.  One way.
    """

    def goal(s):
        v = as_graph(reify(variance, s))
        if not isinstance(v, Term) or not is_ground(v):
            return
        for w, form in scales_of(ops, ops.constant(0.0), v, v):
            if _is_scale_family(ops, w) and form.pick.scale is not None:
                k = form.exponent
                new = settle_graph(_scaled(ops, w, raised(ops, form.pick.scale, 1.0 / k)))
                yield from eq(scaled, settle_graph(raised(ops, new, k)))(s)

    return goal


def _is_scale_family(ops, w):
    name = ops.distribution_of(w)
    roles = set(roles_of(name, ops.rows[name].params) or ())
    return DISTRIBUTIONS[name].support in ("positive", "nonnegative") and bool(roles & {"scale", "rate"})


def _scaled(ops, w, factor):
    """Return a fresh draw from the law of a positive variable times a factor."""
    name, values = ops.distribution_of(w), ops.parameters(w)
    words = {"rate": ops.true_div, "shape": lambda value, c: value}
    roles = zip(values, roles_of(name, tuple(values)))
    native = [words.get(role, ops.mul)(values[p], factor) for p, role in roles]
    return getattr(ops, name)(*native, shape_of(ops, w)).replace(info=Info(var(), w.name, var(), None))
