"""Pictures of an estimate."""

import numpy as np

ACTIVE, ZERO = "tab:blue", "0.6"
MOST = 60  # coefficients that are drawn on their way; more are chosen at even places in the order of their size


def plot(result, axes=None):
    """Draw the objective, the way of the unknowns, and where they end; return the axes."""
    import matplotlib.pyplot as plt

    if axes is None:
        _, axes = plt.subplots(1, 3, figsize=(13, 3.6), layout="constrained")
    _draw_objective(result, axes[0])
    _draw_way(result, axes[1])
    _draw_estimate(result, axes[2])
    return axes


def plot_path(path, axes=None):
    """Draw the estimates against the parameter, and below how many are free; return the axes."""
    import matplotlib.pyplot as plt

    if axes is None:
        heights = dict(height_ratios=(3, 1))
        _, axes = plt.subplots(2, 1, figsize=(7, 5), sharex=True, layout="constrained", gridspec_kw=heights)
    values, active = ([np.reshape(x[n], (len(path.grid), -1)) for n in path] for x in (path, path.active))
    values, active = np.hstack(values), np.hstack(active)
    sizes = np.max(np.abs(values), axis=0)
    chosen = np.argsort(sizes)
    for i in chosen[np.unique(np.linspace(0, len(chosen) - 1, MOST).astype(int))]:
        color, width = (ACTIVE, 1.0) if np.any(active[:, i]) else (ZERO, 0.7)
        axes[0].plot(path.grid, values[:, i], color=color, lw=width)
    failed = np.array(path.status) != "converged"
    for value in path.grid[failed]:
        axes[0].axvline(value, color="tab:red", lw=0.7, ls=":")
    axes[1].step(path.grid, active.sum(axis=1), where="mid", color=ACTIVE)
    is_wide = np.all(path.grid > 0) and path.grid.max() > 10 * path.grid.min()
    axes[0].set(ylabel=", ".join(path), title=f"estimates by {path.parameter}")
    axes[1].set(xlabel=path.parameter, ylabel="free", xscale="log" if is_wide else "linear")
    return axes


def _draw_objective(result, ax):
    above = result.objective - np.min(result.objective, initial=np.inf)
    at = np.flatnonzero(above > 0)
    ax.semilogy(at + 1, above[at], color=ACTIVE)
    ax.set(xlabel="iteration", ylabel="objective above its last value", title=f"{result.solver}: {result.status}")


def _flat(result, values):
    parts = [np.ravel(values[name]) for name in result.active]
    return np.concatenate(parts) if parts else np.zeros(0)


def _draw_way(result, ax):
    ways = np.array([_flat(result, values) for _, values in result.path])
    active = _flat(result, result.active) > 0
    order = np.argsort(np.abs(_flat(result, result)))
    for i in order[np.unique(np.linspace(0, len(order) - 1, MOST).astype(int))] if len(order) else ():
        color, width = (ACTIVE, 1.0) if active[i] else (ZERO, 0.7)
        ax.plot([k for k, _ in result.path], ways[:, i], color=color, lw=width)
    ax.set(xlabel="iteration", ylabel="value", title="the way of the unknowns")


def _draw_estimate(result, ax):
    values, active = _flat(result, result), _flat(result, result.active) > 0
    places = np.arange(len(values))
    ax.vlines(places[active], 0, values[active], color=ACTIVE, lw=1)
    ax.plot(places[active], values[active], "o", ms=3, color=ACTIVE, label=f"{active.sum()} free")
    ax.plot(places[~active], values[~active], "o", ms=3, color=ZERO, label=f"{(~active).sum()} at a knot")
    ax.set(xlabel=", ".join(result.active), ylabel="value", title="the estimate")
    ax.legend(frameon=False)
