"""Distributions as mixtures, bound to the vocabulary of PyTensor."""

from functools import partial

from symbolic_pymc.pytensor.vocabulary import ops
from symbolic_pymc.relations import logistic_augmentation, mixing_given, mixtures, scale_levels, scale_mixtures

mixtureo = partial(mixtures.mixtureo, ops)
uniform_mixtureo = partial(mixtures.uniform_mixtureo, ops)
exponential_mixtureo = partial(mixtures.exponential_mixtureo, ops)
inversegamma_mixtureo = partial(mixtures.inversegamma_mixtureo, ops)
latent_thresholdo = partial(mixtures.latent_thresholdo, ops)
zero_inflationo = partial(mixtures.zero_inflationo, ops)
normal_scale_mixtureo = partial(scale_mixtures.normal_scale_mixtureo, ops)
mixing_scaleo = partial(scale_levels.mixing_scaleo, ops)
scale_mixture_marginalo = scale_levels.marginal_relation(ops)
mixing_giveno = partial(mixing_given.mixing_giveno, ops)
variance_giveno = partial(mixing_given.variance_giveno, ops)
logistic_augmentationo = partial(logistic_augmentation.logistic_augmentationo, ops)
logistic_precision_giveno = partial(logistic_augmentation.logistic_precision_giveno, ops)
logistic_coefficients_giveno = partial(logistic_augmentation.logistic_coefficients_giveno, ops)
