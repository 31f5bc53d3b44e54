"""The algebra of random variables, bound to the vocabulary of PyTensor.

`law_of` derives the law of one expression; every fact, and all of them together as `law`, is a relation that
`symbolic_pymc.rewrite_graph` takes.
"""

from functools import partial

from symbolic_pymc.relations import algebra
from symbolic_pymc.pytensor.vocabulary import ops

law_of = partial(algebra.law_of, ops)
RELATIONS = algebra.relations_of(ops)
globals().update(RELATIONS)
