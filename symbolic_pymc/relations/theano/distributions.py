"""Reparameterisations, bound to the vocabulary of Theano."""

from functools import partial

from symbolic_pymc.relations import (
    correlations,
    distributions,
    given_blocks,
    given_sums,
    partial_offsets,
    races,
    representations,
    zero_sums,
)
from symbolic_pymc.theano.vocabulary import ops

scale_loc_transform = partial(distributions.scale_loc_transform, ops)
partial_offseto = partial(partial_offsets.partial_offseto, ops)
inverse_cdfo = partial(representations.inverse_cdfo, ops)
logarithmo = partial(representations.logarithmo, ops)
logito = partial(representations.logito, ops)
reciprocalo = partial(representations.reciprocalo, ops)
gammaso = partial(representations.gammaso, ops)
stickso = partial(representations.stickso, ops)
splito = partial(representations.splito, ops)
factorso = partial(representations.factorso, ops)
given_blocko = partial(given_blocks.given_blocko, ops)
given_sumo = partial(given_sums.given_sumo, ops)
exponential_raceo = partial(races.exponential_raceo, ops)
gumbel_raceo = partial(races.gumbel_raceo, ops)
lkj_vineo = partial(correlations.lkj_vineo, ops)
lkj_marginalo = correlations.marginal_relation(ops)
zero_sumo = partial(zero_sums.zero_sumo, ops)
