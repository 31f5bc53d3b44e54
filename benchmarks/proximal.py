"""How long does an estimate with exact zeros take, from the model, beside solvers that are given the problem?"""

import os
import sys

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # threads that wait for each other would be counted, too

import statistics
import warnings
from importlib.metadata import version

import numpy as np

import symbolic_pymc as sp
from symbolic_pymc.proximal.estimator import SOLVERS
from symbolic_pymc.proximal.compiled import Layout
from _backends import backend
from _lasso import CASES
from _peers import GENERAL, SPECIALISED, installed, solves
from _timing import number, peak_memory, table, timed, verdict

ENOUGH, TOLERANCES = 1e-8, (1e-6, 1e-8, 1e-10)
LARGE = 400_000  # elements of a design
REPEATS, QUICK = 3, 2.0  # what takes longer than so many seconds is measured once
MANY, SHORT = 25, 0.1  # what takes less is measured more often


def model_of(b, case):
    """Return a regression as a model."""
    zero, one, t = np.float64(0.0), np.float64(1.0), b.tensor
    with b.pm.Model() as model:
        if case.size == 1:
            beta = b.pm.Laplace("beta", zero, np.float64(1.0 / case.weight), shape=case.shape)
            mean = t.dot(case.x, beta)
        else:
            beta = b.pm.Flat("beta", shape=case.shape)
            b.pm.Potential("groups", -np.float64(case.weight) * t.sum(t.sqrt(t.sum(beta**2, axis=1))))
            mean = t.dot(case.x, beta.flatten())
        if case.ridge:
            b.pm.Potential("ridge", np.float64(-0.5 * case.ridge) * t.sum(beta**2))
        if case.kind == "squares":
            b.pm.Normal("y", mean, one, observed=case.y)
        elif case.kind == "logistic":
            b.pm.Bernoulli("y", logit_p=mean, observed=case.y)
        elif case.kind == "check":
            rest, high, low = case.y - mean, np.float64(case.quantile), np.float64(case.quantile - 1.0)
            b.pm.Potential("check", -t.sum(t.maximum(high * rest, low * rest)))
        else:
            b.pm.Poisson("y", t.exp(mean), observed=case.y)
    return model


def median_time(function):
    """Return what a function returns, and the median of its CPU seconds."""
    result, first = timed(function)
    repeats = 0 if first > QUICK else MANY if first < SHORT else REPEATS
    times = [timed(function)[1] for _ in range(repeats)] or [first]
    return result, statistics.median(times)


def row(case, b, seconds, loop):
    """Return what is told of an answer."""
    return {
        "s": seconds, "loop, s": loop, "objective": f"{case.objective(b):.8g}", "relative gap": case.gap(b),
        "zeros": int(np.sum(b == 0.0)),
    }  # fmt: skip


def measure_own(b, case, solver):
    """Return the row of `find_map`, derivation included, and the seconds of the first call and of the derivation."""
    model = model_of(b, case)
    _, cold = timed(lambda: sp.find_map(model, solver=solver))
    for tol in TOLERANCES:
        if case.gap(np.ravel(sp.find_map(model, solver=solver, tol=tol)["beta"])) <= ENOUGH:
            break
    result, seconds = median_time(lambda: sp.find_map(model, solver=solver, tol=tol))
    split, derivation = timed(sp.split, model)
    layout = Layout({"beta": np.zeros(case.shape)})
    with split.objective.adapter.build_context():
        state, solve = SOLVERS[result.solver]
        problem = state(split, layout)
    start = np.zeros(case.x.shape[1])
    solve(problem, start, tol)
    _, loop = median_time(lambda: solve(problem, start, tol))
    return row(case, np.ravel(result["beta"]), seconds, loop), cold, derivation, result.solver


def measure_peer(case, solve, tolerances):
    """Return the row of a peer at the first of its tolerances that is enough, or at the last."""
    for tol in tolerances:
        b, seconds = timed(solve, case, tol)
        if case.gap(b) <= ENOUGH:
            break
    return row(case, *median_time(lambda: solve(case, tol)), "")


def measure_find_map(b, case):
    """Return the row of PyMC's own find_MAP, which may end where there is no gradient."""
    model = model_of(b, case)
    try:
        b.pm.find_MAP(model=model, progressbar=False)
    except ValueError:
        return {"s": "", "loop, s": "", "objective": "no gradient at zero", "relative gap": np.inf, "zeros": ""}
    found, seconds = timed(lambda: b.pm.find_MAP(model=model, progressbar=False))
    return row(case, np.ravel(found["beta"]), seconds, "")


def measure(b, name):
    """Return the rows of a case, and what is claimed of them."""
    make, *arguments = CASES[name]
    case, rows, said = make(*arguments), {}, []
    for solver in ("auto",) if case.kind == "check" else ("auto", "fista"):  # which bears no kinks of linear maps
        print(f"  {name}: {solver}", file=sys.stderr)
        rows[f"find_map, {solver}"], cold, derivation, chosen = measure_own(b, case, solver)
        said.append(f'solver="{solver}" ({chosen}): first call {number(cold)} s, derivation {number(derivation)} s')
    for peers in (SPECIALISED, GENERAL):
        for peer, (*known, solve, tolerances) in installed(peers).items():
            if solves(known, case):
                print(f"  {name}: {peer}", file=sys.stderr)
                rows[peer] = measure_peer(case, solve, tolerances)
    print(f"  {name}: find_MAP", file=sys.stderr)
    rows["find_MAP of PyMC"] = measure_find_map(b, case)
    return case, rows, said


def ratios(case, rows):
    """Return the times of this library over those of its peers."""
    found = {}
    enough = {name: r for name, r in rows.items() if r["relative gap"] <= ENOUGH}
    best = min((r["s"] for name, r in enough.items() if name in SPECIALISED), default=None)
    general = min((r["s"] for name, r in enough.items() if name in GENERAL), default=None)
    if best is not None:
        found["loop of auto over the best specialised solver"] = rows["find_map, auto"]["loop, s"] / best
        if "find_map, fista" in rows:
            found["loop of fista over the best specialised solver"] = rows["find_map, fista"]["loop, s"] / best
    if general is not None and case.x.size >= LARGE:
        found["all of auto over the best of cvxpy"] = rows["find_map, auto"]["s"] / general
    return found


def main():
    warnings.simplefilter("ignore")
    names, b, summary = sys.argv[2:] or list(CASES), backend(), {}
    print(f"## Estimates ({b.models})\n\n{__doc__}\n")
    print("A case is the loss, the size of its design and its weight of the penalty, relative to that at which all")
    print("coefficients are zero; groups are of five, the quantile is 0.9. Each solver has the first of its")
    print("tolerances that brings the duality gap to 1e-8 of the objective. Seconds are CPU seconds,")
    print("medians of three, or of 25 below 0.1 s; those of find_map hold everything from the model on, caches warm;")
    print("the loop is the algorithm alone.\n")
    packages = {row[0]: None for peers in (SPECIALISED, GENERAL) for row in installed(peers).values()}
    versions = (f"{name} {version(name.replace('sklearn', 'scikit-learn'))}" for name in packages)
    print(f"Peers: {', '.join(versions)}.\n")
    absent = [name for peers in (SPECIALISED, GENERAL) for name in peers if name not in installed(peers)]
    if absent:
        print(f"Not installed, and left out: {', '.join(absent)}.\n")
    for name in names:
        case, rows, said = measure(b, name)
        print(f"{name}:\n\n{table('solver', rows)}\n")
        print("\n".join(f"- {line}" for line in said) + "\n")
        summary[name] = ratios(case, rows) | {"gap": rows["find_map, auto"]["relative gap"]}
        if "celer" in rows:
            summary[name]["zeros as celer"] = rows["celer"]["zeros"] == rows["find_map, auto"]["zeros"]
        sys.stdout.flush()
    for name, found in summary.items():
        print(verdict(f"{name}: relative gap of auto", found["gap"], ENOUGH))
        limits = {"loop of auto": 1.3, "loop of fista": 5.0, "all of auto": 1.0}
        for what, value in found.items():
            limit = next((x for key, x in limits.items() if what.startswith(key)), None)
            if limit is not None:
                print(verdict(f"{name}: {what}", value, limit))
        if "zeros as celer" in found:
            print(f"- {name}: as many zeros as celer: {'yes' if found['zeros as celer'] else 'no'}")
    name = max(names, key=lambda name: CASES[name][1] * CASES[name][2])
    make, *arguments = CASES[name]
    case = make(*arguments)
    model = model_of(b, case)
    share = peak_memory(lambda: sp.find_map(model)) / (case.x.nbytes / 1e6)
    print(verdict(f"{name}: memory over that of the data", share, 3.0))


if __name__ == "__main__":
    main()
