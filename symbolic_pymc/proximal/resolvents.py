r"""Where a smooth combination of functions has a given resolvent: the solution `x` of :math:`x + \gamma\,\phi'(x) = z`."""

from symbolic_pymc.proximal.combinations import ONE, SQUARE, X, Combinations
from symbolic_pymc.proximal.roots import NAMES
from symbolic_pymc.relations.arithmetic import number


def resolvent(ops, piece, z, step, lower=None, upper=None):
    r"""Return the solution of :math:`x + \gamma\,\phi'(x) = z` on an interval where :math:`\phi` is `piece`.

    Linear and quadratic parts are taken away first,

    .. math::

        \operatorname{prox}_{\phi + a x + q x^2}(z)
            = \operatorname{prox}_{\phi / (1 + 2 q)}\Bigl(\frac{z - a}{1 + 2 q}\Bigr),

    then the rest is moved to its centre.  `lower` and `upper` are the ends of the interval, None for infinite.

    Reference: Combettes and Pesquet, Proximal splitting methods in signal processing (2011), table 10.1.
    """
    c = Combinations(ops)
    n = c.n
    linear, square = piece.get(X, n.zero), piece.get(SQUARE, n.zero)
    below = n.add(n.one, n.mul(n(2.0), n.mul(step, square)))
    z = _quotient(ops, z if n.is_zero(linear) else ops.sub(z, n.mul(step, linear)), below)
    weight = n.div(step, below)
    rest = {f: n.mul(weight, k) for f, k in piece.items() if f not in (ONE, X, SQUARE)}
    if not rest:
        return z
    places = {(f.centre, f.side) for f in rest}
    rule = _RULES.get(tuple(sorted(f.kind for f in rest)))
    if rule and len(places) == 1:
        (f, *_) = rest
        found = rule(ops, n, rest, c.argument(f, z))
        if found is not None:
            side = ops.neg(found) if f.side < 0 else found
            return side if f.centre is None else ops.add(f.centre, side)
    return iterated(ops, n, rest, z, lower, upper)


def _quotient(ops, a, b):
    return a if number(ops, b) == 1.0 else ops.true_div(a, b)


def iterated(ops, n, rest, z, lower, upper):
    """Return the place between two ends where half a squared distance from `z` plus a combination is least."""
    codes = [[NAMES.index(f.kind), f.side] for f in rest]
    parameters = [p or n.zero for f, k in rest.items() for p in (k, f.centre, f.extra)]
    low = ops.constant(float("-inf")) if lower is None else lower
    high = ops.constant(float("inf")) if upper is None else upper
    return ops.least(ops.constant(codes), z, low, high, *parameters)


# Rules: with `rest` of these kinds, all of one argument, the solution y of y + rest'(y) = z ------------------------


def _of_log(ops, n, rest, z):
    r"""The larger root of :math:`y^2 - z y + k = 0`, for :math:`k \log y`."""
    (k,) = rest.values()
    root = ops.sqrt(ops.sub(ops.sqr(z), n.mul(n(4.0), k)))
    return ops.true_div(ops.add(z, root), ops.constant(2.0))


def _of_power(ops, n, rest, z):
    ((f, k),) = rest.items()
    rule = _POWERS.get(number(ops, f.extra))
    return rule and rule(ops, n, k, z)


def _cube(ops, n, k, z):
    r"""The root of :math:`3 k y^2 + y = z`, free of cancellation."""
    root = ops.sqrt(ops.add(n.one, ops.mul(n.mul(n(12.0), k), z)))
    return ops.true_div(ops.mul(n(2.0), z), ops.add(n.one, root))


def _three_halves(ops, n, k, z):
    r"""The square of the root of :math:`u^2 + \tfrac{3}{2} k u = z`."""
    half = n.mul(n(0.75), k)
    root = ops.sqrt(ops.add(ops.sqr(half), z))
    return ops.sqr(ops.true_div(z, ops.add(half, root)))


_POWERS = {3.0: _cube, 1.5: _three_halves}


def _of_exp(ops, n, rest, z):
    r""":math:`z - W(k r^2 e^{r z}) / r`, for :math:`k e^{r y}`, through :math:`\omega(u) = W(e^u)`."""
    ((f, k),) = rest.items()
    r = f.extra
    u = ops.add(ops.mul(r, z), ops.log(n.mul(k, n.mul(r, r))))
    return ops.sub(z, ops.true_div(ops.wright_omega(u), r))


def _of_entropy(ops, n, rest, z):
    r""":math:`k\, W(e^{z / k - 1} / k)`, for :math:`k\, y \log y`."""
    (k,) = rest.values()
    u = ops.sub(ops.true_div(z, k), ops.add(n.one, ops.log(k)))
    return ops.mul(k, ops.wright_omega(u))


_RULES = {("log",): _of_log, ("power",): _of_power, ("exp",): _of_exp, ("entropy",): _of_entropy}
