"""How long does it take to condition and to collapse a model, and what does sampling gain by it?"""

import os
import time
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # threads that wait for each other would be counted, too

import arviz as az
import numpy as np
import pandas as pd

import symbolic_pymc as sp
from _backends import backend
from _timing import exponent, medians, number, table, timed, verdict

RADON = Path(__file__).parent.parent / "examples" / "data" / "radon.csv"
EFFECTS = np.array([28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0])
ERRORS = np.array([15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0])
DRAWS = 10_000


def regression(b):
    """Return the first model of the README."""
    with b.pm.Model() as model:
        beta = b.pm.MvNormal("beta", np.array([1.0, 0.0]), 10.0 * np.eye(2), shape=2)
        design = np.array([[-2.0, 1.0]])
        b.pm.MvNormal("Y", b.tensor.dot(design, beta), np.array([[0.5]]), observed=np.array([-3.0]))
    return model


def schools(b):
    """Return the model of eight schools."""
    with b.pm.Model() as model:
        mu = b.pm.Normal("mu", np.float64(0.0), np.float64(5.0))
        tau = b.pm.HalfCauchy("tau", np.float64(5.0))
        b.pm.Normal("y", b.pm.Normal("theta", mu, tau, shape=8), ERRORS, observed=EFFECTS)
    return model


def radon(b):
    """Return the radon model of the examples."""
    data, wide, five = pd.read_csv(RADON), np.float64(100.0**2), np.float64(5.0)
    county = data.county_code.values
    with b.pm.Model() as model:
        mu_a, sigma_a = b.pm.Normal("mu_a", np.float64(0.0), wide), b.pm.HalfCauchy("sigma_a", five)
        mu_b, sigma_b = b.pm.Normal("mu_b", np.float64(0.0), wide), b.pm.HalfCauchy("sigma_b", five)
        a = b.pm.Normal("a", mu_a, sigma_a, shape=85)
        slope = b.pm.Normal("b", mu_b, sigma_b, shape=85)
        eps = b.pm.HalfCauchy("eps", five)
        mean = a[county] + slope[county] * data.floor.values
        b.pm.Normal("log_radon", mean, eps, observed=data.log_radon.values)
    return model


# the model, what is written with offsets in its non-centred form, and what to compare
HIERARCHIES = {
    "eight schools": (schools, ["theta"], ["tau"]),
    "radon": (radon, ["a", "b"], ["sigma_a", "sigma_b", "eps"]),
}


CALLS = {
    "conjugate_graph, README": (regression, sp.conjugate_graph),
    "collapse_graph, eight schools": (schools, sp.collapse_graph),
    "collapse_graph, radon": (radon, sp.collapse_graph),
}


def measure_symbolic(b, call):
    """Return the time of one call, model in and model out."""
    make, rewrite = CALLS[call]
    return {"s": timed(rewrite, make(b))[1]}


CHAINS = 4  # one of them may be stuck near a scale of zero, or happen not to come near


def sampled(b, model, draws=1000):
    """Return a trace of several chains, tuned for as many draws, and the CPU seconds from its first draw to its last."""
    stamps = []
    options = {"return_inferencedata": True, "progressbar": False, "random_seed": 1, "target_accept": 0.9}
    with model:
        trace = b.pm.sample(
            draws,
            tune=draws,
            chains=CHAINS,
            cores=1,
            init="adapt_diag",
            compute_convergence_checks=False,
            callback=lambda trace, draw: stamps.append(time.process_time()),
            **options,
        )
    return trace, stamps[-1] - stamps[0]


def gradient_seconds(b, model):
    """Return the CPU seconds of one gradient of the log density, where the model starts."""
    function = model.logp_dlogp_function()
    function.set_extra_values({})
    point = start(model, function)
    function(point)
    return timed(lambda: [function(point) for _ in range(100)])[1] / 100


def start(model, function):
    """Return where a model starts, as its gradient takes it."""
    if hasattr(function, "dict_to_array"):
        return function.dict_to_array(model.test_point)
    from pymc.blocking import DictToArrayBijection

    return DictToArrayBijection.map(model.initial_point())


def measure_sampling(b, name):
    """Return a row per form of a model: how well its scales were sampled, one CPU second counted like another."""
    make, offsets, scales = HIERARCHIES[name]
    forms = {
        "centred": make(b),
        "non-centred": sp.reparam_graph(make(b), names=offsets),
        "collapsed": sp.collapse_graph(make(b)),
    }
    rows = {}
    for form, model in forms.items():
        trace, seconds = sampled(b, model)
        speeds = {x: float(az.ess(np.asarray(trace.posterior[x]))) / seconds for x in scales}
        rows[form] = {
            "divergences": int(trace.sample_stats["diverging"].sum()),
            "CPU seconds": seconds,
            "gradient, ms": 1000 * gradient_seconds(b, model),
            **{f"ESS of {x} per s": speed for x, speed in speeds.items()},
        }
    slowest = {form: min(x for column, x in row.items() if "ESS" in column) for form, row in rows.items()}
    for form, row in rows.items():
        row.update({f"slowest, over {other}": slowest[form] / slowest[other] for other in ("centred", "non-centred")})
    return rows


def draws_per_second(draw):
    """Return how many draws ``draw(n)`` makes in a CPU second, compilation not counted."""
    draw(1)
    (_, one), (_, all_of_them) = timed(draw, 1), timed(draw, DRAWS)
    return (DRAWS - 1) / (all_of_them - one)


def measure_draws(b):
    """Return a row per way of drawing from the posterior of the README's model."""
    model = regression(b)
    trace, sampling = sampled(b, model)
    ess = min(float(az.ess(np.asarray(trace.posterior["beta"])[..., i])) for i in range(2))
    collapsed, conditioned = sp.collapse_graph(model), sp.conjugate_graph(model)
    speeds = {
        "NUTS": ess / sampling,
        "collapse_graph, recover(draws=...)": draws_per_second(lambda n: collapsed.recover(draws=n, random_seed=1)),
        "conjugate_graph, sample_prior_predictive": draws_per_second(
            lambda n: b.pm.sample_prior_predictive(n, model=conditioned, random_seed=1)
        ),
    }
    return {way: {"effective draws per s": x, "ratio": x / speeds["NUTS"]} for way, x in speeds.items()}


LENGTHS = (4, 8, 16, 32)


def measure_chain(b, length):
    """Return the times of collapsing chains of scalar variables, one datum for each: normal, and of three states."""
    stay = np.full((3, 3), 0.1) + 0.7 * np.eye(3)
    with b.pm.Model() as normals:
        for i in range(length):
            x = b.pm.Normal(f"x{i}", x if i else np.float64(0.0), np.float64(0.7))
            b.pm.Normal(f"y{i}", x, np.float64(0.5), observed=np.float64(0.1 * i))
    with b.pm.Model() as states:
        for i in range(length):
            z = b.pm.Categorical(f"z{i}", p=b.tensor.as_tensor_variable(stay)[z] if i else stay[0])
            b.pm.Normal(f"y{i}", b.tensor.as_tensor_variable(stay[0])[z], np.float64(0.8), observed=np.float64(0.1 * i))
    models = {"normal, s": normals, "three states, s": states}
    return {column: timed(sp.collapse_graph, model)[1] for column, model in models.items()}


def measure_recovery(b):
    """Return the times of the first and of the second draw that is recovered of eight schools."""
    collapsed, trace = sp.collapse_graph(schools(b)), {"tau": np.ones(1)}
    return [timed(collapsed.recover, trace)[1] for _ in range(2)]


def main():
    b = backend()
    _, first = timed(sp.conjugate_graph, regression(b))
    calls = medians(lambda call: measure_symbolic(b, call), tuple(CALLS))
    hierarchies = {name: measure_sampling(b, name) for name in HIERARCHIES}
    draws = measure_draws(b)
    chains = medians(lambda length: measure_chain(b, length), LENGTHS, repeats=3)
    compiled, again = measure_recovery(b)
    print(f"## Collapse ({b.models})\n\n{__doc__}\n")
    print(table("call", calls) + "\n")
    print(
        f"Sampling: {CHAINS} chains, each tuned for as many draws as are kept; seconds are CPU seconds of both, and ESS"
    )
    print(
        "per s is the effective draws that are kept over them. The last columns are ratios of that of the slowest scale.\n"
    )
    for name, rows in hierarchies.items():
        print(f"{name.capitalize()}:\n\n{table('form', rows)}\n")
    print(f"The posterior of the README's regression, {DRAWS} draws from its closed form:\n\n{table('way', draws)}\n")
    print(f"Chains of scalar variables, collapsed:\n\n{table('length', chains)}\n")
    print(verdict("conjugate_graph on the README's model, the first call, s", first, 0.05))
    print(verdict("the same, median", calls["conjugate_graph, README"]["s"], 0.05))
    print(verdict("collapse_graph on the radon model, s", calls["collapse_graph, radon"]["s"], 1.0))
    for column in ("normal, s", "three states, s"):
        print(verdict(f"growth exponent of collapsing a chain, {column[:-3]}", exponent(chains, column, 8), 2.0))
    print(f"- recover of eight schools, one draw, the first call, which compiles, s: {number(compiled)}")
    print(verdict("the same, the second call, s", again, 0.02))
    for way in list(draws)[1:]:
        print(verdict(f"effective draws per second of NUTS over {way}", 1 / draws[way]["ratio"], 1 / 1000))
    slower = 1 / hierarchies["radon"]["collapsed"]["slowest, over centred"]
    print(verdict("effective draws per second of radon, the centred model over the collapsed one", slower, 1 / 20))
    for name, rows in hierarchies.items():
        for other in ("centred", "non-centred"):
            gain = number(rows["collapsed"][f"slowest, over {other}"])
            print(f"- effective draws per second of {name}, the collapsed model over the {other} one: {gain}")


if __name__ == "__main__":
    main()
