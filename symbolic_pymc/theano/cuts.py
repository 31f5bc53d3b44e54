"""How PyMC3 cuts a distribution at bounds: `Bound`, whose density does not integrate to one."""

import numpy as np
import theano
import theano.tensor as tt
from pymc3.distributions.bound import _ContinuousBounded

from symbolic_pymc.meta import metatize
from symbolic_pymc.relations.cuts import parts_of_cut
from symbolic_pymc.theano.opaque import Law, OpaqueRV, substitute
from symbolic_pymc.theano.pymc3_parameters import NEUTRAL_NAMES, native_parameters
from symbolic_pymc.parts import substitute as substitute_terms


@parts_of_cut.register(OpaqueRV)
def _parts(op, rands):
    dist = op.law.dist if isinstance(op.law, Law) else None
    name = NEUTRAL_NAMES.get(type(dist._wrapped)) if isinstance(dist, _ContinuousBounded) else None
    if name is None:
        return None
    with theano.config.change_flags(compute_test_value="off"):
        native = native_parameters(dist._wrapped, name)
        bounds = (end if x is None else x for x, end in ((dist.lower, -np.inf), (dist.upper, np.inf)))
        # over variables that are nothing else, whose places the arguments of the draw take
        places = [p.type() for p in op.law.parents]
        known = dict(zip(map(metatize, places), rands))
        *params, lower, upper = (
            substitute_terms(metatize(substitute(tt.as_tensor_variable(x), dict(zip(op.law.parents, places)))), known)
            for x in (*native.values(), *bounds)
        )
    return name, dict(zip(native, params)), lower, upper, None
