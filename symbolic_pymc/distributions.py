"""One row per distribution: its printed name, its support, and what each of its parameters does.

The role of a parameter says how it moves under an affine map ``x -> location + scale * x``, which is all that
the location-scale relations need to know:

========== =========================================================================
role       under ``location + scale * Z``
========== =========================================================================
location   the location itself; 0 in the standard member
log        the logarithm of the scale (LogNormal's mu); 0 in the standard member
scale      the scale itself; 1 in the standard member
rate       the reciprocal of the scale; 1 in the standard member
along      a length measured in the scale: ``value / scale`` in the standard member
across     a point on the line: ``(value - location) / scale`` in the standard member
lower      a location that is also the lower end; with `upper` it gives the scale
upper      the upper end: location + scale
angle      a location on the circle; 0 in the standard member
mean       a location vector; 0 in the standard member
cov        a covariance matrix, ``L L'`` with L in the place of the scale; the identity in the standard member
shape      no length at all: carried over unchanged
========== =========================================================================
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Distribution:
    """What is known of a distribution in every backend.

    Parameters
    ----------
    printed : (str, str)
        Its name in text and in LaTeX.
    support : str
        "real", "positive", "nonnegative", "unit", "interval", "circle", "count", "simplex", "vector", "matrix".
    roles : dict of str to str
        The role of every parameter by name, over all parametrisations; empty for a family that no affine map keeps.
    """

    printed: tuple
    support: str
    roles: dict


def _row(text, support, latex=None, **roles):
    return Distribution((text, latex or rf"\operatorname{{{text}}}"), support, roles)


DISTRIBUTIONS = {
    # location and scale, on the line
    "normal": _row("N", "real", mu="location", sigma="scale"),
    "cauchy": _row("C", "real", alpha="location", beta="scale"),
    "laplace": _row("Laplace", "real", mu="location", b="scale"),
    "logistic": _row("Logistic", "real", mu="location", s="scale"),
    "gumbel": _row("Gumbel", "real", mu="location", beta="scale"),
    "studentt": _row("T", "real", nu="shape", mu="location", sigma="scale"),
    "skewnormal": _row("SN", "real", mu="location", sigma="scale", alpha="shape"),
    "moyal": _row("Moyal", "real", mu="location", sigma="scale"),
    "exgaussian": _row("ExG", "real", mu="location", sigma="scale", nu="along"),
    "asymmetriclaplace": _row("AL", "real", b="rate", kappa="shape", mu="location"),
    # location and scale, with ends
    "uniform": _row("U", "interval", lower="lower", upper="upper"),
    "triangular": _row("Tri", "interval", lower="lower", c="across", upper="upper"),
    "truncatednormal": _row("TN", "interval", mu="location", sigma="scale", lower="across", upper="across"),
    # scale alone
    "exponential": _row("Exp", "positive", lam="rate", scale="scale"),
    "halfnormal": _row("N**+", "nonnegative", r"\operatorname{N^{+}}", loc="location", sigma="scale"),
    "halfcauchy": _row("C**+", "nonnegative", r"\operatorname{C^{+}}", loc="location", beta="scale"),
    "halfstudentt": _row("T**+", "nonnegative", r"\operatorname{T^{+}}", nu="shape", sigma="scale"),
    "gamma": _row("Gamma", "positive", alpha="shape", beta="rate", scale="scale"),
    "inversegamma": _row("InvGamma", "positive", r"\operatorname{Gamma^{-1}}", alpha="shape", beta="scale"),
    "generalizedinversegaussian": _row("GIG", "positive"),
    "kolmogorov": _row("Kolmogorov", "positive", scale="scale"),
    "polyagamma": _row("PG", "positive"),
    "truncatedgamma": _row("TruncatedGamma", "interval"),
    "truncatedinversegamma": _row("TruncatedInverseGamma", "interval"),
    "truncatedbeta": _row("TruncatedBeta", "interval"),
    "weibull": _row("Weibull", "positive", alpha="shape", beta="scale"),
    "pareto": _row("Pareto", "positive", alpha="shape", m="scale"),
    "rice": _row("Rice", "positive", nu="along", b="shape", sigma="scale"),
    "wald": _row("Wald", "positive", mu="scale", lam="along", alpha="location"),
    "lognormal": _row("LogN", "positive", mu="log", sigma="shape"),
    # vectors
    "mvnormal": _row("N", "vector", mu="mean", cov="cov"),
    "mvstudentt": _row("T", "vector", nu="shape", mu="mean", cov="cov"),
    # vectors that no relation moves
    "lowrankmvnormal": _row("LowRankN", "vector"),
    "gaussianchain": _row("GaussianChain", "vector"),
    # location alone
    "vonmises": _row("VM", "circle", mu="angle", kappa="shape"),
    "discreteuniform": _row("DU", "count", lower="location", upper="across"),
    # no affine map keeps the family
    "beta": _row("Beta", "unit"),
    "kumaraswamy": _row("Kumaraswamy", "unit"),
    "logitnormal": _row("LogitN", "unit"),
    "chisquared": _row("ChiSq", "positive", r"\chi^2"),
    "flat": _row("Flat", "real"),
    "laplacenormal": _row("LaplaceNormal", "real"),
    "halfflat": _row("Flat**+", "nonnegative", r"\operatorname{Flat^{+}}"),
    "dirichlet": _row("Dir", "simplex"),
    "multinomial": _row("MN", "count"),
    "dirichletmultinomial": _row("DirMN", "count"),
    "wishart": _row("W", "matrix"),
    "inversewishart": _row("IW", "matrix", r"\operatorname{W^{-1}}"),
    "matrixnormal": _row("MatN", "matrix", r"\operatorname{MN}"),
    "bernoulli": _row("Bern", "count"),
    "binomial": _row("Binom", "count"),
    "betabinomial": _row("BetaBinom", "count"),
    "poisson": _row("Pois", "count"),
    "negativebinomial": _row("NB", "count"),
    "geometric": _row("Geom", "count"),
    "hypergeometric": _row("HyperGeom", "count"),
    "discreteweibull": _row("DW", "count"),
    "categorical": _row("Cat", "count"),
    "markovchain": _row("MarkovChain", "count"),
    "zeroinflatedpoisson": _row("ZIP", "count"),
    "zeroinflatedbinomial": _row("ZIB", "count"),
    "zeroinflatednegativebinomial": _row("ZINB", "count"),
}
