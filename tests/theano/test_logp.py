"""Log densities of the random variables of Theano graphs, against scipy, numpy and PyMC3."""

import numpy as np
import pymc3 as pm
import pytest
import theano
import theano.tensor as tt
from scipy import stats
from theano.compile.mode import Mode
from theano.scan.utils import until

from symbolic_pymc.errors import ConversionError, ModelGraphError, UnsupportedDistributionError
from symbolic_pymc.theano.logp import log_density
from symbolic_pymc.theano.opt import FunctionGraph
from symbolic_pymc.theano.pymc3 import logp, model_graph
from symbolic_pymc.theano.random_variables import (
    BernoulliRV,
    CategoricalRV,
    DirichletRV,
    GammaRV,
    MultinomialRV,
    MvNormalRV,
    NormalRV,
    PoissonRV,
    deterministic,
    fresh_rng,
    observed,
    potential,
)
from tests.theano.pymc3_models import COVARIANCE, MODELS, model_of, points_of

PLAIN = Mode(linker="py", optimizer=None)

pytestmark = [
    pytest.mark.filterwarnings("ignore:The Wishart distribution:UserWarning"),
    pytest.mark.filterwarnings("ignore:.*contains missing values"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::RuntimeWarning"),
]


@pytest.fixture(autouse=True)
def without_compiler():
    with theano.config.change_flags(cxx="", compute_test_value="off"):
        yield


def evaluate(graph, values):
    return theano.function(list(values), graph, mode=PLAIN, on_unused_input="ignore")(*values.values())


# One random variable ----------------------------------------------------------------------------------------

x = np.r_[0.3, 0.7]
counts = np.array([[1, 1, 2], [2, 2, 0]])
p3 = np.r_[0.2, 0.3, 0.5]
rows = np.array([[0.2, 0.8], [0.6, 0.4]])

DENSITIES = {
    "a batch by parameters": (NormalRV, (0.5, np.r_[1.0, 2.0]), {}, x, stats.norm.logpdf(x, 0.5, [1, 2])),
    "a batch by size": (GammaRV, (2.0, 3.0), {"size": 2}, x, stats.gamma.logpdf(x, 2, scale=1 / 3)),
    "counts": (PoissonRV, (2.0,), {"size": (2,)}, np.r_[1, 3], stats.poisson.logpmf([1, 3], 2)),
    "a vector": (
        MvNormalRV,
        (np.zeros(2), COVARIANCE),
        {},
        x,
        stats.multivariate_normal.logpdf(x, cov=COVARIANCE),
    ),
    "vectors": (
        MvNormalRV,
        (np.zeros(2), COVARIANCE),
        {"size": 2},
        rows,
        stats.multivariate_normal.logpdf(rows, cov=COVARIANCE),
    ),
    "counts of one sample": (
        MultinomialRV,
        (4, p3),
        {},
        counts[0],
        stats.multinomial.logpmf(counts[0], 4, p3),
    ),
    "counts of samples": (
        MultinomialRV,
        (4, p3),
        {"size": 2},
        counts,
        stats.multinomial.logpmf(counts, 4, p3),
    ),
    "proportions": (
        DirichletRV,
        (p3,),
        {"size": 2},
        np.array([p3, p3[::-1]]),
        [stats.dirichlet.logpdf(p, p3) for p in (p3, p3[::-1])],
    ),
    "a category each": (CategoricalRV, (rows,), {}, np.r_[1, 0], np.log([0.8, 0.6])),
    "categories": (CategoricalRV, (p3,), {"size": 2}, np.r_[1, 2], np.log([0.3, 0.5])),
}


@pytest.mark.parametrize("name", DENSITIES)
def test_log_densities_are_those_of_scipy(name):
    op, params, keywords, value, expected = DENSITIES[name]
    got = evaluate(log_density(op(*params, **keywords), value), {})
    assert got.shape == np.shape(expected)
    # PyMC3 takes a small number of trials as an int8, for which Theano has factorials in single precision
    np.testing.assert_allclose(got, expected, rtol=1e-7 if op is MultinomialRV else 1e-12)


def test_the_static_shape_may_be_unknown():
    n, mu, value = tt.iscalar("n"), tt.vector("mu"), tt.vector("value")
    for rv in (NormalRV(0.0, 2.0, size=(n,)), NormalRV(mu, 2.0)):
        got = evaluate(log_density(rv, value), {value: x, mu: np.zeros(2), n: 2})
        np.testing.assert_allclose(got, stats.norm.logpdf(x, 0, 2), rtol=1e-12)
    chol, row = tt.matrix("chol"), tt.vector("row")
    got = evaluate(log_density(MvNormalRV(mu, tt.dot(chol, chol.T)), row), {row: x, mu: np.ones(2), chol: np.eye(2)})
    np.testing.assert_allclose(got, stats.multivariate_normal.logpdf(x, np.ones(2)), rtol=1e-12)


@pytest.mark.parametrize("check_bounds", [True, False])
def test_bounds_are_checked_as_the_model_of_the_variable_says(check_bounds):
    with pm.Model(check_bounds=check_bounds) as model:
        pm.Uniform("u", 0.0, 1.0)
    (rv,) = (v for v in model_graph(model).outputs)
    with pm.Model(check_bounds=not check_bounds):
        got = evaluate(log_density(rv, np.float64(2.0)), {})
    assert got == (-np.inf if check_bounds else 0.0)


def test_the_flags_of_theano_stay():
    for mode in ("off", "ignore", "raise"):
        with theano.config.change_flags(compute_test_value=mode):
            rv = NormalRV(np.float64(0.0), np.float64(1.0)) if mode != "raise" else rv  # noqa: F821
            log_density(rv, tt.scalar("value"))
            logp(rv)
            assert theano.config.compute_test_value == mode


def test_what_has_no_density_is_refused():
    v = tt.vector("v")
    with pytest.raises(ConversionError, match="v: log_density takes the output of a Theano RandomVariable"):
        log_density(v, v)
    with pytest.raises(ConversionError):
        log_density(3, v)
    with pytest.raises(ModelGraphError, match="the value has 1 dimensions, the random variable 0"):
        log_density(NormalRV(0.0, 1.0), v)
    with pytest.raises(ModelGraphError, match="discrete"):
        log_density(PoissonRV(2.0, size=(2,)), v)
    with pytest.raises(UnsupportedDistributionError, match="two dimensional"):
        log_density(MvNormalRV(np.zeros((3, 2)), np.stack([COVARIANCE] * 3)), np.zeros((3, 2)))


# All random variables of a graph ----------------------------------------------------------------------------


def joint(densities):
    return sum(density.sum() for _, density in densities.values())


@pytest.mark.parametrize("name", sorted(set(MODELS) - {"DensityDist"}))
def test_the_sum_is_the_joint_log_density_of_the_model(name):
    """In the space of the variables themselves; a DensityDist of several observed values is a Potential."""
    model = model_of(name)
    theano.config.compute_test_value = "off"
    densities = logp(model_graph(model))
    assert len(densities) == len(model.free_RVs) + len(model.observed_RVs)
    free = [v for v, _ in densities.values() if (v.name or "").endswith("_value")]
    values = {v.name[: -len("_value")]: v for v in free}
    constrained = {v: tt.patternbroadcast(model[name], v.broadcastable) for name, v in values.items()}
    total = theano.clone(joint(densities), replace=constrained, strict=False)
    both = theano.function(model.free_RVs, [total, model.logp_nojact], mode=PLAIN, on_unused_input="ignore")
    for point in points_of(model, 2):
        ours, theirs = both(**point)
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-10)


def test_missing_entries_are_counted_once():
    with pm.Model() as model:
        mu = pm.Normal("mu", 0.0, 1.0)
        pm.Normal("y", mu, 0.5, observed=np.ma.masked_array([0.3, 0.0, -0.2], [False, True, False]))
    theano.config.compute_test_value = "off"
    densities = logp(model_graph(model))
    values = {v.name: v for v, _ in densities.values()}
    got = evaluate(joint(densities), {values["mu_value"]: 0.1, values["y_missing_value"]: np.r_[0.7]})
    expected = stats.norm.logpdf(0.1) + stats.norm.logpdf([0.3, 0.7, -0.2], 0.1, 0.5).sum()
    np.testing.assert_allclose(got, expected, rtol=1e-12)


def test_a_variable_used_twice_has_one_value():
    a = NormalRV(0.0, 1.0, name="a", rng=fresh_rng())
    b = NormalRV(a * a, tt.exp(a), name="b", rng=fresh_rng())
    c = NormalRV(a + b, 1.0, name="c", rng=fresh_rng())
    densities = logp(c, b)
    assert [v.name for v in densities] == ["a", "b", "c"]
    assert [v.name for v, _ in densities.values()] == ["a_value", "b_value", "c_value"]
    point = dict(zip((v for v, _ in densities.values()), (0.4, -1.2, 2.5)))
    got = evaluate([d for _, d in densities.values()], point)
    expected = [
        stats.norm.logpdf(0.4),
        stats.norm.logpdf(-1.2, 0.16, np.exp(0.4)),
        stats.norm.logpdf(2.5, -0.8),
    ]
    np.testing.assert_allclose(got, expected, rtol=1e-12)


def test_two_draws_of_one_generator_are_two():
    rng = fresh_rng()
    a, b = (NormalRV(0.0, 1.0, rng=rng) for _ in range(2))
    densities = logp(a, b)
    assert set(densities) == {a, b} and len({v for v, _ in densities.values()}) == 2


def test_markers_are_seen_through():
    a = NormalRV(0.0, 1.0, name="a", rng=fresh_rng())
    d = deterministic(2 * a)
    y = NormalRV(d, 1.0, size=(2,), name="y", rng=fresh_rng())
    seen = observed(x, y)
    z = NormalRV(seen.sum(), 1.0, name="z", rng=fresh_rng())
    graph = FunctionGraph(None, [z, seen, d, potential(-(a**2))])
    densities = logp(graph)
    assert set(densities) == {a, y, z}
    value, density = densities[y]
    assert value is seen.owner.inputs[0]
    got = evaluate([density, densities[z][1]], {densities[a][0]: 0.3, densities[z][0]: 1.5})
    np.testing.assert_allclose(got[0], stats.norm.logpdf(x, 0.6), rtol=1e-12)
    np.testing.assert_allclose(got[1], stats.norm.logpdf(1.5, x.sum()), rtol=1e-12)


def test_the_graph_stays_as_it_is():
    a = NormalRV(0.0, 1.0, name="a", rng=fresh_rng())
    y = observed(np.float64(1.0), NormalRV(a, 1.0, name="y", rng=fresh_rng()))
    graph = FunctionGraph(None, [y])
    inputs, nodes = list(graph.inputs), graph.toposort()
    before = [(node, list(node.inputs), [v.name for v in node.outputs]) for node in nodes]
    logp(graph)
    assert graph.inputs == inputs and graph.outputs == [y] and graph.toposort() == nodes
    assert before == [(node, list(node.inputs), [v.name for v in node.outputs]) for node in nodes]


def test_what_is_no_graph_of_random_variables_is_refused():
    with pytest.raises(ConversionError, match="logp takes Theano FunctionGraphs and variables"):
        logp("y")
    with pytest.raises(ConversionError):
        logp([tt.vector("v"), 3])
    v = tt.scalar("v")
    with pytest.raises(ModelGraphError, match="is no random variable"):
        logp(observed(v, v + 1))
    a = NormalRV(0.0, 1.0, name="a")
    with pytest.raises(ModelGraphError, match="a: observed twice"):
        logp(observed(v, a), observed(v + 1, a))
    assert logp(v) == {} and logp() == {}


# In a Scan --------------------------------------------------------------------------------------------------

TRANSITIONS = np.array([[0.9, 0.1, 0.0], [0.2, 0.7, 0.1], [0.05, 0.15, 0.8]])
MEANS, START = np.r_[-1.0, 0.5, 3.0], np.r_[0.5, 0.3, 0.2]
N = 12


def hidden_markov_model():
    """Return the parameters, and the first state, all states and all emissions as random variables."""
    transitions, means, sd = tt.matrix("transitions"), tt.vector("means"), tt.scalar("sd")
    first = CategoricalRV(START, rng=fresh_rng(1), name="first")

    def step(state, transitions, means, sd):
        state = CategoricalRV(transitions[state], name="state", rng=fresh_rng(2))
        return state, NormalRV(means[state], sd, name="emission", rng=fresh_rng(3))

    variables, updates = theano.scan(
        step, outputs_info=[first, None], non_sequences=[transitions, means, sd], n_steps=N
    )
    for v, name in zip(variables, ("states", "emissions")):
        v.name = name
    return {transitions: TRANSITIONS, means: MEANS, sd: 0.7}, [first, *variables], updates


def test_a_hidden_markov_model_drawn_in_a_scan():
    parameters, variables, updates = hidden_markov_model()
    draw = theano.function(list(parameters), variables, updates=updates, mode=PLAIN)
    densities = logp(*variables[1:])
    assert list(densities) == variables
    assert [v.name for v, _ in densities.values()] == ["first_value", "states_value", "emissions_value"]
    values = [v for v, _ in densities.values()]
    conditional = theano.function([*parameters, *values], [d for _, d in densities.values()], mode=PLAIN)
    drawn = [draw(*parameters.values()) for _ in range(3)]
    assert not np.array_equal(drawn[0][2], drawn[1][2])
    for first, states, emissions in drawn:
        got = conditional(*parameters.values(), first, states, emissions)
        before = np.r_[first, states[:-1]]
        np.testing.assert_allclose(got[0], np.log(START[first]), atol=1e-10)
        np.testing.assert_allclose(got[1], np.log(TRANSITIONS[before, states]), atol=1e-10)
        np.testing.assert_allclose(got[2], stats.norm.logpdf(emissions, MEANS[states], 0.7), atol=1e-10)


def test_an_observed_hidden_markov_model():
    """Only the emissions are asked for, which are data; the states come along under their name inside."""
    parameters, (first, states, emissions), _ = hidden_markov_model()
    data, path = np.linspace(-1.5, 3.0, N), np.arange(N) % 2
    densities = logp(FunctionGraph(None, [observed(data, emissions)]))
    by_name = {v.name: v for v, _ in densities.values()}
    assert set(by_name) == {"first_value", "state_value", None} and len(densities) == 3
    assert by_name[None] is densities[emissions][0] and by_name[None].data is not None
    got = evaluate(joint(densities), {**parameters, by_name["first_value"]: 0, by_name["state_value"]: path})
    expected = np.log(START[0]) + np.log(TRANSITIONS[np.r_[0, path[:-1]], path]).sum()
    np.testing.assert_allclose(got, expected + stats.norm.logpdf(data, MEANS[path], 0.7).sum(), atol=1e-10)


def test_an_observed_sequence_of_states():
    parameters, (first, states, emissions), _ = hidden_markov_model()
    path = np.arange(N) % 3
    densities = logp(observed(path, states), emissions)
    assert densities[states][0].data.tolist() == path.tolist()
    got = evaluate(densities[states][1], {**parameters, densities[first][0]: 1})
    np.testing.assert_allclose(got, np.log(TRANSITIONS[np.r_[1, path[:-1]], path]), atol=1e-10)


def test_a_random_walk_drawn_in_a_scan():
    start, rho = tt.scalar("start"), tt.scalar("rho")
    walk, _ = theano.scan(
        lambda before, rho: NormalRV(rho * before, 0.5, rng=fresh_rng()),
        outputs_info=[start],
        non_sequences=[rho],
        n_steps=6,
    )
    walk.name = "walk"
    densities = logp(walk)
    (value, density), values = densities[walk], np.random.default_rng(4).normal(size=6)
    got = evaluate(density, {value: values, start: 2.0, rho: 0.9})
    np.testing.assert_allclose(got, stats.norm.logpdf(values, 0.9 * np.r_[2.0, values[:-1]], 0.5), atol=1e-10)


def test_an_autoregression_of_two_steps_with_a_sequence_and_another_state():
    """x_t ~ N(0.6 x_{t-1} - 0.3 x_{t-2} + u_t + s_t, 1) in two dimensions, where s_t = s_{t-1} + 1."""
    u, initial = tt.matrix("u"), tt.matrix("initial")

    def step(u, x2, x1, s):
        s = s + 1
        x = NormalRV(0.6 * x1 - 0.3 * x2 + u + s, 1.0, rng=fresh_rng())
        return x, s, tt.exp(x)

    (xs, ss, ys), _ = theano.scan(
        step, sequences=[u], outputs_info=[dict(initial=initial, taps=[-2, -1]), np.float64(0.0), None]
    )
    xs.name = "xs"
    after = NormalRV(ys[-1] + ss[-1] + xs[0], 1.0, name="after", rng=fresh_rng())
    densities = logp(after)
    assert [v.name for v in densities] == ["xs", "after"]
    rng = np.random.default_rng(5)
    inputs, start, values, last = (
        rng.normal(size=(4, 2)),
        rng.normal(size=(2, 2)),
        rng.normal(size=(4, 2)),
        np.ones(2),
    )
    point = {u: inputs, initial: start, densities[xs][0]: values, densities[after][0]: last}
    got = evaluate([density for _, density in densities.values()], point)
    history = np.concatenate([start, values])
    means = 0.6 * history[1:-1] - 0.3 * history[:-2] + inputs + np.arange(1.0, 5.0)[:, None]
    np.testing.assert_allclose(got[0], stats.norm.logpdf(values, means), atol=1e-10)
    np.testing.assert_allclose(got[1], stats.norm.logpdf(last, np.exp(values[-1]) + 4 + values[0]), atol=1e-10)


def test_what_a_scan_computes_without_drawing_is_not_observed():
    (draws, counts), _ = theano.scan(
        lambda n: (NormalRV(n, 1.0, rng=fresh_rng()), n + 1), outputs_info=[None, np.float64(0.0)], n_steps=3
    )
    with pytest.raises(ModelGraphError, match="no random variable"):
        logp(draws, observed(np.r_[1.0, 2.0, 3.0], counts))


def test_a_scan_over_independent_draws_whose_parameters_are_random():
    scales = GammaRV(2.0, 1.0, size=(5,), name="scales", rng=fresh_rng())
    draws, _ = theano.scan(lambda scale: NormalRV(0.0, scale, rng=fresh_rng()), sequences=[scales])
    draws.name = "draws"
    densities = logp(draws)
    assert list(densities) == [scales, draws]
    sds, values = np.linspace(0.5, 2.5, 5), np.linspace(-1, 1, 5)
    got = evaluate(densities[draws][1], {densities[scales][0]: sds, densities[draws][0]: values})
    np.testing.assert_allclose(got, stats.norm.logpdf(values, 0, sds), atol=1e-10)


def test_the_density_of_a_scan_has_a_gradient():
    walk, _ = theano.scan(
        lambda before: NormalRV(before, 1.0, rng=fresh_rng()), outputs_info=[np.float64(0.0)], n_steps=4
    )
    value, density = logp(walk)[walk]
    values = np.r_[0.5, 1.5, 0.0, -1.0]
    steps = np.diff(np.r_[0.0, values])
    np.testing.assert_allclose(
        evaluate(theano.grad(density.sum(), value), {value: values}), -steps + np.r_[steps[1:], 0], atol=1e-10
    )


def hidden_draw():
    def step(before):
        hidden = BernoulliRV(0.5, name="hidden", rng=fresh_rng())
        return before + hidden

    return theano.scan(step, outputs_info=[tt.constant(0, dtype="int64")], n_steps=3)[0]


def endless():
    def step(before):
        new = NormalRV(before, 1.0, rng=fresh_rng())
        return new, until(new > 3)

    return theano.scan(step, outputs_info=[np.float64(0.0)], n_steps=10)[0]


def nested():
    def inner(scale):
        return theano.scan(lambda s: NormalRV(0.0, s, rng=fresh_rng()), non_sequences=[scale], n_steps=3)[0]

    return theano.scan(inner, sequences=[tt.vector("scales")])[0]


@pytest.mark.parametrize(
    "scan, message",
    [
        (hidden_draw, "hidden is drawn in the Scan but is no output"),
        (endless, "stops by a condition"),
        (nested, "inside"),
    ],
)
def test_scans_without_a_density_are_refused(scan, message):
    with pytest.raises(ModelGraphError, match=message):
        logp(scan())
