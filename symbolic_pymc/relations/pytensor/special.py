"""Special members of families, bound to the vocabulary of PyTensor.

Every name is a relation that `symbolic_pymc.rewrite_graph` takes; ``limits(distance)`` are those that hold in a limit only.
"""

from functools import partial

from symbolic_pymc.relations import cases
from symbolic_pymc.pytensor.vocabulary import ops

limits = partial(cases.limits_of, ops)
RELATIONS = cases.relations_of(ops)
globals().update(RELATIONS)
