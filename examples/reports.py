"""What the examples share: their options, their tables and their pictures.

A trace is what ``pm.sample`` returns: its `posterior` and `sample_stats` hold arrays (chain, draw, ...).
"""

import argparse
import multiprocessing
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import arviz as az
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

HERE = Path(__file__).parent
COLOURS = ("tab:blue", "tab:orange", "tab:green")


def options(**defaults):
    """Return the options of an example as a namespace.

    They are read from the command line of a script, and in scripts and notebooks alike from the environment
    variable SYMBOLIC_PYMC_EXAMPLES, as in ``SYMBOLIC_PYMC_EXAMPLES="--draws 100"``.

    Parameters
    ----------
    **defaults : int
        Defaults of `draws`, `tune` and `chains`; none for an example that does not sample.
    """
    parser = argparse.ArgumentParser()
    for name, value in defaults.items():
        parser.add_argument(f"--{name}", type=int, default=value, help=f"default: {value}")
    parser.add_argument("--output", type=Path, default=HERE / "output", help="folder of the pictures")
    parser.add_argument("--full", action="store_true", help="4 chains of 5000 draws after 1000 of tuning")
    command_line = [] if "ipykernel" in sys.modules else sys.argv[1:]
    chosen = parser.parse_args(os.environ.get("SYMBOLIC_PYMC_EXAMPLES", "").split() + command_line)
    if chosen.full:
        chosen.draws, chosen.tune, chosen.chains = 5000, 1000, 4
    # a process that is not forked would run the script again
    forked = multiprocessing.get_start_method() == "fork"
    chosen.cores = min(getattr(chosen, "chains", 1), os.cpu_count()) if forked else 1
    return chosen


def samples(trace, name):
    """Return the draws of a variable, an array (chain, draw, ...)."""
    return np.asarray(trace.posterior[name])


def comparison(name, trace, mean, sd):
    """Return a table that compares the draws of a vector with its exact means and standard deviations.

    Columns: both, the Monte Carlo standard error of what the draws give (MCSE), and how many lie between (z).
    """
    draws = samples(trace, name)
    rows = {}
    for i in range(draws.shape[-1]):
        x = draws[..., i]
        for statistic, exact, estimate in (("mean", mean[i], x.mean()), ("sd", sd[i], x.std())):
            error = float(az.mcse(x, method=statistic))
            rows[f"{statistic} of {name}[{i}]"] = [exact, estimate, error, (estimate - exact) / error]
    return pd.DataFrame.from_dict(rows, orient="index", columns=["exact", "NUTS", "MCSE", "z"])


def together(trace, recovered):
    """Return a trace of the draws of a sampler and those that `recover` gave for them."""
    sampled = {name: samples(trace, name) for name in trace.posterior}
    return SimpleNamespace(posterior={**sampled, **recovered})


def summary(trace, names):
    """Return the mean, standard deviation and Monte Carlo standard error of the mean of every element.

    Elements are counted from one, as in ``theta[1]``.
    """
    rows = {}
    for name in names:
        draws = samples(trace, name)
        for i, x in enumerate(np.moveaxis(draws.reshape((*draws.shape[:2], -1)), -1, 0), 1):
            rows[f"{name}[{i}]" if draws.ndim > 2 else name] = [x.mean(), x.std(), float(az.mcse(x))]
    return pd.DataFrame.from_dict(rows, orient="index", columns=["mean", "sd", "mcse"])


def agreement(first, second):
    """Return two summaries side by side, and how many standard errors of both lie between the means (z).

    Parameters
    ----------
    first, second : dict of one str to DataFrame
        What to call a summary, and the summary.
    """
    (one, a), (other, b) = (*first.items(), *second.items())
    b = b.loc[a.index]
    pairs = ((statistic, name, x) for statistic in ("mean", "sd") for name, x in ((one, a), (other, b)))
    columns = {(statistic, name): x[statistic] for statistic, name, x in pairs}
    return pd.DataFrame({**columns, ("mean", "z"): (b["mean"] - a["mean"]) / np.hypot(a["mcse"], b["mcse"])})


def diagnostics(traces, names):
    """Return a table of how well scalar variables were sampled.

    Parameters
    ----------
    traces : dict of str to trace
    names : sequence of str
    """
    rows = {}
    for name in names:
        for label, trace in traces.items():
            x, seconds = samples(trace, name), trace.posterior.attrs["sampling_time"]
            ess, divergences = float(az.ess(x)), int(trace.sample_stats["diverging"].sum())
            rows[name, label] = [x.mean(), x.std(), divergences, float(az.rhat(x)), ess, ess / seconds]
    columns = ["mean", "sd", "divergences", "R-hat", "ESS", "ESS per second"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    return table.set_axis(pd.MultiIndex.from_tuples(rows))


def plot_traces(traces, names):
    """Return a figure of the chains of scalar variables, one column per trace, divergences marked below."""
    shape, size = (len(names), len(traces)), (11, 2.6 * len(names))
    figure, axes = plt.subplots(*shape, figsize=size, sharey="row", squeeze=False, layout="constrained")
    for row, name in zip(axes, names):
        for ax, (label, trace) in zip(row, traces.items()):
            for chain in samples(trace, name):
                ax.plot(chain, linewidth=0.5, alpha=0.8)
            ax.margins(x=0.01)
            for chain in np.asarray(trace.sample_stats["diverging"]):
                at = np.flatnonzero(chain)
                ax.plot(at, 0 * at, "|", color="black", markersize=12, transform=ax.get_xaxis_transform())
            ax.set_title(f"{name}, {label}: ESS {float(az.ess(samples(trace, name))):.0f}")
        # what comes near to zero is seen on a logarithmic scale
        values = np.concatenate([samples(trace, name) for trace in traces.values()])
        row[0].set_yscale("log" if 0 < values.min() < values.max() / 50 else "linear")
    for ax in axes[-1]:
        ax.set_xlabel("draw")
    return figure


def plot_forest(traces, name, labels):
    """Return a figure of the intervals of a vector in every trace, side by side, and how fast each was sampled."""
    order = np.argsort([samples(trace, name).mean(axis=(0, 1)) for trace in traces.values()][-1])
    figure, axes = plt.subplots(1, len(traces) + 1, figsize=(12, 11), sharey=True, layout="constrained")
    rows = np.arange(len(order))
    for ax, (label, trace), colour in zip(axes, traces.items(), COLOURS):
        draws = samples(trace, name)[..., order]
        for low, high, width in ((3, 97, 1), (25, 75, 3)):
            ax.hlines(rows, *np.percentile(draws, [low, high], axis=(0, 1)), color=colour, linewidth=width)
        ax.plot(draws.mean(axis=(0, 1)), rows, "o", color="white", markeredgecolor=colour, markersize=3.5)
        ax.set(title=f"{name}, {label}: 94% and 50% intervals", xlabel=name)
        speeds = [float(az.ess(draws[..., i])) / trace.posterior.attrs["sampling_time"] for i in rows]
        axes[-1].plot(speeds, rows, "o", color=colour, markersize=4, label=label)
    axes[0].set_yticks(rows, np.asarray(labels)[order], fontsize=7)
    axes[0].set_ylim(-1, len(rows))
    for ax in axes[1:-1]:
        ax.sharex(axes[0])
    axes[-1].set(title="effective draws per second", xlabel="ESS / s", xlim=(0, None))
    axes[-1].legend()
    return figure


def plot_shrinkage(trace, name, labels, data, error, centre):
    """Return a figure of data with their standard errors, and of the intervals of what they are data of.

    Parameters
    ----------
    name, centre : str
        The vector, and the mean of its distribution, which is marked by a line.
    labels, data, error : sequence
        One per element.
    """
    figure, ax = plt.subplots(figsize=(9, 4.2), layout="constrained")
    draws, rows = samples(trace, name), np.arange(len(labels))
    ax.axvline(samples(trace, centre).mean(), color="gray", linestyle=":", label=f"mean of {centre}")
    known = draws.mean(axis=(0, 1)), *np.percentile(draws, [16, 84], axis=(0, 1))
    for at, colour, label, (middle, low, high) in (
        (rows - 0.15, COLOURS[0], "data, one standard error", (data, data - error, data + error)),
        (rows + 0.15, COLOURS[1], f"{name}, 68% interval", known),
    ):
        ax.hlines(at, low, high, color=colour)
        ax.plot(middle, at, "o", color=colour, label=label)
    ax.set_yticks(rows, labels)
    ax.invert_yaxis()
    ax.set(xlabel=name)
    figure.legend(loc="outside upper center", ncols=3)
    return figure


def plot_scalars(traces, names):
    """Return a figure of the intervals of scalar variables in every trace, and of how fast each was sampled."""
    size = (11, 0.6 + 0.3 * len(names) * (1 + len(traces)))
    figure, axes = plt.subplots(1, 2, figsize=size, sharey=True, layout="constrained")
    rows = np.arange(len(names)) * (1 + len(traces))
    for k, ((label, trace), colour) in enumerate(zip(traces.items(), COLOURS)):
        draws = np.stack([samples(trace, name) for name in names], axis=-1)
        for low, high, width in ((3, 97, 1), (25, 75, 3)):
            ends = np.percentile(draws, [low, high], axis=(0, 1))
            axes[0].hlines(rows + k, *ends, color=colour, linewidth=width)
        axes[0].plot(draws.mean(axis=(0, 1)), rows + k, "o", color="white", markeredgecolor=colour)
        seconds = trace.posterior.attrs["sampling_time"]
        speeds = [float(az.ess(draws[..., i])) / seconds for i in range(len(names))]
        axes[1].barh(rows + k, speeds, color=colour, label=label)
    axes[0].set_yticks(rows + (len(traces) - 1) / 2, names)
    axes[0].invert_yaxis()
    axes[0].set(title="94% and 50% intervals", xlim=(0, None))
    axes[1].set(title="effective draws per second", xlabel="ESS / s", xscale="log")
    axes[1].legend()
    return figure


def save(figure, path):
    """Write a figure and say where it is."""
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, dpi=110)
    print("picture:", os.path.relpath(path))
