"""Operations on functions of one number, settled on one interval at a time."""

import numpy as np

from symbolic_pymc.proximal.combinations import Unknown
from symbolic_pymc.proximal.comparisons import compared
from symbolic_pymc.proximal.logic import TESTS
from symbolic_pymc.proximal.logarithms import log_of, log_of_term
from symbolic_pymc.proximal.powers import exp_of, log_gamma, raised, softplus_of


def _sum(reader, *parts):
    return reader.c.add(*map(reader.form, parts))


def _less(reader, a, b):
    return reader.c.add(reader.form(a), reader.c.times(reader.c.n(-1.0), reader.form(b)))


def _neg(reader, a):
    return reader.c.times(reader.c.n(-1.0), reader.form(a))


def _mul(reader, *parts):
    product, *rest = map(reader.form, parts)
    for form in rest:
        product = reader.c.product(product, form)
    return product


def _switch(reader, condition, yes, no):
    if condition not in reader.depends and not is_uniform(reader.ops.value_of(condition)):
        return _mixed(reader, condition, reader.form(yes), reader.form(no))
    return reader.form(yes if reader.holds(condition) else no)


def is_uniform(value):
    return value is None or bool(np.all(value)) == bool(np.any(value))


def _mixed(reader, condition, yes, no):
    """Return the combination of some elements, and another one of the others."""
    zero, switch = reader.c.n.zero, reader.ops.switch
    chosen = {f: switch(condition, k, zero) for f, k in yes.items()}
    others = {f: switch(condition, zero, k) for f, k in no.items()}
    return reader.c.add(chosen, others)


def _abs(reader, a):
    form = reader.form(a)
    return reader.c.times(reader.c.n(float(reader.sign(form))), form)


def _sign(reader, a):
    return reader.c.constant(reader.c.n(float(reader.sign(reader.form(a)))))


def _larger(direction):
    def rule(reader, a, b):
        difference = _less(reader, a, b)
        return reader.form(a if direction * reader.sign(difference) > 0 else b)

    return rule


def _clip(reader, a, low, high):
    for bound, direction in ((low, -1), (high, 1)):
        if reader.sign(_less(reader, a, bound)) * direction > 0:
            return reader.form(bound)
    return reader.form(a)


def _divided(reader, a, b):
    return reader.c.product(reader.form(a), raised(reader, reader.form(b), reader.c.n(-1.0)))


ELEMENTWISE = {
    "add": _sum,
    "sub": _less,
    "neg": _neg,
    "mul": _mul,
    "true_div": _divided,
    "switch": _switch,
    "abs": _abs,
    "sign": _sign,
    "maximum": _larger(1),
    "minimum": _larger(-1),
    "clip": _clip,
    "log": log_of_term,
    "log1p": lambda reader, a: log_of(reader, reader.c.add(reader.c.constant(reader.c.n.one), reader.form(a))),
    "exp": lambda reader, a: exp_of(reader, reader.form(a)),
    "expm1": lambda reader, a: reader.c.add(exp_of(reader, reader.form(a)), reader.c.constant(reader.c.n(-1.0))),
    "sigmoid": lambda reader, a: reader.scaled("sigmoid", reader.form(a)),
    "erfc": lambda reader, a: reader.scaled("erfc", reader.form(a)),
    "erf": lambda reader, a: reader.c.add(
        reader.c.constant(reader.c.n.one), reader.c.times(reader.c.n(-1.0), reader.scaled("erfc", reader.form(a)))
    ),
    "gammaln": lambda reader, a: log_gamma(reader, reader.form(a)),
    "cos": lambda reader, a: reader.scaled("cos", reader.form(a)),
    "softplus": lambda reader, a: softplus_of(reader, reader.form(a)),
    "sqr": lambda reader, a: raised(reader, reader.form(a), reader.c.n(2.0)),
    "sqrt": lambda reader, a: raised(reader, reader.form(a), reader.c.n(0.5)),
    "reciprocal": lambda reader, a: raised(reader, reader.form(a), reader.c.n(-1.0)),
    "pow": lambda reader, a, p: _pow(reader, a, p),
    "second": lambda reader, pattern, a: reader.form(a),
    "cast": lambda reader, a: reader.form(a),
    "check": lambda reader, a, *conditions: reader.form(a),
    "deterministic": lambda reader, a: reader.form(a),
}


def _pow(reader, a, p):
    if p in reader.depends:  # as in the density of an asymmetric Laplace law: a number to the power of a sign
        exponent = reader.c.number(reader.form(p))
        if exponent is None:  # a number to the power of it
            power = reader.c.number(reader.form(a))
            if power is None or reader.c.n.sign(power) != 1:
                raise Unknown("it stands in an exponent")
            log = reader.c.n.add(reader.ops.log(power), reader.c.n.zero)
            return exp_of(reader, reader.c.times(log, reader.form(p)))
        return raised(reader, reader.form(a), exponent)
    return raised(reader, reader.form(a), p)


def _truth(test):
    """Return the rule of a truth value that is taken for a number."""
    return lambda reader, a, b: reader.c.constant(reader.c.n(float(compared(reader, test, a, b))))


ELEMENTWISE |= {kind: _truth(test) for kind, test in TESTS.items()}
