"""Points of PyMC3 models: from values of the unknowns to those that samplers walk in, and back."""

import numpy as np
import theano


def point(model, values):
    """Return values of unknowns by name with those that samplers walk in, and with the Deterministics of a model."""
    known = {v: values[v.name] for v in model.unobserved_RVs if v.name in values}
    walked = {}
    for free in model.free_RVs:
        transform = getattr(free, "transformation", None) or getattr(free.distribution, "transform_used", None)
        if free.name not in values and transform is not None:
            original = next(v for v in known if getattr(v, "transformed", None) is free)
            with np.errstate(divide="ignore"):
                walked[free.name] = np.asarray(transform.forward_val(values[original.name]))
    computed = [v for v in model.deterministics if v not in known]
    function = theano.function(list(known), computed, on_unused_input="ignore")
    return {**values, **walked, **dict(zip((v.name for v in computed), function(*known.values())))}


def unwalked(model, walked):
    """Return the values of the unknowns, by name, at a point that samplers walk in."""
    hidden = {v.transformed for v in model.unobserved_RVs if hasattr(v, "transformed")}
    originals = [
        v for v in model.unobserved_RVs if hasattr(v, "transformed") or v in model.free_RVs and v not in hidden
    ]
    function = theano.function(model.free_RVs, originals, on_unused_input="ignore")
    return dict(zip((v.name for v in originals), function(*(walked[v.name] for v in model.free_RVs))))
