"""Hypothesis strategies: toy terms and patterns, and programs that build a graph on any backend."""

import numpy as np
from hypothesis import strategies as st
from unification import var

from symbolic_pymc.records import children, key, postorder, rebuild
from tests.toy import Expr, Leaf, ToyOp, ToyTerm

LVARS = [var(f"pattern {i}") for i in range(3)]
LEAVES = [Leaf(name) for name in "xyz"]

numbers = st.one_of(
    st.integers(-2, 2),
    st.sampled_from([0.0, -0.0, 1.0, 2.5, float("nan")]),
    st.booleans(),
    st.sampled_from(["a", "b"]),
)
toy_ops = st.sampled_from([ToyOp("f"), ToyOp("g")])


def _terms(leaves):
    def apply_op(kids):
        return st.builds(lambda op, args: op(*args), toy_ops, st.lists(kids, min_size=1, max_size=3))

    return apply_op(st.recursive(leaves, apply_op, max_leaves=8))


toy_terms = _terms(st.one_of(numbers, st.sampled_from(LEAVES)))
toy_patterns = _terms(st.one_of(numbers, st.sampled_from(LEAVES), st.sampled_from(LVARS)))


@st.composite
def with_holes(draw, term):
    """A pattern that `term` is an instance of: some of its parts became logic variables, wherever they stand."""
    parts = [c for c in _rands_below(term)]
    chosen = {key(p): var() for p in draw(st.lists(st.sampled_from(parts), max_size=3))} if parts else {}
    return rebuild(term, lambda x: chosen.get(key(x), x))


def _rands_below(term):
    found = {}
    stack = [term]
    while stack:
        x = stack.pop()
        for c in getattr(x, "rands", ()):
            if key(c) not in found:
                found[key(c)] = c
                stack.append(c)
    return list(found.values())


# A program is a list of steps; a step names an operator and earlier results, counted from the end.

N_INPUTS = 3
UNARY, BINARY = ("exp", "neg"), ("add", "mul", "sub")


def _step(ops):
    back = st.integers(1, 6)
    return st.tuples(ops, back, back, st.sampled_from([None, None, "u", "v"]))


expressions = st.sampled_from(UNARY + BINARY)
deterministic_programs = st.lists(_step(expressions), min_size=1, max_size=12)
draws = st.sampled_from(["draw", "draw again"])
programs = st.lists(_step(st.one_of(expressions, draws)), min_size=1, max_size=12)


def build(backend, program):
    """Return ``(inputs, variables)``: three vectors, and the variable that each step of `program` computes.

    "draw" draws from a generator of its own, "draw again" from one that all such steps share.
    """
    tensor, shared = backend.tensor, backend.generator(0)
    inputs = [tensor.vector(f"x{i}", dtype="float64") for i in range(N_INPUTS)]
    made = [*inputs, tensor.constant(np.r_[0.5, -1.5])]
    for op, i, j, name in program:
        a, b = made[-min(i, len(made))], made[-min(j, len(made))]
        if op.startswith("draw"):
            rng = shared if op == "draw again" else backend.generator(len(made))
            variable = backend.normal(a, tensor.exp(b), rng=rng)
        else:
            variable = getattr(tensor, op)(a, b) if op in BINARY else getattr(tensor, op)(a)
        variable.name = name
        made.append(variable)
    return inputs, made[N_INPUTS + 1 :]


def build_toy(program):
    """Return ``(inputs, expressions)`` of the same program in the toy language."""
    inputs = [Leaf(f"x{i}") for i in range(N_INPUTS)]
    made = [*inputs, 0.5]
    for op, i, j, name in program:
        a, b = made[-min(i, len(made))], made[-min(j, len(made))]
        made.append(Expr("draw" if op.startswith("draw") else op, *((a,) if op in UNARY else (a, b)), name=name))
    return inputs, made[N_INPUTS + 1 :]


def doublings(n, leaf):
    """Return a toy term of `n` operators and 2^n paths."""
    f = ToyOp("f")
    for _ in range(n):
        leaf = f(leaf, leaf)
    return leaf


def draws_of(term):
    """Return the identities of the draws in a toy term."""
    return {x.info.draw for x in postorder(term) if isinstance(x, ToyTerm) and x.rator is ToyOp("draw")}


def is_subterm(part, whole):
    """Tell whether `part` occurs in `whole`."""
    stack = [whole]
    while stack:
        x = stack.pop()
        if key(x) == key(part):
            return True
        stack.extend(children(x))
    return False
