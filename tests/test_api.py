"""The calls of the top level: what goes in, what comes out, and that what went in stays as it was."""

from importlib import import_module

import numpy as np
import pytest
from kanren import conde, eq, lall
from unification import var

import symbolic_pymc as sp
from symbolic_pymc.adapter import adapter_of
from symbolic_pymc.errors import ModelGraphError
from symbolic_pymc.relation import Relation
from tests.densities import assert_conditioned, log_density, random_points

DATA = np.array([0.3, -1.2, 2.5])


def normal_model(backend):
    with backend.pm.Model() as model:
        theta = backend.pm.Normal("theta", 1.0, sigma=2.0)
        backend.pm.Normal("y", theta, sigma=0.5, observed=DATA)
    return model


def module_of(backend):
    name = "pymc3" if backend.name == "theano" else "pymc"
    return import_module(f"symbolic_pymc.{backend.name}.{name}")


def everything(backend, model):
    """Return what can be seen of a model: its variables by identity, their names, types, owners and values."""
    start = model.test_point if backend.name == "theano" else model.initial_point(0)
    return (
        {n: (id(v), v.name, v.type, v.owner, dict(vars(v.tag)).get("note")) for n, v in model.named_vars.items()},
        {name: np.asarray(value).tolist() for name, value in start.items()},
        [v.name for v in model.observed_RVs],
        [v.name for v in model.free_RVs],
        [v.name for v in (*model.potentials, *model.deterministics)],
    )


CALLS = {
    "conjugate_graph": sp.conjugate_graph,
    "reparam_graph": sp.reparam_graph,
    "rewrite_graph": lambda x: sp.rewrite_graph(x, lambda a, b: eq(a, 0)),
}


@pytest.mark.parametrize("call", CALLS)
def test_what_goes_in_stays_as_it_was(backend, call):
    model = normal_model(backend)
    before, density = everything(backend, model), log_density(backend, model)
    point = random_points(backend, model, n=1)[0]
    expected = density(point)
    CALLS[call](model)
    assert everything(backend, model) == before
    assert log_density(backend, model)(point) == expected
    graph = module_of(backend).model_graph(model)
    nodes = [(v, v.name, v.owner) for v in backend_variables(backend, graph)]
    CALLS[call](graph)
    assert nodes == [(v, v.name, v.owner) for v in backend_variables(backend, graph)]


def backend_variables(backend, graph):
    return [v for node in backend.nodes(*graph.outputs) for v in (*node.inputs, *node.outputs)] + list(graph.outputs)


def test_a_model_gives_a_model(backend):
    model = normal_model(backend)
    for result in (sp.conjugate_graph(model), sp.reparam_graph(model)):
        assert isinstance(result, backend.pm.Model) and result is not model
        assert sp.steps(result)


def test_a_graph_gives_a_graph(backend):
    graph = module_of(backend).model_graph(normal_model(backend))
    for result, names in ((sp.conjugate_graph(graph), ["theta"]), (sp.reparam_graph(graph), ["y", "theta"])):
        assert isinstance(result, backend.FunctionGraph)
        assert all(name in [v.name for v in backend_variables(backend, result)] for name in names)
        assert sp.steps(result)
    posterior = module_of(backend).graph_model(sp.conjugate_graph(graph))
    assert [v.name for v in posterior.free_RVs] == ["theta"]


def test_a_variable_gives_a_variable(backend):
    (y,) = module_of(backend).model_graph(normal_model(backend)).outputs
    result = sp.conjugate_graph(y)
    assert result.name == "theta" and isinstance(result, backend.Variable)
    expected = sp.conjugate_graph(normal_model(backend)).log_evidence
    np.testing.assert_allclose(value(backend, result.log_evidence), value(backend, expected))
    assert sp.reparam_graph(y).name == "y"


def value(backend, variable):
    return backend.compile_plainly([], variable)()


def test_a_variable_that_would_become_several_says_so(backend):
    """Two variables that were connected by their data alone."""
    with backend.pm.Model() as model:
        a, b = (backend.pm.Normal(name, 1.0, sigma=2.0) for name in "ab")
        s = backend.pm.HalfNormal("s", sigma=1.0)
        backend.pm.Normal("y", a + b, sigma=s, observed=DATA)
    (y,) = module_of(backend).model_graph(model).outputs
    with pytest.raises(ModelGraphError, match="FunctionGraph"):
        sp.conjugate_graph(y)
    assert len(sp.conjugate_graph(module_of(backend).model_graph(model)).outputs) > 1


def test_graphs_without_a_model(backend):
    """Draws without names or notes, inputs without values: the reversal needs neither."""
    t = backend.tensor
    mu, X = t.vector("mu", dtype="float64"), t.matrix("X", dtype="float64")
    y = t.vector("y", dtype="float64")
    beta = backend.mvnormal(mu, np.eye(2), name="beta")
    draw = backend.normal(t.dot(X, beta), np.float64(0.5))
    observed = import_module(f"symbolic_pymc.{backend.name}.random_variables").observed
    result = sp.conjugate_graph(observed(y, draw))
    mean = result.owner.inputs[-2]
    design, data = np.arange(6.0).reshape(3, 2), DATA
    got = backend.compile([mu, X, y], mean)(np.ones(2), design, data)
    precision = np.eye(2) + design.T @ design / 0.25
    np.testing.assert_allclose(got, np.linalg.solve(precision, np.ones(2) + design.T @ data / 0.25))
    (step,) = sp.steps(result)
    assert step.variables == ("beta", "an unnamed normal")


# Nothing to do -------------------------------------------------------------------------------------------------


def test_empty_models_come_back(backend):
    with backend.pm.Model() as model:
        pass
    for call in CALLS.values():
        assert call(model) is model
        assert str(sp.steps(model)) == "nothing to do"


def test_nothing_to_do_leaves_the_reason(backend):
    with backend.pm.Model() as model:
        nu = backend.pm.Beta("nu", 2.0, 3.0)
        backend.pm.Cauchy("y", nu, 1.0, observed=np.array([0.2, 1.0, 1.5]))
    assert sp.conjugate_graph(model) is model
    (step,) = sp.steps(model)
    assert not step.taken and step.variables == ("nu", "y")
    assert str(step) == f"left as it is: nu, y ({step.reason})"
    assert sp.reparam_graph(model) is model
    assert {s.variables for s in sp.steps(model)} == {("nu",), ("y",)}


# Relations of one's own ----------------------------------------------------------------------------------------


def twiceo(ops):
    def relation(x, y):
        """a + a = 2 a.  Reference: any schoolbook."""
        a = var()
        return lall(eq(x, ops.add(a, a)), eq(y, ops.mul(ops.constant(2.0), a)))

    return relation


def doubled_model(backend):
    with backend.pm.Model() as model:
        x = backend.pm.Normal("x", 1.0, sigma=2.0, shape=3)
        z = x + x
        backend.pm.Normal("y", backend.tensor.exp(z) + z, sigma=0.5, observed=DATA)
        backend.pm.Deterministic("d", z * 3.0)
    return model


def test_a_relation_of_ones_own(backend):
    model = doubled_model(backend)
    ops = adapter_of(model).ops
    result = sp.rewrite_graph(model, twiceo(ops))
    assert result is not model
    old, new = log_density(backend, model), log_density(backend, result)
    for point in random_points(backend, model, n=5):
        np.testing.assert_allclose(old(point), new(point), rtol=1e-12)
    step, *others = sp.steps(result)
    assert (step.relation, step.reference, others) == ("relation", "any schoolbook", [])
    assert sp.rewrite_graph(result, twiceo(ops)) is result


def test_a_relation_with_heads_is_asked_only_there(backend):
    model = doubled_model(backend)
    ops = adapter_of(model).ops
    asked, goal = [], twiceo(ops)

    def counting(x, y):
        asked.append(x)
        return goal(x, y)

    head = ops.add(ops.constant(1.0), ops.constant(1.0)).rator
    result = sp.rewrite_graph(model, Relation("twice", counting, frozenset([head]), "a book"))
    assert sp.steps(result)[0].relation == "twice" and sp.steps(result)[0].reference == "a book"
    assert {x.rator for x in asked} == {head}


def test_a_relation_between_distributions(backend):
    """A normal prior becomes a Laplace one: the new draw has the old one's place and name."""
    with backend.pm.Model() as model:
        x = backend.pm.Normal("x", np.float64(1.0), sigma=np.float64(2.0))
        backend.pm.Normal("y", x, sigma=0.5, observed=DATA)
    ops = adapter_of(model).ops

    def heavier_tails(before, after):
        def goal(s):
            if ops.distribution_of(before) == "normal" and before.name == "x":
                parameters = ops.parameters(before)
                new = ops.laplace(parameters["mu"], parameters["sigma"])
                yield from eq(after, new.replace(info=before.info.replace(draw=var(), index=var())))(s)

        return goal

    result = sp.rewrite_graph(model, heavier_tails)
    with backend.pm.Model() as expected:
        x = backend.pm.Laplace("x", np.float64(1.0), np.float64(2.0))
        backend.pm.Normal("y", x, sigma=0.5, observed=DATA)
    new, right = log_density(backend, result), log_density(backend, expected)
    for point in random_points(backend, expected, n=5):
        np.testing.assert_allclose(new(point), right(point), rtol=1e-12)


def test_both_answers_of_a_relation_would_do_the_first_is_taken(backend):
    model = doubled_model(backend)
    ops = adapter_of(model).ops

    def relation(x, y):
        a = var()
        answers = (ops.mul(ops.constant(2.0), a), ops.mul(a, ops.constant(2.0)))
        return lall(eq(x, ops.add(a, a)), conde(*([eq(y, answer)] for answer in answers)))

    result = sp.rewrite_graph(model, relation)
    assert len(sp.steps(result)) == 1


# One after the other -------------------------------------------------------------------------------------------


def test_rewrites_follow_one_another(backend):
    with backend.pm.Model() as model:
        mu = backend.pm.Normal("mu", 1.0, sigma=2.0)
        tau = backend.pm.HalfCauchy("tau", 2.0)
        theta = backend.pm.Normal("theta", mu, sigma=tau, shape=3)
        backend.pm.Normal("y", theta, sigma=0.5, observed=DATA)
    conditioned = sp.conjugate_graph(model)
    assert_conditioned(backend, model, conditioned)
    both = sp.reparam_graph(conditioned)
    names = sorted(v.name for v in both.unobserved_RVs if not v.name.endswith("__"))
    assert names == ["mu", "mu_offset", "tau", "tau_offset", "theta", "theta_offset"]
    first = sp.reparam_graph(model)
    second = sp.conjugate_graph(first)
    assert_conditioned(backend, first, second)
    assert {s.variables for s in sp.steps(second) if s.taken} == {("theta_offset", "y"), ("mu_offset", "y")}


def test_a_model_inside_a_model_context(backend):
    """The caller may be inside a model of their own: nothing is added to it."""
    model = normal_model(backend)
    with backend.pm.Model() as outer:
        backend.pm.Normal("own", 0.0, sigma=2.0)
        result = sp.conjugate_graph(model)
        other = sp.reparam_graph(model)
        inside = sp.reparam_graph(outer)
    assert list(outer.named_vars) == ["own"]
    assert_conditioned(backend, model, result)
    assert "theta_offset" in other.named_vars and "own_offset" in inside.named_vars


# The variables that are asked for -------------------------------------------------------------------------------


def hierarchy(backend):
    with backend.pm.Model() as model:
        mu = backend.pm.Normal("mu", 0.0, sigma=100.0)
        tau = backend.pm.HalfCauchy("tau", 5.0)
        theta = backend.pm.Normal("theta", mu, sigma=tau, shape=3)
        backend.pm.Normal("y", theta, sigma=0.5, observed=DATA)
    return model


def test_only_the_named_variables_are_reparameterised(backend):
    result = sp.reparam_graph(hierarchy(backend), names=iter(["theta"]))
    assert {"mu", "tau", "theta"} & {v.name for v in result.free_RVs} <= {"mu", "tau"}
    assert "theta_offset" in result.named_vars
    reasons = {step.variables[0]: step.reason for step in sp.steps(result) if not step.taken}
    assert reasons == {n: f"{n} was not asked for" for n in ("mu", "tau")} | {"y": "y is observed"}


@pytest.mark.parametrize(
    "names, says",
    [
        (["thta"], "thta is no unobserved variable; there are mu, tau, theta"),
        (["y"], "y is no unobserved variable"),
        ("theta", "in a list"),
        ([], "in a list"),
        ([3], "in a list"),
    ],
)
def test_names_of_nothing_are_refused(backend, names, says):
    with pytest.raises(sp.errors.ArgumentError, match=says):
        sp.reparam_graph(hierarchy(backend), names=names)


# A second call ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", [sp.conjugate_graph, sp.collapse_graph])
def test_a_second_call_loses_nothing_of_the_first(backend, call):
    once = call(hierarchy(backend))
    evidence, recover = once.log_evidence, getattr(once, "recover", None)
    assert call(once) is once
    assert once.log_evidence is evidence and getattr(once, "recover", None) is recover


def test_a_variable_of_which_nothing_is_left_is_an_error(backend):
    graph = module_of(backend).model_graph(normal_model(backend))
    (x,) = (node.outputs[1] for node in backend.draws(*graph.outputs) if node.outputs[1].name == "theta")
    with pytest.raises(ModelGraphError, match="nothing is left"):
        sp.collapse_graph(x)


def test_no_data_change_nothing(backend):
    with backend.pm.Model() as model:
        s = backend.pm.HalfNormal("s", sigma=1.0)
        theta = backend.pm.Normal("theta", 1.0, sigma=s)
        backend.pm.Normal("y", theta, sigma=0.5, observed=np.array([]))
    assert assert_conditioned(backend, model, sp.conjugate_graph(model)) == 0.0
