"""Points of PyMC models: from values of the unknowns to those that samplers walk in, and back."""

import numpy as np
import pytensor
import pytensor.tensor as pt


def point(model, values):
    """Return values of unknowns by name with those that samplers walk in, and with the Deterministics of a model."""
    known = {v: values[v.name] for v in model.free_RVs}
    walked = {
        model.rvs_to_values[v].name: transform.forward(pt.constant(np.asarray(values[v.name])), *v.owner.inputs)
        for v, transform in model.rvs_to_transforms.items()
        if transform is not None
    }
    outputs = walked | {v.name: v for v in model.deterministics}
    function = pytensor.function(list(known), list(outputs.values()), on_unused_input="ignore")
    return {**values, **dict(zip(outputs, function(*known.values())))}


def unwalked(model, walked):
    """Return the values of the unknowns, by name, at a point that samplers walk in."""
    originals = model.replace_rvs_by_values(model.free_RVs)
    function = pytensor.function(model.value_vars, originals, on_unused_input="ignore")
    return dict(zip((v.name for v in model.free_RVs), function(*(walked[v.name] for v in model.value_vars))))
