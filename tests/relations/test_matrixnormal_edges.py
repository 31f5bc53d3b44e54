"""Coefficients of several regressions at once, against the law of all their elements in one vector."""

import numpy as np
import pytest
from scipy.special import multigammaln
from scipy.stats import invwishart, matrix_normal, multivariate_normal

import symbolic_pymc as sp
from tests.densities import assert_conditioned, evidence_of, log_density
from tests.joints import built

F = np.float64
N, K, D = 6, 3, 2
rng = np.random.default_rng(3)
X = rng.normal(size=(N, K)).round(2)
Y = rng.normal(size=(N, D)).round(2)
M = rng.normal(size=(K, D)).round(2)
C = rng.normal(size=(N, D)).round(2)


def definite(d):
    root = rng.normal(size=(d, d)).round(1)
    return root @ root.T + np.eye(d)


V, U, SIGMA, OTHER = definite(K), definite(N), definite(D), definite(D)


def shape(backend, *lengths):
    return {"shape": lengths} if backend.name == "theano" else {}


def coefficients(backend, pm, colcov=SIGMA, k=K, name="B"):
    mean, cov = (M, V) if k == K else (C, U)
    return pm.MatrixNormal(name, mu=mean, rowcov=cov, colcov=colcov, **shape(backend, k, D))


def data(backend, pm, mean, colcov=SIGMA, rowcov=U, y=Y):
    pm.MatrixNormal("y", mu=mean, rowcov=rowcov, colcov=colcov, observed=y, **shape(backend, *y.shape))


def by_vector(design, mean, rowcov, offset=0.0, row_noise=U, y=Y):
    """Return mean and covariance of the coefficients given the data, row by row in one vector, and the evidence."""
    F_, R = np.kron(design, np.eye(D)), np.kron(rowcov, SIGMA)
    noise = np.kron(row_noise, SIGMA)
    Q = F_ @ R @ F_.T + noise
    error = (y - offset - design @ mean).ravel()
    gain = R @ F_.T @ np.linalg.inv(Q)
    evidence = multivariate_normal(np.zeros(error.size), Q).logpdf(error)
    return mean.ravel() + gain @ error, R - gain @ F_ @ R, evidence


FORMS = {
    "a design": (lambda t, B: t.dot(X, B), X, 0.0, K),
    "a design and an offset": (lambda t, B: t.dot(X, B) + C, X, C, K),
    "an offset less": (lambda t, B: t.dot(X, B) - C, X, -C, K),
    "itself": (lambda t, B: B, np.eye(N), 0.0, N),
}


@pytest.mark.parametrize("name", FORMS)
def test_against_one_vector(backend, name):
    form, design, offset, k = FORMS[name]

    def build(pm, t):
        data(backend, pm, form(t, coefficients(backend, pm, k=k)))

    model = built(backend, build)
    result = sp.conjugate_graph(model)
    mean, cov, exact = by_vector(design, *((M, V) if k == K else (C, U)), offset)
    assert [step.relation for step in sp.steps(result)] == ["matrixnormal_mean_reversalo"]
    assert assert_conditioned(backend, model, result) == pytest.approx(exact, abs=1e-8)
    joint, law = log_density(backend, result), multivariate_normal(mean, cov)
    (variable,) = joint.names
    for b in (np.zeros((k, D)), rng.normal(size=(k, D))):
        assert joint({variable: b}) == pytest.approx(law.logpdf(b.ravel()), abs=1e-8)


def test_rows_of_one_covariance(backend):
    def build(pm, t):
        pm.MvNormal("y", t.dot(X, coefficients(backend, pm)), cov=SIGMA, observed=Y, **shape(backend, N, D))

    model = built(backend, build)
    result = sp.conjugate_graph(model)
    exact = by_vector(X, M, V, row_noise=np.eye(N))[2]
    assert assert_conditioned(backend, model, result) == pytest.approx(exact, abs=1e-8)


def test_a_covariance_by_its_factor(backend):
    """The rows of the data have the covariance whose Cholesky factor that of the coefficients is."""
    factor = np.linalg.cholesky(SIGMA)

    def build(pm, t, cov_of):
        B = pm.MatrixNormal("B", mu=M, rowcov=V, colchol=factor, **shape(backend, K, D))
        cov = cov_of(t.as_tensor_variable(factor))
        pm.MvNormal("y", t.dot(X, B), cov=cov, observed=Y, **shape(backend, N, D))

    model = built(backend, lambda pm, t: build(pm, t, lambda L: t.dot(L, L.T)))
    result = sp.conjugate_graph(model)
    exact = by_vector(X, M, V, row_noise=np.eye(N))[2]
    assert assert_conditioned(backend, model, result) == pytest.approx(exact, abs=1e-8)
    for other in (lambda t, L: t.dot(L.T, L), lambda t, L: t.dot(L, L)):
        model = built(backend, lambda pm, t, other=other: build(pm, t, lambda L: other(t, L)))
        assert sp.conjugate_graph(model) is model


def test_one_datum_and_shared_data(backend):
    def build(pm, t):
        data(backend, pm, t.dot(backend.shared(X[:1]), coefficients(backend, pm)), rowcov=U[:1, :1], y=Y[:1])

    model = built(backend, build)
    exact = by_vector(X[:1], M, V, row_noise=U[:1, :1], y=Y[:1])[2]
    result = sp.conjugate_graph(model)
    assert assert_conditioned(backend, model, result) == pytest.approx(exact, abs=1e-8)


NU, PSI = 5.0, definite(D)


def regression(backend, pm, t):
    """An inverse Wishart covariance: by its inverse, which both PyMC have."""
    precision = pm.Wishart("precision", nu=int(NU), V=np.linalg.inv(PSI), **shape(backend, D, D))
    sigma = backend.linalg.matrix_inverse(precision) if backend.name == "theano" else backend.linalg.inv(precision)
    data(backend, pm, t.dot(X, coefficients(backend, pm, sigma)), sigma)


@pytest.mark.filterwarnings("ignore:The Wishart")
def test_an_unknown_covariance_too(backend):
    """Evidence and posterior of the textbook: Psi_n = Psi + Y'U^-1 Y + M'V^-1 M - B_n'V_n^-1 B_n, nu_n = nu + n."""
    model = built(backend, lambda pm, t: regression(backend, pm, t))
    result = sp.conjugate_graph(model)
    assert {step.relation for step in sp.steps(result) if step.taken} == {
        "matrixnormal_mean_reversalo", "wishart_precision_reversalo",
    }  # fmt: skip
    inverse, noise = np.linalg.inv(V), np.linalg.inv(U)
    precision = inverse + X.T @ noise @ X
    B = np.linalg.solve(precision, inverse @ M + X.T @ noise @ Y)
    Psi = PSI + Y.T @ noise @ Y + M.T @ inverse @ M - B.T @ precision @ B
    exact = -N * D / 2 * np.log(np.pi) + multigammaln((NU + N) / 2, D) - multigammaln(NU / 2, D)
    exact += NU / 2 * np.linalg.slogdet(PSI)[1] - (NU + N) / 2 * np.linalg.slogdet(Psi)[1]
    exact -= D / 2 * (np.linalg.slogdet(U)[1] + np.linalg.slogdet(V)[1] + np.linalg.slogdet(precision)[1])
    assert evidence_of(backend, result) == pytest.approx(exact, abs=1e-7)
    # and once more by the candidate's formula, with scipy's densities
    sigma = definite(D)
    chib = invwishart(NU, PSI).logpdf(sigma) + matrix_normal(M, V, sigma).logpdf(B)
    chib += matrix_normal(X @ B, U, sigma).logpdf(Y)
    chib -= invwishart(NU + N, Psi).logpdf(sigma) + matrix_normal(B, np.linalg.inv(precision), sigma).logpdf(B)
    assert chib == pytest.approx(exact, abs=1e-8)


REFUSED = {
    "another covariance": lambda b, pm, t: data(b, pm, t.dot(X, coefficients(b, pm)), OTHER),
    "from the right": lambda b, pm, t: data(b, pm, t.dot(t.dot(X, coefficients(b, pm)), OTHER)),
    "twice": lambda b, pm, t: data(
        b, pm, t.dot(X, coefficients(b, pm)) + t.dot(X, t.exp(coefficients(b, pm, name="E")))
    ),
    "a function": lambda b, pm, t: data(b, pm, t.dot(X, t.exp(coefficients(b, pm)))),
    "with itself": lambda b, pm, t: (lambda B: data(b, pm, t.dot(X, B) + t.dot(X**2, B)))(coefficients(b, pm)),
}


@pytest.mark.parametrize("name", [name for name in REFUSED if name != "twice"])
def test_what_is_refused(backend, name):
    model = built(backend, lambda pm, t: REFUSED[name](backend, pm, t))
    result = sp.conjugate_graph(model)
    assert result is model and all(step.reason for step in sp.steps(result))


def test_an_offset_of_another_unknown(backend):
    """What is added may be unknown, as long as it is not the coefficients."""
    model = built(backend, lambda pm, t: REFUSED["twice"](backend, pm, t))
    result = sp.conjugate_graph(model)
    assert_conditioned(backend, model, result)
    assert [step.variables for step in sp.steps(result) if step.taken] == [("B", "y")]
