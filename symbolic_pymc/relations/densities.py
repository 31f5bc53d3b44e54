"""Log densities of laws in neutral form: of named distributions, and of what has a density but no name."""

import numpy as np

from symbolic_pymc.meta import metatize, reify_many
from symbolic_pymc.relations.algebra import derive
from symbolic_pymc.relations.arithmetic import number
from symbolic_pymc.relations.facts import is_discrete, is_positive
from symbolic_pymc.relations.forms import NoKnownLaw, draw_of, spelled
from symbolic_pymc.relations.independence import sources_of
from symbolic_pymc.parts import graph_parts

_MARKERS = ("observed", "deterministic", "potential")


def derived_densities(ops, tensor, log_density, outputs):
    """Return the log densities of those outputs that are no draws, but have a law of their own.

    Parameters
    ----------
    ops : Vocabulary
    tensor : module
        The tensor module of the backend.
    log_density : callable
        ``log_density(rv, value)`` of base variables, elementwise.
    outputs : sequence of base variables
        What a draw stands in twice, in two outputs, has no law of its own.

    Returns
    -------
    dict of base variable to (value, log density)
        The density of an output is over all of its elements, given whatever its draws depend on.
    """
    memo, found = {}, {}
    terms = {v: metatize(v, memo) for v in outputs}
    for v, x in terms.items():
        if ops.is_random(x) or ops.operator_of(x) in _MARKERS or not getattr(x, "rands", ()):
            continue
        try:
            value = v.type(v.name and f"{v.name}_value")
            density = density_of_expression(ops, tensor, log_density, x, value)
        except NoKnownLaw:
            continue
        others = {part for w, y in terms.items() if w is not v for part in graph_parts(y)}
        if others.isdisjoint(sources_of(ops, x)):
            found[v] = value, density
    return found


def density_of_expression(ops, tensor, log_density, expression, value):
    """Return the log density of an expression at a value, elementwise where its elements are independent.

    Raises
    ------
    NoKnownLaw
        With the reasons.
    """
    law = derive(ops, expression)
    if not hasattr(law, "form"):
        return log_density(law.reify(), value)
    size = None if law.blank is None else ops.shape(law.blank)
    return _Densities(ops, tensor, log_density, size).at(law.form, value)


class _Densities:
    """Builds the graphs of log densities; `size` is the shape of the value, as a term, or None for one number."""

    def __init__(self, ops, tensor, log_density, size):
        self.ops, self.t, self.log_density, self.size = ops, tensor, log_density, size

    def at(self, law, value):
        """Return the log density of a law at a value."""
        if law[0] in self.ops.rows:
            if is_discrete(law) and np.dtype(value.dtype).kind == "f":
                whole = self.t.floor(value)
                return self.within(self.t.eq(value, whole), self.at(law, self.t.cast(whole, "int64")))
            return self.log_density(draw_of(self.ops, law, self.size).reify(), value)
        rule = _RULES.get(law[0])
        if rule is None:
            raise NoKnownLaw(f"no density is known for {spelled(law)}")
        return rule(self, value, *law[1:])

    def base(self, *terms):
        """Return the base variables of terms."""
        return reify_many(terms)

    def within(self, condition, density):
        """Return a log density where a condition holds, else minus infinity."""
        return self.t.switch(condition, density, -np.inf)

    def log_of_sum(self, a, b):
        """Return the logarithm of ``exp(a) + exp(b)``."""
        top = self.t.maximum(a, b)
        safe = self.t.switch(self.t.isinf(top), 0.0, top)
        return safe + self.t.log(self.t.exp(a - safe) + self.t.exp(b - safe))


def _affine(d, y, a, b, law):
    if is_discrete(law):
        offset = number(d.ops, a)
        if offset is None or offset != np.floor(offset):
            raise NoKnownLaw(f"an offset of {spelled(law)} that is no known whole number")
        return d.at(law, d.t.cast(number(d.ops, b) * (y - offset), "int64"))
    a, b = d.base(a, b)
    return d.at(law, (y - a) / b) - d.t.log(abs(b))


def _power(d, y, law, c):
    """Change variables on the support: one branch on the positive half line, two for squares of the whole line."""
    t, exponent = d.t, number(d.ops, c)
    if is_positive(law):
        (c,) = d.base(c)
        inside = t.switch(y > 0, y, 1.0)
        return d.within(y > 0, d.at(law, inside ** (1 / c)) - t.log(abs(c)) + (1 / c - 1) * t.log(inside))
    if exponent == -1.0:
        return d.at(law, 1 / y) - 2 * t.log(abs(y))
    if exponent != 2.0:
        raise NoKnownLaw(f"no density is known for this power of {spelled(law)}")
    root = t.sqrt(t.switch(y > 0, y, 1.0))
    return d.within(y > 0, d.log_of_sum(d.at(law, root), d.at(law, -root)) - t.log(2 * root))


def _exponential(d, y, law):
    inside = d.t.switch(y > 0, y, 1.0)
    return d.within(y > 0, d.at(law, d.t.log(inside)) - d.t.log(inside))


def _logarithm(d, y, law):
    if not is_positive(law):
        raise NoKnownLaw(f"{spelled(law)} has no logarithm where it is negative")
    return d.at(law, d.t.exp(y)) + y


def _absolute(d, y, law):
    return d.within(y >= 0, d.log_of_sum(d.at(law, y), d.at(law, -y)))


def _sigmoid(d, y, law):
    inside = d.t.switch((y > 0) & (y < 1), y, 0.5)
    log_odds = d.t.log(inside) - d.t.log1p(-inside)
    return d.within((y > 0) & (y < 1), d.at(law, log_odds) - d.t.log(inside) - d.t.log1p(-inside))


def _log_odds(d, y, law):
    log_p, log_q = -d.t.log1p(d.t.exp(-y)), -d.t.log1p(d.t.exp(y))
    return d.at(law, d.t.exp(log_p)) + log_p + log_q


def _mixture(d, y, p, law, other):
    (p,) = d.base(p)
    return d.log_of_sum(d.t.log(p) + d.at(law, y), d.t.log1p(-p) + d.at(other, y))


def _clip(d, y, law, low, high):
    """Probabilities at the two ends, the density between them."""
    below, above = (_log_cdf(d, law, bound, side) for bound, side in zip(d.base(low, high), (1, -1)))
    low, high = d.base(low, high)
    between = d.within((y > low) & (y < high), d.at(law, y))
    return d.t.switch(d.t.eq(y, low), below, d.t.switch(d.t.eq(y, high), above, between))


def _largest_of(d, y, n, law):
    (n,) = d.base(n)
    return d.t.log(n) + (n - 1) * _log_cdf(d, law, y, 1) + d.at(law, y)


def _beta_prime(d, y, a, b, scale):
    a, b, scale = d.base(a, b, scale)
    t, z = d.t, d.t.switch(y > 0, y, 1.0) / scale
    log_beta = t.gammaln(a) + t.gammaln(b) - t.gammaln(a + b)
    return d.within(y > 0, (a - 1) * t.log(z) - (a + b) * t.log1p(z) - log_beta - t.log(scale))


# exp(z) E_1(z): a power series where z is below 2, Gauss-Laguerre quadrature of exp(-u) / (u + z) above.
_NODES, _WEIGHTS = np.polynomial.laguerre.laggauss(45)
_POWERS = np.arange(1, 36)
_SERIES = -((-1.0) ** _POWERS) / (_POWERS * np.cumprod(_POWERS, dtype="float64"))


def _horseshoe(d, y, scale):
    r"""Return the log of :math:`e^z E_1(z) / (s \sqrt{2 \pi^3})` with :math:`z = y^2 / (2 s^2)`."""
    (scale,) = d.base(scale)
    t, z = d.t, (y / scale) ** 2 / 2
    small, large = (choose(z, 2.0) for choose in (t.minimum, t.maximum))
    series = sum(c * small ** int(k) for c, k in zip(_SERIES, _POWERS))
    near = t.exp(small) * (series - np.euler_gamma - t.log(small))
    far = sum(w / (u + large) for u, w in zip(_NODES, _WEIGHTS))
    return t.log(t.switch(z < 2, near, far)) - t.log(scale) - 0.5 * np.log(2 * np.pi**3)


_RULES = {
    "affine": _affine,
    "pow": _power,
    "exp": _exponential,
    "log": _logarithm,
    "abs": _absolute,
    "sigmoid": _sigmoid,
    "logit": _log_odds,
    "mixture": _mixture,
    "clip": _clip,
    "largest_of": _largest_of,
    "betaprime": _beta_prime,
    "horseshoe": _horseshoe,
}


# Distribution functions ---------------------------------------------------------------------------------------


def _log_cdf(d, law, y, side):
    """Return the log probability of a value below `y` (`side` 1), or above (`side` -1)."""
    if law[0] not in _CDFS:
        raise NoKnownLaw(f"no distribution function is known here for {spelled(law)}")
    return _CDFS[law[0]](d.t, y, side, *d.base(*law[1:]))


def _log1m_exp(t, x):
    """Return ``log(1 - exp(x))`` for negative `x`."""
    return t.log(-t.expm1(x))


def _normal_cdf(t, y, side, m, s):
    return t.log(0.5 * t.erfc(-side * (y - m) / (s * np.sqrt(2.0))))


def _logistic_cdf(t, y, side, m, s):
    return -t.log1p(t.exp(-side * (y - m) / s))


def _gumbel_cdf(t, y, side, m, b):
    below = -t.exp(-(y - m) / b)
    return below if side == 1 else _log1m_exp(t, below)


def _exponential_cdf(t, y, side, r):
    above = -r * t.maximum(y, 0.0)
    return above if side == -1 else _log1m_exp(t, above)


def _weibull_cdf(t, y, side, a, b):
    above = -((t.maximum(y, 0.0) / b) ** a)
    return above if side == -1 else _log1m_exp(t, above)


def _cauchy_cdf(t, y, side, a, b):
    return t.log(0.5 + t.arctan(side * (y - a) / b) / np.pi)


def _laplace_cdf(t, y, side, m, b):
    z = side * (y - m) / b
    return t.switch(z < 0, z - np.log(2.0), t.log1p(-0.5 * t.exp(-abs(z))))


_CDFS = {
    "normal": _normal_cdf,
    "logistic": _logistic_cdf,
    "gumbel": _gumbel_cdf,
    "exponential": _exponential_cdf,
    "weibull": _weibull_cdf,
    "cauchy": _cauchy_cdf,
    "laplace": _laplace_cdf,
}
