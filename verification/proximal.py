"""Measure proximal operators, conjugates and verdicts on convexity: python -m verification.proximal [GROUPS ...]

Operators are compared with searches, conjugates with formulas of their own, verdicts with second differences.  What is
found is written to docs/_static/proximal.json; ``python tools/proximal.py`` makes the page of it.  Where groups are
named, the others stay as they were measured.
"""

import json
from argparse import ArgumentParser
from datetime import date
from importlib import import_module
from pathlib import Path

import numpy as np

from symbolic_pymc.meta import metatize
from symbolic_pymc.printing import formula
from symbolic_pymc.proximal.pieces import piecewise
from symbolic_pymc.proximal.prox import prox_of
from symbolic_pymc.proximal.shapes import CONVEX, NOT_CONVEX, UNKNOWN, curvature
from symbolic_pymc.proximal.readings import parts_of
from verification.convexity import shown
from tests.conftest import INSTALLED, make_backend
from tests.proximal import test_blocks, test_calculus, test_conjugates, test_curvature, test_densities
from tests.proximal.argmin import excess
from tests.proximal.block_cases import CASES
from tests.proximal.calculus import CALCULUS
from tests.proximal.penalties import PENALTIES
from tests.proximal.probes import PROBES

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


def judged(objective):
    """Return the verdict on an objective, and how each of its parts was shown to be so."""
    parts = parts_of(objective)
    verdict = test_densities.verdict(objective)
    inputs = tuple(objective.inputs.values())
    counted = [p for p in parts if p.curvature == verdict]
    return {"verdict": verdict, "shown": sorted({shown(objective.adapter.ops, inputs, part) for part in counted})}


def probe(backend, name):
    """Return the verdict on a negative log likelihood."""
    return judged(test_curvature.probed(backend, PROBES[name]))


def density(backend, name):
    """Return the verdict on a density of PyMC, and what its second differences say; None where PyMC has it not.

    Of a density that no verdict is expected on, not all of PyMC can compute the values.
    """
    row = test_densities.DENSITIES[name]
    objective = test_densities.objective(backend, row)
    if objective is None:
        return None
    if row.verdict == UNKNOWN:
        return judged(objective) | {"measured": None}
    second, rounding = test_densities.bends(test_densities.function(backend, objective)[0], *row.support)
    return judged(objective) | {"measured": NOT_CONVEX if np.any(second < -rounding) else CONVEX}


GROUPS = {
    "penalties": lambda backend: {name: penalty(backend, name) for name in PENALTIES},
    "calculus": lambda backend: {name: rule(backend, name) for name in CALCULUS},
    "conjugates": lambda backend: {name: conjugate(backend, name) for name in test_conjugates.CONJUGATES},
    "blocks": lambda backend: {case.name: whole(backend, case) for case in CASES},
    "probes": lambda backend: {name: probe(backend, name) for name in PROBES},
    "densities": lambda backend: {name: density(backend, name) for name in test_densities.DENSITIES},
}


def worse(rows, others):
    """Return rows with the larger of two measurements; what only one backend has is that."""
    return {name: larger(row, others[name]) for name, row in rows.items()}


def larger(row, other):
    if row is None or other is None:
        return row or other
    return {k: max(v, other[k]) if isinstance(v, float) else v for k, v in row.items()}


def main():
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("groups", nargs="*", help=f"of {', '.join(GROUPS)}; all when none is given")
    groups, found = parser.parse_args().groups or list(GROUPS), {}
    for name in INSTALLED:
        backend = make_backend(name)
        for group in groups:
            rows = GROUPS[group](backend)
            found[group] = worse(found[group], rows) if group in found else rows
    known = json.loads(FILE.read_text()) if set(groups) < set(GROUPS) else {}
    known |= {"date": date.today().isoformat(), **found}
    FILE.write_text(json.dumps({"date": known["date"], **{g: known[g] for g in GROUPS if g in known}}, indent=1) + "\n")
    counts = ", ".join(f"{len(known[g])} {g}" for g in GROUPS if g in known)
    convex = sum(row["curvature"] == CONVEX for row in known["penalties"].values())
    print(f"{counts}; {convex} of the penalties are convex")


if __name__ == "__main__":
    main()
