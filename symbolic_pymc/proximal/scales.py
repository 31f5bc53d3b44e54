"""Objectives on the scales of transformed unknowns."""

from dataclasses import replace

from symbolic_pymc.meta import metatize, reify_many
from symbolic_pymc.parts import substitute

SCALES = {"log": "exp", "logit": "sigmoid"}  # by the transform, what undoes it


def on_scale(objective, scales, jacobian=False):
    r"""Return an `Objective` in the transformed values of some unknowns.

    .. math::

        \tilde\phi(t) = \phi(e^t) \quad\text{or}\quad \phi\Bigl(\frac{1}{1 + e^{-t}}\Bigr)

    A term that is not convex in a positive unknown may be in its logarithm.

    Parameters
    ----------
    objective : Objective
    scales : dict of str to str
        For an unknown, by name, "log" or "logit".
    jacobian : bool
        Whether the densities are those of the transformed values; those of the unknowns themselves by default.
    """
    ops, inputs, moved = objective.adapter.ops, dict(objective.inputs), {}
    terms = dict(objective.terms)
    for name, scale in scales.items():
        (base,) = reify_many((inputs[name],))
        inputs[name] = metatize(base.type(f"{name}_{scale}"))
        moved[objective.inputs[name]] = getattr(ops, SCALES[scale])(inputs[name])
        if jacobian:
            terms[name] = ops.sub(terms[name], _log_jacobian(ops, scale, inputs[name]))
    moved = tuple((name, substitute(term, moved)) for name, term in terms.items())
    return replace(objective, inputs=inputs, terms=moved)


def _log_jacobian(ops, scale, t):
    if scale == "log":
        return t
    return ops.neg(ops.add(ops.softplus(t), ops.softplus(ops.neg(t))))
