"""Functions of whole arrays are known whatever way they are spelt; what is not known is refused, with the reason."""

from importlib import import_module

import numpy as np
import pytest
from kanren import run, var

from symbolic_pymc.meta import metatize
from symbolic_pymc.proximal.blocks import block, held, prox_of_block
from symbolic_pymc.proximal.combinations import Unknown
from symbolic_pymc.proximal.objective import objective_of
from symbolic_pymc.proximal.prox import proxo
from symbolic_pymc.proximal.shapes import CONVEX, NOT_CONVEX
from tests.proximal.block_cases import A, CASES, COVARIANCE, INF, SYMMETRIC
from tests.proximal.test_blocks import BY_NAME, derived, points

CLOSE = dict(rtol=1e-9, atol=1e-9)
ZERO = np.float64(0.0)
MEMBERS = np.array([[1.0, 1.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0, 1.0, 1.0]])


@pytest.fixture
def ops(backend):
    return import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops


def norm_of(backend, x, axis=None):
    """Return the norm as the library of the backend has it."""
    return x.norm(2, axis=axis) if backend.name == "theano" else backend.linalg.norm(x, axis=axis)


def log_density(backend, law, x):
    return law.logp(x) if backend.name == "theano" else backend.pm.logp(law, x)


def _within(backend, condition):
    return backend.tensor.switch(condition, ZERO, INF)


def _differences(backend, x):
    return backend.tensor.extra_ops.diff(x) if backend.name == "theano" else backend.tensor.diff(x)


def _by_matrix(backend, x):
    return backend.tensor.dot(np.diff(np.eye(6), axis=0), x)


# by the name of a case: another spelling, a function of a backend and a variable
SPELLINGS = [
    ("group lasso", lambda b, x: 0.7 * norm_of(b, x)),
    ("group lasso", lambda b, x: 0.7 * b.tensor.sum(x * x) ** 0.5),
    ("group lasso", lambda b, x: b.tensor.sqrt(0.49 * b.tensor.sum(abs(x) ** 2))),
    ("group lasso", lambda b, x: b.tensor.sqrt(b.tensor.dot(x, x)) * 0.7 - 1.0),
    ("group lasso", lambda b, x: b.tensor.sqrt(b.tensor.sum(x**2, keepdims=True)) * 0.7),
    ("rows", lambda b, x: 0.7 * b.tensor.sum(norm_of(b, x, axis=1))),
    ("rows", lambda b, x: b.tensor.sum(0.7 * b.tensor.sqrt(b.tensor.sum(x.T**2, axis=0)))),
    ("rows", lambda b, x: 0.7 * b.tensor.sum(b.tensor.sqrt(b.tensor.sum(x**2, axis=1, keepdims=True)))),
    (
        "group lasso, groups of elements",
        lambda b, x: b.tensor.dot(np.array([0.7, 1.2]), b.tensor.sqrt(b.tensor.dot(MEMBERS, x**2))),
    ),
    ("sparse group lasso", lambda b, x: b.tensor.sum(abs(x)) * 0.3 - (-0.7) * norm_of(b, x)),
    ("supremum norm", lambda b, x: -b.tensor.min(-0.7 * abs(x))),
    ("supremum norm", lambda b, x: b.tensor.max(0.7 * abs(x))),
    ("maximum", lambda b, x: -b.tensor.min(-x) * 0.7),
    ("SLOPE", lambda b, x: b.tensor.dot(np.array([1.4, 0.9, 0.6, 0.2, 0.2, 0.1]), b.tensor.sort(abs(x))[::-1])),
    ("sum of the largest", lambda b, x: b.tensor.sum(0.7 * b.tensor.sort(x)[::-1][:3])),
    ("sparse fused lasso", lambda b, x: 0.7 * b.tensor.sum(abs(_differences(b, x))) + 0.3 * abs(x).sum()),
    ("sparse fused lasso", lambda b, x: 0.7 * b.tensor.sum(abs(_by_matrix(b, x))) + 0.3 * b.tensor.sum(abs(x))),
    ("simplex", lambda b, x: b.tensor.switch(b.tensor.any(x < 0), INF, _within(b, b.tensor.eq(b.tensor.sum(x), 1)))),
    ("l1 ball", lambda b, x: _within(b, b.tensor.ge(1.3, b.tensor.sum(abs(x))))),
    ("l2 ball", lambda b, x: -b.tensor.switch(norm_of(b, x) > 1.3, -INF, ZERO)),
    ("box", lambda b, x: _within(b, b.tensor.and_(b.tensor.all(x <= 1.3), b.tensor.all(-x <= 1.3)))),
    ("second-order cone", lambda b, x: _within(b, x[0] - norm_of(b, x[1:]) >= 0)),
    ("second-order cone", lambda b, x: _within(b, b.tensor.ge(x[0], b.tensor.sqrt(b.tensor.sum(x[1:] ** 2))))),
    ("monotone cone", lambda b, x: _within(b, b.tensor.all(_differences(b, x) >= 0))),
    ("normal prior", lambda b, x: 0.5 * b.tensor.dot(x - 1.0, b.tensor.dot(np.linalg.inv(COVARIANCE), x - 1.0))),
    (
        "normal prior",
        lambda b, x: -log_density(b, b.pm.MvNormal.dist(mu=np.ones(6), chol=np.linalg.cholesky(COVARIANCE)), x),
    ),
    ("normal prior", lambda b, x: -log_density(b, b.pm.MvNormal.dist(mu=np.ones(6), tau=np.linalg.inv(COVARIANCE)), x)),
    ("log-sum-exp", lambda b, x: 0.7 * b.pm.math.logsumexp(x)),
    ("distance to a box", lambda b, x: 0.7 * norm_of(b, x - b.tensor.maximum(-0.5, b.tensor.minimum(x, 0.8)))),
    ("nuclear norm", lambda b, x: 0.7 * b.tensor.sum(b.linalg.svd(x)[1])),
    ("nuclear norm", lambda b, x: b.tensor.sum(abs(0.7 * b.linalg.svd(x, compute_uv=False)))),
    ("log determinant", lambda b, x: -0.7 * b.tensor.sum(b.tensor.log(b.linalg.eigh(x)[0]))),
]


@pytest.mark.parametrize("name, spelling", SPELLINGS, ids=[f"{i}-{name}" for i, (name, _) in enumerate(SPELLINGS)])
def test_spellings(backend, ops, name, spelling):
    case = BY_NAME[name]
    _, plain = derived(backend, ops, case.build(backend), len(case.shape))
    _, other = derived(backend, ops, lambda x: spelling(backend, x), len(case.shape))
    for z in points(case):
        np.testing.assert_allclose(other(z, 0.8), plain(z, 0.8), **CLOSE)


def test_a_dirichlet_law_on_its_simplex(backend, ops):
    """Its density in PyMC's own words, and the plane that its support lies in."""
    counts = np.array([1.4, 2.0, 1.0, 3.0, 1.7, 2.3])

    def build(x):
        density = log_density(backend, backend.pm.Dirichlet.dist(a=counts), x)
        return -density + _within(backend, backend.tensor.eq(backend.tensor.sum(x), 1))

    case = BY_NAME["Dirichlet"]
    _, plain = derived(backend, ops, case.build(backend), 1)
    _, law = derived(backend, ops, build, 1)
    for z in points(case):
        np.testing.assert_allclose(law(z, 0.8), plain(z, 0.8), **CLOSE)


def test_a_wishart_law(backend, ops):
    r"""Its mode, :math:`(\nu - p - 1) V`, is where the operator stays."""
    scale = np.array([[2.0, 0.3, 0.0], [0.3, 1.0, 0.2], [0.0, 0.2, 1.5]])
    law = backend.pm.Wishart.dist(nu=7, V=scale)
    function, prox = derived(backend, ops, lambda x: -log_density(backend, law, x), 2)
    np.testing.assert_allclose(prox(3.0 * scale, 0.8), 3.0 * scale, rtol=1e-9, atol=1e-12)
    assert function.curvature != NOT_CONVEX


@pytest.mark.parametrize("rank", [0, 1, 2, 3])
def test_the_rank_by_trying_all(backend, ops, rank):
    """No matrix of another rank, of which the nearest keeps the largest singular values, is better."""
    case = BY_NAME["rank"]
    function, prox = derived(backend, ops, case.build(backend), 2)
    assert function.curvature == NOT_CONVEX
    for z in points(case):
        left, values, right = np.linalg.svd(z, full_matrices=False)
        other = (left * np.where(np.arange(3) < rank, values, 0.0)) @ right
        found = prox(z, 0.8)
        objective = [0.8 * case.value(x) + 0.5 * np.sum((x - z) ** 2) for x in (found, other)]
        assert objective[0] <= objective[1] + 1e-9


def test_a_length_with_a_penalty_that_is_not_convex(backend, ops):
    """A penalty of the length of a group: the operator of the penalty moves the length, the direction stays."""
    function, prox = derived(
        backend, ops, lambda x: backend.tensor.log(1 + backend.tensor.sqrt(backend.tensor.sum(x**2))), 1
    )
    assert function.curvature == NOT_CONVEX
    grid = np.linspace(0, 12, 200_001)
    for z in points(BY_NAME["group lasso"]):
        size = np.linalg.norm(z)
        best = grid[np.argmin(0.8 * np.log1p(grid) + 0.5 * (grid - size) ** 2)]
        np.testing.assert_allclose(prox(z, 0.8), best * z / max(size, 1e-300), atol=1e-3)


def test_exact_zeros_and_ties(backend, ops):
    z = np.array([0.1, -0.2, 0.15, 3.0, -1.0, 0.3])
    groups = derived(backend, ops, BY_NAME["group lasso, groups of elements"].build(backend), 1)[1](z, 0.8)
    assert np.all(groups[:2] == 0.0) and np.all(groups[2:] != 0.0)
    assert np.all(derived(backend, ops, BY_NAME["group lasso"].build(backend), 1)[1](z, 9.0) == 0.0)
    fused = derived(backend, ops, BY_NAME["sparse fused lasso"].build(backend), 1)[1](z, 0.8)
    assert np.all(fused[:3] == 0.0) and fused[3] > 0
    cut = derived(backend, ops, BY_NAME["maximum"].build(backend), 1)[1](np.array([3.0, 2.9, 1.0]), 1.0)
    assert cut[0] == cut[1] != cut[2]


@pytest.mark.parametrize("name", [case.name for case in CASES if case.domain != SYMMETRIC])
def test_what_is_held_is_not_smooth_and_the_rest_is(backend, ops, name):
    """Where nothing is held, the slopes on both sides of a value are the same."""
    case = BY_NAME[name]
    make = {1: backend.tensor.dvector, 2: backend.tensor.dmatrix}[len(case.shape)]
    x = make("x")
    function = block(ops, metatize(case.build(backend)(x)), metatize(x))
    places = backend.compile_plainly([x], held(ops, function, metatize(x)).reify())
    _, prox = derived(backend, ops, case.build(backend), len(case.shape))
    for z in points(case):
        at = prox(z, 0.8)
        fixed = places(at)
        assert fixed.shape == at.shape
        for index in np.argwhere(~fixed):
            h = np.zeros(case.shape)
            h[tuple(index)] = 1e-6
            bend = case.value(at + h) - 2 * case.value(at) + case.value(at - h)
            assert abs(bend) <= 1e-7


@pytest.mark.parametrize("name", ["group lasso", "supremum norm", "fused lasso", "nuclear norm"])
def test_kinks_are_held(backend, ops, name):
    case = BY_NAME[name]
    make = {1: backend.tensor.dvector, 2: backend.tensor.dmatrix}[len(case.shape)]
    x = make("x")
    function = block(ops, metatize(case.build(backend)(x)), metatize(x))
    places = backend.compile_plainly([x], held(ops, function, metatize(x)).reify())
    assert np.all(places(np.zeros(case.shape)))


REFUSED = [
    (lambda t, x: t.sqrt(t.sum(x**2)) + t.max(x), "of the same elements"),
    (lambda t, x: t.sum(abs(t.dot(A, x))), "not orthogonal"),
    (lambda t, x: -t.max(x), "not known to be positive"),
    (lambda t, x: -t.sqrt(t.sum(x**2)), "not known to rise"),
    (lambda t, x: t.sqrt(1.0 + t.sum(x**2)) * t.sum(x), "several expressions|product"),
    (lambda t, x: t.sum(np.arange(6.0) * t.sort(abs(x))[::-1]), "ascend"),
    (lambda t, x: t.sum(x[1:] ** 2) / x[0], "not known to be positive"),
    (lambda t, x: t.switch(t.sum(x) > 0, t.sqrt(t.sum(x**2)), -INF), "infinite outside"),
    (lambda t, x: t.switch(t.or_(x[0] > 0, x[1] > 0), ZERO, INF), "a condition"),
    (lambda t, x: t.sum(abs(x[1:] - x[:-1])) + t.sum(np.arange(6.0) * abs(x)), "and another"),
    (lambda t, x: t.sqrt(t.sum(t.dot(A, x) ** 2)), "not orthogonal"),
    (lambda t, x: t.max(t.dot(A, x)), "not orthogonal"),
    (lambda t, x: t.log(t.sum(t.exp(t.dot(A, x)))), "not orthogonal"),
    (lambda t, x: t.sqrt(t.sum(x**2)) + t.sum(abs(x - 1.0)), "and another"),
    (lambda t, x: -t.dot(x, t.dot(np.eye(6), x)), "concave|not known"),
    (lambda t, x: t.sum(t.sqrt(t.dot(np.ones((2, 6)), x**2))), "linear map|not affine"),
    (lambda t, x: t.sin(t.sum(x)), "it stands inside|not affine"),
    (lambda t, x: t.sqrt(t.sum(t.sqr(x[:3]))) + t.sqrt(t.sum(t.sqr(x[2:6]))), "of the same elements"),
    (lambda t, x: t.sum(abs(x.dimshuffle("x", 0) - np.zeros((3, 1)))), "positions depend"),
    (lambda t, x: t.switch(t.eq(t.sum(x), 1), ZERO, INF) + t.sum(abs(x)), "positive"),
    (lambda t, x: np.float64(2.0) + t.sum(t.zeros_like(x)), "does not depend"),
]


@pytest.mark.parametrize("make, reason", REFUSED)
def test_what_is_not_known_is_refused(backend, ops, make, reason):
    x = backend.tensor.dvector("x")
    with pytest.raises(Unknown, match=reason):
        block(ops, metatize(make(backend.tensor, x)), metatize(x))


def test_a_relation(backend, ops):
    """The same relation as for penalties of single elements."""
    x, z = (backend.tensor.dvector(name) for name in "xz")
    step, operator = metatize(backend.tensor.constant(np.float64(0.5))), var()
    phi = metatize(backend.tensor.sqrt(backend.tensor.sum(x**2)))
    (found,) = run(1, operator, proxo(ops, phi, metatize(x), metatize(z), step, operator))
    np.testing.assert_allclose(backend.compile_plainly([z], found.reify())([3.0, 4.0]), [2.7, 3.6])
    unknown = metatize(backend.tensor.max(x) + backend.tensor.sqrt(backend.tensor.sum(x**2)))
    assert run(1, operator, proxo(ops, unknown, metatize(x), metatize(z), step, operator)) == ()


def test_weights_may_be_shared_variables(backend, ops):
    weight = backend.shared(np.float64(0.5), name="weight")
    x, z = (backend.tensor.dvector(name) for name in "xz")
    function = block(ops, metatize(weight * backend.tensor.sqrt(backend.tensor.sum(x**2))), metatize(x))
    prox = prox_of_block(ops, function, metatize(z), metatize(backend.tensor.constant(np.float64(1.0))))
    compiled = backend.compile_plainly([z], prox.reify())
    np.testing.assert_allclose(compiled([3.0, 4.0]), [2.7, 3.6])
    weight.set_value(np.float64(2.5))
    np.testing.assert_allclose(compiled([3.0, 4.0]), [1.5, 2.0])
    assert function.curvature == CONVEX


@pytest.mark.parametrize("name", ["group lasso", "maximum", "fused lasso", "SLOPE", "log-sum-exp"])
def test_no_elements_and_one(backend, ops, name):
    lengths = {
        "fused lasso": lambda t, x: 0.7 * t.sum(abs(x[1:] - x[:-1])),
        "SLOPE": lambda t, x: 0.7 * t.sum(t.sort(abs(x))),
    }
    build = BY_NAME[name].build(backend) if name not in lengths else lambda x: lengths[name](backend.tensor, x)
    prox = derived(backend, ops, build, 1)[1]
    assert prox(np.zeros(0), 0.8).shape == (0,)
    np.testing.assert_allclose(prox(np.array([2.0]), 0.8), [2.0 if name == "fused lasso" else 2.0 - 0.7 * 0.8])


def test_the_objective_of_a_law_on_the_simplex(backend, ops):
    """What PyMC leaves out of the density of a Dirichlet law, the plane of its support, is in the objective."""
    _, plain = derived(backend, ops, BY_NAME["Dirichlet"].build(backend), 1)
    z = backend.tensor.dvector("z")
    counts = np.array([1.4, 2.0, 1.0, 3.0, 1.7, 2.3])
    with backend.pm.Model() as model:
        backend.pm.Dirichlet("p", a=counts)
    objective = objective_of(model)
    (_, density), (_, plane) = objective.terms
    function = block(ops, ops.add(density, plane), objective.inputs["p"])
    prox = prox_of_block(ops, function, metatize(z), metatize(backend.tensor.constant(np.float64(0.8))))
    compiled = backend.compile_plainly([z], prox.reify())
    for point in points(BY_NAME["Dirichlet"]):
        np.testing.assert_allclose(compiled(point), plain(point, 0.8), **CLOSE)


def test_elements_counted_from_the_end(backend, ops):
    """Whether groups overlap depends on the size of the unknown, which a type need not tell."""
    t = backend.tensor
    x, z = (t.dvector(name) for name in "xz")
    term = metatize(t.sqrt(t.sum(x[:4] ** 2)) + t.sqrt(t.sum(x[-2:] ** 2)))
    for shape, reason in ((None, "size"), ((5,), "of the same elements")):
        with pytest.raises(Unknown, match=reason):
            block(ops, term, metatize(x), shape)
    function = block(ops, term, metatize(x), (6,))
    prox = prox_of_block(ops, function, metatize(z), metatize(t.constant(np.float64(0.8)))).reify()
    at = backend.compile_plainly([z], prox)([3.0, 0.0, 4.0, 0.0, 0.3, 0.4])
    np.testing.assert_allclose(at, [3.0 * 0.84, 0.0, 4.0 * 0.84, 0.0, 0.0, 0.0])
    columns = t.dmatrix("X")
    whole = metatize(t.sqrt(t.sum(columns[:, 0] ** 2)) + t.sum(abs(columns[:, 1:])))
    assert [core.inner.kind for core in block(ops, whole, metatize(columns), (4, 3)).cores] == ["some", "some"]


def test_an_affine_expression_as_the_argument(backend, ops):
    """A function of a matrix product, whose operator is that of the function itself."""
    t = backend.tensor
    beta, x, z = (t.dvector(name) for name in ("beta", "x", "z"))
    residual = t.dot(A.T, beta) - 1.0
    step = metatize(t.constant(np.float64(0.8)))
    found = []
    for argument in (residual, x):
        function = block(ops, metatize(0.7 * t.max(abs(argument))), metatize(argument))
        prox = prox_of_block(ops, function, metatize(z), step).reify()
        found.append(backend.compile_plainly([z], prox)(np.arange(6.0)))
    np.testing.assert_array_equal(*found)
    with pytest.raises(Unknown, match="elsewhere"):
        block(ops, metatize(t.max(residual) + t.sum(beta)), metatize(residual))


def test_groups_of_a_matrix_are_held_as_groups(backend, ops):
    t = backend.tensor
    x = t.dvector("x")
    function = block(ops, metatize(t.sum(t.sqrt(t.dot(MEMBERS, x**2)))), metatize(x))
    places = backend.compile_plainly([x], held(ops, function, metatize(x)).reify())
    np.testing.assert_array_equal(places(np.array([0.0, 0.0, 1.0, 0.0, 0.0, 2.0])), [1, 1, 0, 0, 0, 0])
