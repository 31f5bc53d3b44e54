"""Graphs as mathematics, on the toy backend and on every installed one."""

import re
import time
from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unification import var

from symbolic_pymc.meta import metatize
from symbolic_pymc.printing import pprint, tprint
from symbolic_pymc.printing.latex import LATEX
from symbolic_pymc.printing.notation import TEXT, Piece
from symbolic_pymc.printing.rules import Rule, Symbol, describe, rule_of
from tests.toy import Expr, Leaf, ToyOp


def assert_well_formed(latex):
    """Braces, environments and fences balance; subscripts are braced or escaped."""
    plain = re.sub(r"\\[{}\\]", "", latex)
    depth = 0
    for c in plain:
        depth += (c == "{") - (c == "}")
        assert depth >= 0, latex
    assert depth == 0, latex
    assert latex.count(r"\left") - latex.count(r"\leftarrow") == latex.count(r"\right"), latex
    stack = []
    for kind, name in re.findall(r"\\(begin|end)\{(\w+)\}", latex):
        if kind == "begin":
            stack.append(name)
        else:
            assert stack.pop() == name
    assert not stack
    assert not re.search(r"(?<!\\)_(?!\{)", latex), latex
    assert latex.startswith("\\begin{equation}\n\\begin{gathered}\n")


def body(latex):
    """Return the lines of a LaTeX environment."""
    assert_well_formed(latex)
    return latex.split("\n", 2)[2].rsplit("\n", 2)[0].split(" \\\\\n")


# The notation alone -----------------------------------------------------------------------------------------


def test_parentheses_stand_around_every_binary_operation_in_text_and_where_needed_in_latex():
    a, b, c = map(TEXT.name, "abc")
    assert TEXT.infix("-", a, TEXT.infix("-", b, c)).text == "(a - (b - c))"
    assert TEXT.infix("@", TEXT.superscript("T", TEXT.infix("+", a, b)), c).text == "((a + b).T * c)"
    assert TEXT.power(TEXT.prefix("-", a), TEXT.value(2)).text == "((-a)**2)"
    assert TEXT.superscript("T", TEXT.superscript("inverse", a)).text == "(a**-1).T"
    a, b, c = map(LATEX.name, "abc")
    assert LATEX.infix("-", LATEX.infix("-", a, b), c).text == "a - b - c"
    assert LATEX.infix("-", a, LATEX.infix("-", b, c)).text == r"a - \left(b - c\right)"
    assert LATEX.infix("@", LATEX.infix("+", a, b), c).text == r"\left(a + b\right) \, c"
    assert LATEX.power(LATEX.quotient(a, b), c).text == r"{\left(\frac{a}{b}\right)}^{c}"
    assert LATEX.infix("+", a, LATEX.prefix("-", b)).text == r"a + \left(-b\right)"


def test_a_product_with_scalars_is_a_dot_and_of_arrays_elementwise():
    s, x = Piece("s", ndim=0), Piece("x", ndim=1)
    assert LATEX.product(s, x).text == r"s \cdot x"
    assert LATEX.product(x, x).text == r"x \odot x"
    assert TEXT.product(s, x).text == "(s * x)"


@pytest.mark.parametrize(
    "value, text, latex",
    [
        (np.array(0.0), "0.", "0"),
        (np.array(-3), "-3", "-3"),
        (np.array([-3.0]), "[-3.]", "[-3]"),
        (np.array([[1.0, 0.5], [0.0, 2.0]]), "[[1. 0.5] [0. 2.]]", r"[[1\; 0.5]\; [0\; 2]]"),
        (np.arange(100), "[0 1 ... 98 99]", r"[0\; 1\;  \ldots \; 98\; 99]"),
        (np.array(1e-12), "1.e-12", r"1\mathrm{e}{-12}"),
        (np.array([np.inf, np.nan]), "[inf nan]", r"[\infty \; \mathrm{nan}]"),
        (np.array(True), "True", r"\mathrm{True}"),
        (slice(0, 4, 2), "0:4:2", "0{:}4{:}2"),
        (slice(None), ":", "{:}"),
        (None, "None", r"\mathrm{None}"),
    ],
)
def test_constants_are_written_by_value(value, text, latex):
    assert TEXT.value(value).text == text
    assert LATEX.value(value).text == latex


@pytest.mark.parametrize(
    "name, latex",
    [
        ("x", "x"),
        ("beta", r"\beta"),
        ("mu_a", r"\mu_{a}"),
        ("sigma_b__x", r"\sigma_{b, x}"),
        ("radon_like", r"\mathit{radon}_{\mathit{like}}"),
        ("theta_1", r"\theta_{1}"),
        ("a_", r"\mathit{a\_}"),
        ("_", r"\mathit{\_}"),
        ("50%", r"\mathit{50\%}"),
        ("a b", r"\mathit{a\ b}"),
        ("~mu_q", r"\tilde{\mu_{q}}"),
        ("a'", "a'"),
    ],
)
def test_names_in_latex(name, latex):
    assert LATEX.name(name).text == latex


# The toy backend: what printing needs of a backend is two registrations -------------------------------------


@describe.register(Leaf)
def _(leaf):
    return Symbol(leaf.name)


@rule_of.register(ToyOp)
def _(rator):
    rules = {
        "draw": Rule(lambda n, args, term: n.distribution(("D", "D"), args), role="draw"),
        "add": Rule(lambda n, args, term: n.infix("+", *args)),
        "same": Rule(lambda n, args, term: args[0], role="silent"),
    }
    return rules.get(rator.op, Rule(lambda n, args, term: n.call(rator.op, *args)))


def toy(expression):
    return pprint(metatize(expression))


def test_a_shared_subterm_is_written_once_and_named():
    x = Leaf("x")
    twice = Expr("f", x, 1, x)
    assert toy(Expr("add", twice, Expr("g", twice))) == "a = f(x, 1, x)\n(a + g(a))"


def test_a_shared_subterm_as_short_as_a_name_is_repeated():
    x = Leaf("x")
    assert toy(Expr("add", Expr("f", x), Expr("g", Expr("f", x)))) == "(f(x) + g(f(x)))"


def test_fresh_names_avoid_given_ones_and_draws_take_the_first():
    a, shared = Leaf("a"), Expr("f", Leaf("x"), Leaf("y"))
    graph = Expr("add", Expr("g", shared, shared, a), Expr("draw", shared))
    assert toy(graph) == "c = f(x, y)\nb ~ D(c)\n(g(c, c, a) + b)"


def test_two_things_of_one_name_are_told_apart_by_a_prime():
    assert toy(Expr("add", Leaf("x"), Leaf("x"))) == "(x + x')"


def test_a_named_term_is_a_definition():
    assert toy(Expr("g", Expr("add", Leaf("x"), 1, name="mu"))) == "mu = x + 1\ng(mu)"


def test_silent_terms_are_looked_through_unless_named():
    x = Leaf("x")
    assert toy(Expr("add", Expr("same", Expr("same", x)), 1)) == "(x + 1)"
    assert toy(Expr("add", Expr("same", Expr("f", x, x), name="m"), 1)) == "m = f(x, x)\n(m + 1)"
    assert toy(Expr("add", Expr("same", x, name="m"), 1)) == "m = x\n(m + 1)"


def test_terms_that_are_not_known_in_full_print_with_their_logic_variables():
    mu, op = var("mu"), ToyOp("add")
    assert str(op(mu, 1)) == "(~mu + 1)"
    assert str(ToyOp("draw")(mu)) == "a ~ D(~mu)"
    assert str(op(mu, 1).replace(rator=var("op"))) == "~op(~mu, 1)"
    assert str(op(mu, 1).replace(rands=var("args"))) == "add(~args)"
    assert body(op(mu, 1)._repr_latex_()) == [r"\tilde{\mu} + 1"]


def test_records_that_are_no_graphs_keep_their_repr():
    assert str(ToyOp("add")) == repr(ToyOp("add"))
    assert tprint(ToyOp("add")) is None


def test_long_expressions_are_cut_into_named_parts():
    x = Leaf("x")
    for _ in range(100):
        x = Expr("f", x)
    lines = toy(x).split("\n")
    assert [line.count("f(") for line in lines] == [40, 40, 20]
    assert [line[:3] for line in lines] == ["a =", "b =", "f(f"]


# Every installed backend ------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def printing(backend):
    return import_module(f"symbolic_pymc.{backend.name}.printing")


@pytest.fixture(scope="session")
def inputs(backend):
    t = backend.tensor
    return {
        "M": t.matrix("M"),
        "N": t.matrix("N"),
        "x": t.vector("x"),
        "y": t.vector("y"),
        "s": t.scalar("s"),
        "i": t.lscalar("i"),
        "idx": t.lvector("idx"),
    }


# expression in Python over the inputs and the backend's tensor module t: what the last line must be
WRITTEN = {
    "x + y + 1.0": "((x + y) + 1.)",
    "x - (y - s)": "(x - (y - s))",
    "-x * y / s": "((-x * y) / s)",
    "(x + 1) ** 2": "((x + 1)**2)",
    "(-x) ** 2": "((-x)**2)",
    "t.sqr(x)": "(x**2)",
    "i // 2 + i % 2": "((i // 2) + (i % 2))",
    "t.exp(x + y)": "exp(x + y)",
    "t.log1p(-x)": "log1p(-x)",
    "t.sqrt(abs(x - y))": "sqrt(|x - y|)",
    "t.maximum(x, y)": "maximum(x, y)",
    "t.clip(x, 0.0, s)": "clip(x, 0., s)",
    "t.sgn(x)": "sign(x)",
    "t.erf(x)": "erf(x)",
    "t.gammaln(x)": "gammaln(x)",
    "t.sigmoid(x)": "sigmoid(x)",
    "t.softplus(x)": "softplus(x)",
    "t.invert(t.gt(x, 0))": "~(x > 0)",
    "t.and_(t.le(x, y), t.neq(x, s))": "((x <= y) & (x != s))",
    "t.switch(t.gt(x, 0), x, -x) + 1": "({x if x > 0, -x otherwise} + 1)",
    "t.cast(x, 'int64') + x.dimshuffle('x', 0)": "(x + x)",
    "M + x.dimshuffle('x', 0)": "(M + x)",
    "t.fill(x, s) + y": "(s + y)",
    "M[0:4:2] + 1": "(M[0:4:2] + 1)",
    "M[0, 1:]": "M[0, 1:]",
    "M[-1, :i]": "M[-1, :i]",
    "M[:, i]": "M[:, i]",
    "M[::-1]": "M[::-1]",
    "M[1:i + 1]": "M[1:i + 1]",
    "x[idx]": "x[idx]",
    "x[np.arange(40) % 7]": "x[[0 1 ... 3 4]]",
    "M[idx, 1:]": "M[idx, 1:]",
    "M[idx, idx]": "M[idx, idx]",
    "x[t.gt(x, 0)]": "x[x > 0]",
    "x[np.array([True, False])]": "x[[True False]]",
    "t.set_subtensor(M[0:2], s)": "set(M[0:2], s)",
    "t.inc_subtensor(x[idx], y)": "inc(x[idx], y)",
    "t.set_subtensor(M[idx, 1], s)": "set(M[idx, 1], s)",
    "t.set_subtensor(x[t.lt(x, 0)], 0.0)": "set(x[x < 0], 0.)",
    "M.sum(axis=0)": "sum(M, axis=0)",
    "M.sum()": "sum(M)",
    "t.tensor3('Q').sum(axis=(0, 2))": "sum(Q, axis=(0, 2))",
    "M.prod(axis=1)": "prod(M, axis=1)",
    "M.max(axis=1)": "max(M, axis=1)",
    "t.argmax(M, axis=0)": "argmax(M, axis=0)",
    "t.any(t.gt(x, 0))": "any(x > 0)",
    "t.all(t.gt(M, 0), axis=1)": "all((M > 0), axis=1)",
    "t.dot(M.T, x)": "(M.T * x)",
    "t.tensor3('Q').dimshuffle(0, 2, 1)": "transpose(Q, 0, 2, 1)",
    "t.outer(x, y)": "(x * y.T)",
    "t.alloc(s, 3, i)": "full([3, i], s)",
    "t.zeros((3, 2))": "full([3, 2], 0.)",
    "t.concatenate([M, N], axis=1)": "join(M, N, axis=1)",
    "t.stack([s, s + 1, 2.0])": "[s, s + 1, 2.]",
    "x.reshape((2, 3))": "reshape(x, [2 3])",
    "M.reshape((i, -1))": "reshape(M, [i, -1])",
    "t.dot(t.dot(M, N).T, x)": "((M * N).T * x)",
    "t.dot(t.nlinalg.matrix_inverse(M + N), x)": "((M + N)**-1 * x)",
    "t.nlinalg.matrix_inverse(M).T": "(M**-1).T",
    "t.nlinalg.pinv(M)": "M**+",
    "t.slinalg.cholesky(M)": "chol(M)",
    "t.log(t.nlinalg.det(M))": "log(det(M))",
    "t.slinalg.solve(M, N)": "solve(M, N)",
    "t.nlinalg.svd(M)[1]": "svd(M)[1]",
    "t.nlinalg.svd(M)[0]": "svd(M)[0]",
    "t.diag(x) + t.diag(t.diag(M))": "(diag(x) + diag(diag(M)))",
    "t.eye(3)": "eye(3, 3, 0)",
    "t.arange(5) * s": "(arange(0, 5, 1) * s)",
    "x.shape[0] * s": "(shape(x)[0] * s)",
    "x + np.arange(100.0)": "(x + [0. 1. ... 98. 99.])",
    "x - (-3.0)": "(x - (-3.))",
    "t.as_tensor_variable(3.0)": "3.",
    "t.exp(x + y) + (x + y)": "(exp(a) + a)",
    "t.exp(-x) + (-x)": "(exp(-x) + (-x))",
}


@pytest.fixture(scope="session")
def names(backend, inputs):
    """What the expressions of `WRITTEN` may use; the linear algebra by one name on every version."""
    t, lookup = backend.tensor, {}
    for module in ("", ".nlinalg", ".slinalg", ".nnet", ".math", ".linalg"):
        try:
            lookup.update(vars(import_module(t.__name__ + module)))
        except ImportError:
            continue
    linalg = SimpleNamespace(**lookup)
    everything = SimpleNamespace(**lookup)
    everything.__dict__.update(nlinalg=linalg, slinalg=linalg, sgn=lookup.get("sgn") or lookup["sign"])
    return {**inputs, "t": everything, "np": np}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("python", WRITTEN)
def test_every_operator_has_its_notation(python, names, printing):
    variable = eval(python, names)
    assert printing.tt_pprint(variable).split("\n")[-1] == WRITTEN[python]
    assert_well_formed(printing.tt_tprint(variable))


@pytest.mark.parametrize(
    "dtype, space",
    [("float64", "R"), ("int64", "Z"), ("uint8", "N"), ("bool", "{0, 1}"), ("complex128", "C")],
)
def test_inputs_are_declared_in_their_spaces(dtype, space, backend, printing):
    scalar, vector = backend.tensor.scalar("u", dtype=dtype), backend.tensor.vector("v", dtype=dtype)
    assert printing.tt_pprint(scalar) == f"u in {space}"
    assert printing.tt_pprint(vector) == f"v in {space}**(N^v_0)"


def test_an_axis_of_length_one_is_a_number(backend, printing):
    assert printing.tt_pprint(backend.tensor.col("c")) == "c in R**(N^c_0 x 1)"


def test_example_a_by_hand(backend, printing):
    """The model of the README's first example, built from the backend's own operators."""
    t = backend.tensor
    a, R, F, V = t.vector("a"), t.matrix("R"), t.matrix("F"), t.matrix("V")
    y = t.as_tensor_variable(np.r_[-3.0])
    y.name = "y"
    beta = backend.mvnormal(a, R, name="beta")
    observed = import_module(f"symbolic_pymc.{backend.name}.markers").observed
    Y = observed(y, backend.mvnormal(t.dot(F, beta), V, name="Y"))
    fgraph = backend.FunctionGraph(None, [Y])
    text = (
        "F in R**(N^F_0 x N^F_1), a in R**(N^a_0), R in R**(N^R_0 x N^R_1)\n"
        "V in R**(N^V_0 x N^V_1)\n"
        "beta ~ N(a, R) in R**(N^beta_0), Y ~ N((F * beta), V) in R**(N^Y_0)\n"
        "Y = [-3.]"
    )
    assert printing.tt_pprint(fgraph) == text
    assert printing.tt_pprint(Y) == text
    assert str(backend.mt(fgraph)) == text
    lines = body(fgraph._repr_latex_())
    assert lines[0] == (
        r"F \in \mathbb{R}^{N^{F}_{0} \times N^{F}_{1}}, \quad a \in \mathbb{R}^{N^{a}_{0}}, "
        r"\quad R \in \mathbb{R}^{N^{R}_{0} \times N^{R}_{1}}"
    )
    assert lines[2] == (
        r"\beta \sim \operatorname{N}\left(a, R\right) \in \mathbb{R}^{N^{\beta}_{0}}, "
        r"\quad Y \sim \operatorname{N}\left(F \, \beta, V\right) \in \mathbb{R}^{N^{Y}_{0}}"
    )
    assert lines[3] == "Y = [-3]"
    assert backend.mt(fgraph)._repr_latex_() == fgraph._repr_latex_() == printing.tt_tprint(fgraph)


def test_the_posterior_of_example_a_by_hand_reads_as_well(backend, printing, names):
    t, inverse = backend.tensor, names["t"].nlinalg.matrix_inverse
    a, R, F, V = t.vector("a"), t.matrix("R"), t.matrix("F"), t.matrix("V")
    gain = t.dot(t.dot(R, F.T), inverse(V + t.dot(F, t.dot(R, F.T))))
    posterior = backend.mvnormal(a + t.dot(gain, np.r_[-3.0] - t.dot(F, a)), R - t.dot(t.dot(gain, F), R))
    assert printing.tt_pprint(posterior) == (
        "a in R**(N^a_0), R in R**(N^R_0 x N^R_1), F in R**(N^F_0 x N^F_1)\n"
        "V in R**(N^V_0 x N^V_1)\n"
        "c = R * F.T\n"
        "d = c * (V + (F * c))**-1\n"
        "b ~ N((a + (d * ([-3.] - (F * a)))), (R - ((d * F) * R))) in R**(N^b_0)"
    )


def test_marks_of_a_model(backend, printing):
    t, marks = backend.tensor, import_module(f"symbolic_pymc.{backend.name}.markers")
    mu = backend.normal(np.float64(0), np.float64(10), name="mu")
    doubled = marks.deterministic(mu * 2.0)
    doubled.name = "doubled"
    again = marks.deterministic(doubled)
    again.name = "again"
    term = marks.potential(-t.sqr(doubled))
    term.name = "penalty"
    y = marks.observed(t.vector("y"), backend.normal(doubled, np.float64(1), size=(3,), name="Y"))
    text = printing.tt_pprint(backend.FunctionGraph(None, [y, term, again]))
    assert text.replace("N^Y_0", "3") == (
        "y in R**(N^y_0)\n"
        "mu ~ N(0., 10.) in R\n"
        "doubled = mu * 2.\n"
        "Y ~ N(doubled, 1.) in R**(3)\n"
        "penalty = -(doubled**2)\n"
        "again = doubled\n"
        "Y = y\n"
        "log p += penalty"
    )
    assert body(printing.tt_tprint(term))[-1] == r"\log p \mathrel{+}= \mathit{penalty}"


def test_generators_and_sizes_are_not_written(backend, printing):
    size, rng = (backend.tensor.lscalar("n"),), backend.generator(3)
    x = backend.normal(np.float64(0), np.float64(1), size=size, rng=rng)
    assert printing.tt_pprint(x) == "a ~ N(0., 1.) in R**(N^a_0)"


def test_draws_of_equal_parameters_are_two(backend, printing):
    draws = [backend.normal(np.float64(0), np.float64(1)) for _ in range(2)]
    assert printing.tt_pprint(draws[0] - draws[1]) == "a ~ N(0., 1.) in R, b ~ N(0., 1.) in R\n(a - b)"


def test_shared_variables_by_name_or_by_small_value(backend, printing):
    shared = backend.shared
    x = backend.tensor.vector("x")
    assert printing.tt_pprint(x * shared(np.r_[1.0, 2.0])).split("\n")[-1] == "(x * [1. 2.])"
    named = printing.tt_pprint(x * shared(np.r_[1.0, 2.0], name="w"))
    assert named.endswith("\n(x * w)") and "w in R**(" in named
    large = printing.tt_pprint(x * shared(np.ones(50)))
    assert large.endswith("\n(x * a)") and "a in R**(" in large


def test_patterns_print_in_the_same_notation(backend):
    mu, sigma = var("mu"), var("sigma")
    op = backend.mt(backend.normal_op)
    assert str(backend.mt.exp(op(mu, sigma, name="z"))) == "z ~ N(~mu, ~sigma)\nexp(z)"
    assert str(backend.mt.add(mu, 1.0)) == "(~mu + 1.)"


def test_an_unknown_operator_is_a_function_of_its_name(backend, printing):
    class Twist(backend.Op):
        __props__ = ()

        def make_node(self, x, y):
            return backend.Apply(self, [x, y], [x.type(), y.type()])

        def perform(self, node, inputs, outputs):
            outputs[0][0], outputs[1][0] = inputs

    x, y = backend.tensor.vectors("x", "y")
    first, second = Twist()(x, y)
    assert printing.tt_pprint(first).split("\n")[-1] == "Twist(x, y)"
    assert printing.tt_pprint(second).split("\n")[-1] == "Twist(x, y)[1]"


def test_scan_is_an_opaque_function(backend, printing):
    t = backend.tensor
    scan = import_module(f"{backend.name}.scan" if backend.name == "theano" else "pytensor.scan.basic").scan
    x, s = t.vector("x"), t.scalar("s")
    outputs, _ = scan(lambda a, c: c + a, sequences=[x], outputs_info=[s], name="walk")
    lines = printing.tt_pprint(outputs).split("\n")
    assert "x in R**(N^x_0), s in R" == lines[0]
    assert "walk(" in lines[-1]


def test_sharing_and_depth_cost_no_more_than_they_must(backend, printing):
    doubled = chain = backend.tensor.scalar("x")
    for _ in range(2000):
        doubled = doubled + doubled
    start = time.process_time()
    text = printing.tt_pprint(doubled)
    assert time.process_time() - start < 2
    assert text.count("\n") == 2000 and len(text) < 60_000
    for _ in range(10_000):
        chain = chain * 1.5
    assert printing.tt_pprint(chain).count("* 1.5") == 10_000
    assert_well_formed(printing.tt_tprint(chain))
    pattern = var("q")
    for _ in range(10_000):
        pattern = backend.mt.exp(pattern)
    assert str(pattern).count("exp") == 10_000


# An oracle from outside: Python reads the text, numpy computes it.


@st.composite
def programs(draw):
    """Steps of (operation, two earlier results), the inputs being the first three results."""
    names = st.sampled_from(["+", "-", "*", "/", "neg", "exp", "square", "maximum", "<", "slice", "sum"])
    earlier = [st.integers(0, 2 + k) for k in range(draw(st.integers(1, 12)))]
    return [(draw(names), draw(result), draw(result)) for result in earlier]


def run(t, steps, x):
    """Build the graph of `steps` over the three vectors `x`."""
    results = list(x)
    for operation, i, j in steps:
        a, b = results[i], results[j]
        results.append(
            {
                "+": lambda: a + b,
                "-": lambda: a - b,
                "*": lambda: a * b,
                "/": lambda: a / (b * b + 1.0),
                "neg": lambda: -a,
                "exp": lambda: t.exp(-(a * a)),
                "square": lambda: (a - b) ** 2,
                "maximum": lambda: t.maximum(a, b),
                "<": lambda: t.switch(t.lt(a, b), 1.0, 0.0) * a,
                "slice": lambda: t.concatenate([a[1:4:2], b[0:2]])[::-1],
                "sum": lambda: a * b.sum(),
            }[operation]()
        )
    return results[-1]


def without_cases(text):
    """Write ``{a if c, b otherwise}`` as a call, innermost first."""
    while (found := re.search(r"\{([^{}]*) if ([^{}]*) otherwise\}", text)) is not None:
        condition, _, other = found[2].rpartition(", ")
        text = text[: found.start()] + f"where({condition}, {found[1]}, {other})" + text[found.end() :]
    return text


def read(text, values):
    """Compute the last line of a text, as Python reads it."""
    scope = {
        **values,
        **{f: getattr(np, f) for f in ("exp", "maximum", "sum", "where")},
        "join": lambda a, b, axis: np.concatenate([a, b], axis),
    }
    lines = without_cases(text).split("\n")
    *definitions, last = [line for line in lines if " in R" not in line] or [text[0]]
    for line in definitions:
        exec(line, scope)
    return eval(last, scope)


@settings(max_examples=60)
@given(steps=programs())
def test_the_text_says_what_the_graph_computes(backend, printing, steps):
    t, values = backend.tensor, np.random.default_rng(1).normal(size=(3, 4))
    x = [t.vector(name) for name in ("u", "v", "w")]
    result = run(t, steps, x)
    text = printing.tt_pprint(result)
    expected = backend.compile_plainly(x, result)(*values)
    np.testing.assert_allclose(read(text, dict(zip("uvw", values))), expected, rtol=1e-12, atol=1e-12)
    assert_well_formed(printing.tt_tprint(result))
