"""Measure proximal operators and conjugates against searches and formulas of their own: python -m verification.proximal

What is found is written to docs/_static/proximal.json; ``python tools/proximal.py`` makes the page of it.
"""

import json
from datetime import date
from importlib import import_module
from pathlib import Path

import numpy as np

from symbolic_pymc.meta import metatize
from symbolic_pymc.printing import formula
from symbolic_pymc.proximal.pieces import piecewise
from symbolic_pymc.proximal.prox import prox_of
from symbolic_pymc.proximal.shapes import CONVEX, curvature
from tests.conftest import INSTALLED, make_backend
from tests.proximal import test_blocks, test_calculus, test_conjugates
from tests.proximal.argmin import excess
from tests.proximal.block_cases import CASES
from tests.proximal.calculus import CALCULUS
from tests.proximal.penalties import PENALTIES

FILE = Path(__file__).parent.parent / "docs" / "_static" / "proximal.json"
LONGEST = 500  # of a formula that is printed
STEPS = (0.4, 1.3)
Z = np.r_[-22.0, np.linspace(-6, 6, 33), 22.0]


def vocabulary(backend):
    return import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops


def printed(term):
    """Return a term in LaTeX, None where that is too long to read."""
    text = formula(term)
    return text if len(text) <= LONGEST else None


def penalty(backend, name):
    """Return what is measured of the operator of a penalty of one number."""
    ops = vocabulary(backend)
    x, z, gamma = backend.tensor.dvector("x"), backend.tensor.dvector("z"), backend.tensor.dscalar("gamma")
    phi = PENALTIES[name].make(backend.tensor, x)
    prox = prox_of(ops, *map(metatize, (phi, x, z, gamma)))
    function = piecewise(ops, metatize(phi), metatize(x))
    operator, cost = backend.compile_plainly([z, gamma], prox.reify()), backend.compile_plainly([x], phi)
    with np.errstate(all="ignore"):
        worst = max(excess(cost, step, u, v) for step in STEPS for u, v in zip(Z, operator(Z, step)))
    places = len(function.knots) + sum(piece is not None for piece in function.pieces)
    return {
        "excess": max(worst, 0.0),
        "curvature": curvature(ops, function),
        "formula": printed(prox),
        "places": places,
    }


def conjugate(backend, name):
    """Return how far a conjugate is from its formula."""
    row = test_conjugates.CONJUGATES[name]
    found, _ = test_conjugates.derived(backend, vocabulary(backend), row.make)
    u = test_conjugates.inside(row.domain)
    with np.errstate(all="ignore"):
        return {"deviation": test_conjugates.deviation(found(u), row.conjugate(u))}


def rule(backend, name):
    """Return how far an operator is from a rule of the calculus."""
    return {"deviation": max(test_calculus.deviation(backend, CALCULUS[name], step) for step in STEPS)}


def whole(backend, case):
    """Return what is measured of the operator of a function of a whole array."""
    function, operator = test_blocks.derived(backend, vocabulary(backend), case.build(backend), len(case.shape))
    measure = test_blocks.excess if case.conjugate is not None else _excess_by_samples
    with np.errstate(all="ignore"):
        found = [measure(case, z, s, operator(z, s)) for z in test_blocks.points(case) for s in test_blocks.STEPS]
    return {"excess": max(float(np.max(found)), 0.0), "curvature": function.curvature}


def _excess_by_samples(case, z, step, x):
    """Return by how much the objective at `x` is above the least at many places around it and `z`."""
    rng = np.random.default_rng(0)

    def objective(y):
        return step * case.value(y) + 0.5 * np.sum((y - z) ** 2)

    moved = [x + scale * rng.normal(size=case.shape) for scale in (1e-3, 1e-2, 0.1, 1.0) for _ in range(50)]
    own = objective(x)
    return (own - min(map(objective, [z, 0.0 * z, *moved]))) / max(1.0, abs(own))


def measured(backend):
    return {
        "penalties": {name: penalty(backend, name) for name in PENALTIES},
        "calculus": {name: rule(backend, name) for name in CALCULUS},
        "conjugates": {name: conjugate(backend, name) for name in test_conjugates.CONJUGATES},
        "blocks": {case.name: whole(backend, case) for case in CASES},
    }


def worse(rows, others):
    """Return rows with the larger of two measurements."""
    return {
        group: {
            name: {k: max(v, others[group][name][k]) if isinstance(v, float) else v for k, v in row.items()}
            for name, row in members.items()
        }
        for group, members in rows.items()
    }


def main():
    found = None
    for name in INSTALLED:
        rows = measured(make_backend(name))
        found = rows if found is None else worse(found, rows)
    FILE.write_text(json.dumps({"date": date.today().isoformat(), **found}, indent=1) + "\n")
    counts = ", ".join(f"{len(rows)} {group}" for group, rows in found.items())
    convex = sum(row["curvature"] == CONVEX for row in found["penalties"].values())
    print(f"{counts}; {convex} of the penalties are convex")


if __name__ == "__main__":
    main()
