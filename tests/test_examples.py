"""The examples run: scripts, notebooks, and on every backend the functions that they write out."""

import ast
import re
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from runpy import run_path
from types import SimpleNamespace

import nbformat
import numpy as np
import pandas as pd
import pytest
from nbclient import NotebookClient

import symbolic_pymc as sp
from tests.densities import assert_densities_differ_by

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
SHORT = "--draws 300 --tune 500 --chains 2"
LENGTHS = {"posterior": SHORT, "radon": SHORT, "collapse": SHORT, "proximal": ""}
WITH_PYMC3 = [name for name in LENGTHS if find_spec("pymc3")]
FAMILIES = [suffix for suffix, package in (("", "pymc3"), ("_pymc", "pymc")) if find_spec(package)]

PRINTED_MODEL = """\
F in R**(N^F_0 x N^F_1), a in R**(N^a_0), R in R**(N^R_0 x N^R_1)
V in R**(N^V_0 x N^V_1)
beta ~ N(a, R) in R**(N^beta_0), Y ~ N((F * beta), V) in R**(N^Y_0)
Y = [-3.]
"""
MEAN = np.array([141, -20]) / 101  # (R^-1 + F'V^-1 F)^-1 (R^-1 a + F'V^-1 y) in fractions
COV = np.array([[210, 400], [400, 810]]) / 101


def run_script(name, folder, length=SHORT):
    """Run an example as a user does, its pictures going to `folder`; return what it printed."""
    command = [sys.executable, str(EXAMPLES / f"{name}.py"), *length.split(), "--output", str(folder)]
    process = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert process.returncode == 0, process.stderr[-3000:]
    return process.stdout


def numbers_after(label, text):
    """Return the numbers in the line that starts with `label`."""
    [line] = [line for line in text.splitlines() if line.startswith(label)]
    return [float(x) for x in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?|nan|inf", line[len(label) :])]


def assert_is_posterior_report(text):
    assert numbers_after("mean, closed form", text) == pytest.approx(MEAN, abs=1e-7)
    assert "mvnormal_mean_reversalo: beta, Y" in text
    evidence, scipys = numbers_after("log evidence", text)
    assert evidence == pytest.approx(scipys, rel=1e-10)
    for i in range(2):
        for statistic, exact in ((f"mean of beta[{i}]", MEAN[i]), (f"sd of beta[{i}]", np.sqrt(COV[i, i]))):
            value, estimate, error, z = numbers_after(statistic, text)
            assert value == pytest.approx(exact, abs=1e-4)
            assert error > 0 and (estimate - value) / error == pytest.approx(z, rel=0.01, abs=0.01)
            assert abs(z) < 6, text


def assert_is_radon_report(text):
    for name in ("mu_a", "sigma_a", "a", "mu_b", "sigma_b", "b", "eps"):
        assert re.search(rf"^scale_loc_transform: {name}( |$)", text, re.MULTILINE)
    assert "left as it is: radon_like (radon_like is observed)" in text
    for name, low, high in (("sigma_a", 0.25, 0.4), ("sigma_b", 0.1, 0.5)):
        start = text.index(f"\n{name}")
        for line, label in zip(text[start:].splitlines()[1:], ("centred", "re-centred")):
            mean, sd, divergences, rhat, ess, speed = map(float, line.split(label)[-1].split())
            assert low < mean < high and 0 < sd < 0.3
            assert divergences >= 0 and rhat > 0.9 and ess > 1 and speed > 0


def rows_after(label, text):
    """Return the numbers of the row of every form of a model, in the table whose first row has a label."""
    start = re.search(rf"^{label} +centred ", text, flags=re.MULTILINE).start()
    lines, forms = text[start:].splitlines(), ("centred", "non-centred", "collapsed")
    return [[float(x) for x in line.split(form)[-1].split()] for line, form in zip(lines, forms)]


def assert_is_collapse_report(text):
    for data, names in (("effect", ("theta", "mu")), ("log_radon", ("a", "b", "mu_a", "mu_b"))):
        for name in names:
            assert f"_reversalo: {name}, {data}" in text
    for name in ("tau", "sigma_a", "sigma_b", "eps"):
        assert f"left as it is: {name} (" in text
        for mean, sd, divergences, rhat, ess, speed in rows_after(name, text):
            assert mean > 0 and sd > 0 and divergences >= 0
            assert rhat > 0.9 and ess > 1 and speed > 0
    reference = pd.read_csv(EXAMPLES / "data/eight_schools_reference.csv", index_col="variable")
    for name, row in reference.iterrows():
        exact, mean, exact_sd, sd, z = numbers_after(f"{name} ", text[text.index("posteriordb collapsed") :])
        assert (exact, exact_sd) == pytest.approx((row["mean"], row["sd"]), abs=1e-3)
        assert abs(z) < 6 and abs(mean - exact) < 3 and 0.5 < sd / exact_sd < 2, text
    for name, distance in (("mu_a", 0.2), ("mu_b", 0.3), ("sigma_a", 0.15), ("eps", 0.1)):
        nuts, mean, _, sd, _ = numbers_after(f"{name} ", text[text.index("non-centred collapsed") :])
        assert abs(mean - nuts) < distance and 0 < sd < distance, text


def assert_is_proximal_report(text):
    assert numbers_after("nan in the gradient at 0:", text) == numbers_after("nan in the gradient at 1:", text) == [0]
    assert numbers_after("nan in x / abs(x) at 0:", text) == [100]
    assert numbers_after("nan in the gradient of a length at 0:", text) == [5]
    assert "by hand: [-9.5 -0.5 -0.   0.   0.   0.5  9.5]" in text
    assert numbers_after("derived:", text) == [-9.5, -0.5, 0, 0, 0, 0.5, 9.5]
    assert r"\phi_{\beta}(\beta) = \sum_{i} \left|\beta_{i}\right|" in text
    objective, gap = numbers_after("objective ", text)
    assert 0 <= gap <= 1e-8 * objective
    zeros, _ = numbers_after("zeros: ", text)
    excess, none = numbers_after("find_MAP: relative excess ", text)
    assert zeros >= 30 and excess > 1e-5 and none == 0
    assert numbers_after("path: ", text) == [50, 50, 50]
    counts = numbers_after("zeros along the path:", text)
    assert counts[0] >= 99 and counts[-1] == zeros and sorted(counts, reverse=True) == counts
    assert numbers_after("farthest from the estimate at scale 1:", text)[0] < 1e-5
    steps = [numbers_after(f"after {i} steps: ", text)[0] for i in (1, 10, 100, 2000)]
    assert sorted(steps, reverse=True) == steps and steps[-1] > objective
    assert text.count("= [30 35]") == text.count("= [10 20]") == 1
    assert numbers_after("mean: [2.] sd:", text) == pytest.approx([np.sqrt(4.25)], abs=1e-8)
    lines = [line for line in text.splitlines() if ": converged, " in line]
    assert len(lines) == 9
    assert all(float(re.search(r"residual ([\de.+-]+)", line)[1]) < 1e-5 for line in lines)
    assert [": converged, convex" in line for line in lines].count(False) == 1


def assert_is_picture(path):
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG") and len(data) > 20_000, path


@pytest.mark.slow
@pytest.mark.usefixtures("as_users_run")
@pytest.mark.parametrize("suffix", FAMILIES)
def test_posterior_script(suffix, tmp_path):
    text = run_script(f"posterior{suffix}", tmp_path)
    assert_is_posterior_report(text)
    if not suffix:
        assert text.startswith(PRINTED_MODEL)
        assert text.startswith((ROOT / "docs/_static/posterior.txt").read_text().partition("covariance")[0])


@pytest.mark.slow
@pytest.mark.usefixtures("as_users_run")
@pytest.mark.parametrize("suffix", FAMILIES)
def test_radon_script(suffix, tmp_path):
    assert_is_radon_report(run_script(f"radon{suffix}", tmp_path))
    assert_is_picture(tmp_path / f"radon{suffix}_traces.png")
    assert_is_picture(tmp_path / f"radon{suffix}_forest.png")


@pytest.mark.slow
@pytest.mark.usefixtures("as_users_run")
@pytest.mark.parametrize("suffix", FAMILIES)
def test_collapse_script(suffix, tmp_path):
    assert_is_collapse_report(run_script(f"collapse{suffix}", tmp_path))
    for picture in ("tau", "theta", "radon"):
        assert_is_picture(tmp_path / f"collapse{suffix}_{picture}.png")


@pytest.mark.slow
@pytest.mark.usefixtures("as_users_run")
@pytest.mark.skipif(not find_spec("pymc3"), reason="the example is for PyMC3")
def test_proximal_script(tmp_path):
    assert_is_proximal_report(run_script("proximal", tmp_path, ""))
    assert_is_picture(tmp_path / "proximal.png")
    assert_is_picture(tmp_path / "proximal_path.png")


@pytest.mark.parametrize("name", [*WITH_PYMC3, "publish"])
def test_notebook_is_that_of_the_script(name):
    made = run_path(str(ROOT / "tools/percent.py"))["notebook"]((EXAMPLES / f"{name}.py").read_text())
    assert nbformat.read(EXAMPLES / f"{name}.ipynb", 4) == made, "run python tools/percent.py examples/*.py"


def printed_by(name):
    """Run the notebook of an example; return what it printed."""
    notebook = nbformat.read(EXAMPLES / f"{name}.ipynb", 4)
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(EXAMPLES)}}).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    return "".join(output.text for output in outputs if output.get("name") == "stdout")


@pytest.mark.slow
@pytest.mark.usefixtures("as_users_run")
@pytest.mark.parametrize("name", WITH_PYMC3)
def test_notebook_runs(name, tmp_path, monkeypatch):
    monkeypatch.setenv("SYMBOLIC_PYMC_EXAMPLES", f"{LENGTHS[name]} --output {tmp_path}")
    text = printed_by(name)
    assert_is_report = {
        "posterior": assert_is_posterior_report,
        "radon": assert_is_radon_report,
        "collapse": assert_is_collapse_report,
        "proximal": assert_is_proximal_report,
    }
    assert_is_report[name](text)


@pytest.mark.slow
@pytest.mark.skipif(not find_spec("pymc"), reason="the example is for PyMC")
def test_publish_notebook_runs():
    assert printed_by("publish") == (ROOT / "docs/_static/publish.txt").read_text()


@pytest.mark.skipif(not find_spec("pymc"), reason="the example is for PyMC")
def test_own_relation_script(capsys):
    names = run_path(str(EXAMPLES / "own_relation.py"))
    assert capsys.readouterr().out == "log_of_exp: rate\n"
    mean = names["simpler"]["y"].owner.inputs[2]
    assert mean is names["simpler"]["rate"] or mean.owner.inputs[0] is names["simpler"]["rate"]


# The functions that the two scripts write out, taken from there word for word -----------------------------


def function_of(name, function, globals_):
    """Return a function that an example defines, with other globals."""
    tree = ast.parse((EXAMPLES / f"{name}.py").read_text())
    [definition] = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == function]
    exec(compile(ast.Module([definition], []), name, "exec"), globals_)
    return globals_[function]


@pytest.fixture(scope="module")
def language(backend):
    """What the imports of an example bring in, for a backend."""
    from functools import partial

    from kanren import run
    from kanren.graph import reduceo, walko
    from unification import var

    package = f"symbolic_pymc.{backend.name}"
    relations = f"symbolic_pymc.relations.{backend.name}"
    library, models = {"theano": ("pymc3", "pymc3"), "pytensor": ("pymc", "pymc")}[backend.name]
    models = import_module(f"{package}.{models}")
    words = dict(
        partial=partial,
        run=run,
        reduceo=reduceo,
        walko=walko,
        var=var,
        mt=backend.mt,
        conjugate=import_module(f"{relations}.conjugates").conjugate,
        non_obs_walko=import_module(relations).non_obs_walko,
        scale_loc_transform=import_module(f"{relations}.distributions").scale_loc_transform,
    )
    return SimpleNamespace(
        pm=import_module(library),
        model_graph=models.model_graph,
        graph_model=models.graph_model,
        canonicalize=import_module(f"{package}.utils").canonicalize,
        words=words,
    )


def test_posterior_by_hand(backend, language):
    pm, tensor = language.pm, backend.tensor
    with pm.Model() as model:
        beta = pm.MvNormal("beta", np.r_[1.0, 0.0], np.diag([10.0, 10.0]), shape=2)
        pm.MvNormal("Y", tensor.dot(np.c_[-2.0, 1.0], beta), np.diag([0.5]), observed=np.r_[-3.0])
    conjugate_graph = function_of("posterior", "conjugate_graph", language.words)
    posterior = conjugate_graph(language.model_graph(model).outputs[0])
    assert posterior.name == "beta"
    mean, cov = (backend.evaluate(x.reify(), {}) for x in sp.metatize(posterior).rands[:2])
    np.testing.assert_allclose(mean, MEAN, rtol=1e-10)
    np.testing.assert_allclose(cov, COV, rtol=1e-10)
    assert_densities_differ_by(
        backend, language.graph_model(posterior), sp.conjugate_graph(model), 0.0, tolerance=1e-10
    )


def radon_model(pm):
    """Return a model of the form of the radon example, with fewer counties."""
    county = np.array([0, 0, 1, 2, 2, 2])
    floor = np.array([0.0, 1.0, 0.0, 0.0, 1.0, 1.0])
    with pm.Model() as model:
        mu_a, sigma_a = pm.Normal("mu_a", 0.0, 100.0**2), pm.HalfCauchy("sigma_a", 5.0)
        mu_b, sigma_b = pm.Normal("mu_b", 0.0, 100.0**2), pm.HalfCauchy("sigma_b", 5.0)
        a, b = pm.Normal("a", mu_a, sigma_a, shape=3), pm.Normal("b", mu_b, sigma_b, shape=3)
        eps = pm.HalfCauchy("eps", 5.0)
        observed = np.array([0.8, 0.1, 1.4, 1.1, 0.3, -0.2])
        pm.Normal("radon_like", a[county] + b[county] * floor, eps, observed=observed)
    return model


def test_radon_by_hand(backend, language):
    model = radon_model(language.pm)
    graph = language.canonicalize(language.model_graph(model), in_place=False)
    words = language.words
    if backend.name == "pytensor":
        graph.outputs[0].owner.inputs[1].name = "Y_new"
    reparam_graph = function_of("radon", "reparam_graph", words)
    recentered = language.graph_model(reparam_graph(graph.outputs[0]))
    names = {"mu_a", "sigma_a", "mu_b", "sigma_b", "a", "b", "eps"}
    assert {v.name for v in recentered.deterministics} >= names
    assert {v.name for v in recentered.observed_RVs} == {"Y_new"}
    assert_densities_differ_by(backend, recentered, sp.reparam_graph(model), 0.0, tolerance=1e-10)
