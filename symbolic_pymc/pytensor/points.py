"""The point of a PyMC model at values of its unknowns."""

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
