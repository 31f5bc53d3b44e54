"""The ratio test of every arc reversal on every plate: python -m verification.ratios

A model of each pair of a prior and a likelihood is written on scalar, vector, matrix, broadcast and indexed plates with
no, one and many data, and conditioned.  PyMC has the log densities of the model and of the result, and at every point

    log p(theta, y) = log p(theta | y) + log p(y)

where log p(y) is the reported `log_evidence`, or stays in the result where the prior depends on an unknown itself.  The
script keeps what it finds in docs/_static/ratios.json, and writes a section of docs/verification.md.
"""

import json
import re
import sys
from argparse import ArgumentParser
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from itertools import product

import numpy as np
from scipy.special import logsumexp

import symbolic_pymc as sp
from symbolic_pymc.catalogue import catalogue
from symbolic_pymc.verify import log_density, log_evidence, random_points
from tests.conftest import INSTALLED, make_backend
from verification.page import PAGE, table, write_section
from verification.ratio_cases import CASES, wanted
from verification.ratio_writing import COUNTS, PLATES, Writing

TITLE = "Ratio test"
FILE = PAGE.parent / "_static" / "ratios.json"
BY_STEPS = {entry.name for entry in catalogue() if entry.group == "Arc reversals"} - {"lognormal_observedo"}
NAMES = {"theano": "PyMC3", "pytensor": "PyMC"}
POINTS = 50
TOLERANCE = 1e-8
SQUARED = "_squared"


class Failure(AssertionError):
    """A model that was not conditioned as it should be, or whose density was not preserved."""


# Densities of both models at one point ---------------------------------------------------------------------------


def natural_densities(backend, old, new):
    """Return a function from a point of the model `new`, where PyMC's samplers walk, to log densities of both models.

    They are densities of the variables themselves, without those of PyMC's transforms; the unknowns of `old` are what
    the variables of these names are in `new`.
    """
    inputs, outputs = {"theano": _theano, "pytensor": _pytensor}[backend.name](old, new)
    function = backend.compile_plainly(inputs, outputs)
    names = [v.name for v in inputs]
    return lambda point: function(*(point[name] for name in names))


def _theano(old, new):
    import theano.tensor as tt
    from pymc3.util import get_untransformed_name, is_transformed_name
    from theano import clone

    def forward(v):
        if not is_transformed_name(v.name):
            return tt.cast(new[v.name], v.dtype)
        return v.distribution.transform_used.forward(new[get_untransformed_name(v.name)])

    before = clone(old.logp_nojact, {v: tt.patternbroadcast(forward(v), v.broadcastable) for v in old.free_RVs})
    return new.free_RVs, [before, new.logp_nojact + _jacobian(tt, old, new)]


def _pytensor(old, new):
    from pytensor import config

    # numbers such as the 2.0 in PyMC's normal distribution function are of single precision otherwise
    with config.change_flags(cast_policy="numpy+floatX"):
        return _of_pytensor(old, new)


def _of_pytensor(old, new):
    import pytensor.tensor as pt
    from pytensor.graph.replace import clone_replace

    names = [v.name for v in old.free_RVs]
    natural = dict(zip(names, new.replace_rvs_by_values([new[name] for name in names])))

    def forward(rv):
        transform = old.rvs_to_transforms[rv]
        own = [clone_replace([i], {v: natural[v.name] for v in old.free_RVs})[0] for i in rv.owner.inputs]
        x = natural[rv.name] if transform is None else transform.forward(natural[rv.name], *own)
        return old.rvs_to_values[rv].type.filter_variable(pt.cast(x, rv.dtype), allow_convert=True)

    before = clone_replace([old.logp(jacobian=False)], {old.rvs_to_values[rv]: forward(rv) for rv in old.free_RVs})
    jacobian = new.replace_rvs_by_values([pt.as_tensor_variable(_jacobian(pt, old, new))])
    return new.value_vars, [*before, new.logp(jacobian=False) + jacobian[0]]


def _jacobian(t, old, new):
    """Return the log derivative of what was squared: the law of a square is not that of the variable."""
    squared = [v.name for v in old.unobserved_RVs if v.name + SQUARED in new.named_vars]
    return sum((t.sum(t.log(2 * new[name])) for name in squared), np.float64(0.0))


def points_of(case, model, n, seed):
    """Return points of a model about its start, more than are wanted: some may be impossible."""
    rng = np.random.default_rng(seed)
    if case.points is not None and [v.name for v in model.free_RVs] == list(random_points(model, 1)[0]):
        return [case.points(rng) for _ in range(n)]

    def moved(x):  # whole numbers too, which are numbers of things here
        return x + rng.integers(0, 4, size=np.shape(x)).astype(x.dtype) if x.dtype.kind in "iu" else x

    return [{name: moved(x) for name, x in point.items()} for point in random_points(model, 10 * n, seed)]


# One model -------------------------------------------------------------------------------------------------------


def written(case, backend, plate, n, hyper):
    with backend.pm.Model() as model:
        case.write(Writing(backend, plate, n, hyper))
    return model


def deviation(case, backend, plate, count, hyper, points):
    """Return the largest deviation of one model, or the reason for which it rightly was left as it is, and what was
    applied.

    Raises
    ------
    Failure
    """
    n = COUNTS[count]
    model = written(case, backend, plate, n, hyper)
    if case.summed:
        return _of_sum(case, model, points), case.proves
    result = sp.conjugate_graph(model)
    taken = [step for step in sp.steps(result) if step.taken]
    reason = "" if PLATES[plate].fewest(n) < case.fewest else case.refused.get(plate)
    if reason is not None:
        return _refusal(result, taken, reason), ()
    applied = {step.relation for step in taken}
    if not set(case.proves) & applied:
        raise Failure(f"not conditioned: {[str(step) for step in sp.steps(result)]}")
    if not hyper and (result.observed_RVs or result.potentials):
        raise Failure("data are left")
    densities, candidates = natural_densities(backend, model, result), points_of(case, result, points, n)
    proven = [name for name in case.proves if name in applied or name not in BY_STEPS]
    return _largest(densities, candidates, log_evidence(result), points), proven


def _refusal(result, taken, reason):
    """Return the reason for which a model was left as it is, which a regular expression describes."""
    given = "; ".join(step.reason for step in sp.steps(result) if not step.taken)
    if taken or not given or not re.search(reason, given):
        raise Failure(f"not left as it is for {reason!r}: {[str(step) for step in sp.steps(result)]}")
    return given


def _largest(densities, candidates, evidence, wanted_points):
    """Return the largest deviation at the first points that are possible."""
    worst, found = 0.0, 0
    for point in candidates:
        try:
            before, after = map(float, densities(point))
        except ValueError:  # PyMC's way to say that a parameter is out of range
            continue
        if not np.isfinite(before + after):  # in PyMC3 chances may not sum to one, for their last digit
            continue
        worst, found = max(worst, relative(before, after + evidence, before, evidence)), found + 1
        if found == wanted_points:
            return worst
    raise Failure(f"only {found} of {wanted_points} points are possible")


def relative(before, after, *sizes):
    """Return by how much two log densities differ, relative to what is larger than one."""
    size = abs(before - after) / max(1.0, *map(abs, sizes))
    if not size <= TOLERANCE:  # not a number is no proof
        raise Failure(f"off by {size:.3g}: {before:.17g} is {after:.17g}")
    return size


def _of_sum(case, model, points):
    """Compare a model with the sum of another over all values of some of its variables."""
    start = {name: x for name, x in random_points(model, 1)[0].items() if name.startswith("z")}
    result = sp.marginalize_graph(model, list(start))
    if not {step.relation for step in sp.steps(result) if step.taken} >= set(case.proves):
        raise Failure(f"not summed: {[str(step) for step in sp.steps(result)]}")
    old, new, evidence = log_density(model), log_density(result), log_evidence(result)
    sizes, worst = [x.size for x in start.values()], 0.0
    for point in random_points(result, points):
        terms = []
        for bits in product((0, 1), repeat=sum(sizes)):
            parts = np.split(np.array(bits), np.cumsum(sizes)[:-1])
            given = {name: part.reshape(x.shape).astype(x.dtype) for (name, x), part in zip(start.items(), parts)}
            terms.append(old(point | given))
        worst = max(worst, relative(logsumexp(terms), new(point) + evidence, *terms))
    return worst


# All of them -----------------------------------------------------------------------------------------------------


@dataclass
class Report:
    """What was found of one case with one backend.

    deviations : of each relation that was applied, one for each model
    refused, failures : the cells, as text, of each reason
    """

    deviations: dict = field(default_factory=lambda: defaultdict(list))
    refused: dict = field(default_factory=lambda: defaultdict(list))
    failures: dict = field(default_factory=lambda: defaultdict(list))

    @property
    def written(self):
        """As it is kept in a file."""
        proven = {name: {"models": len(own), "deviation": max(own)} for name, own in self.deviations.items()}
        return {"proven": proven, "refused": self.refused, "failures": self.failures}


def cells(case):
    """Yield the plates, numbers of data, and whether the prior depends on an unknown, of a case."""
    for plate in (p for p in PLATES if p not in case.left_out):
        yield from ((plate, count, False) for count in case.counts)
        if case.hyper and plate in ("scalar", "indexed"):
            yield plate, case.counts[-1], True


def run(backend, name, points=POINTS, only=None):
    """Return the `Report` of a case, of all of its cells or some."""
    case, report = CASES[name], Report()
    for cell in cells(case) if only is None else only:
        plate, count, hyper = cell
        place = f"{plate} with {count} data" + " and an unknown" * hyper
        try:
            with np.errstate(all="ignore"):
                found, applied = deviation(case, backend, *cell, points)
        except Exception as error:
            report.failures[f"{type(error).__name__}: {error}"[:300]].append(place)
            continue
        if isinstance(found, str):
            report.refused[found].append(place)
        for relation in applied:
            report.deviations[relation].append(found)
    return report


# The page --------------------------------------------------------------------------------------------------------


def measured(found, relation, backend):
    """Return in how many models of a backend a relation was applied, and the largest deviation."""
    own = [case[backend]["proven"][relation] for case in found.values() if relation in case[backend]["proven"]]
    return sum(x["models"] for x in own), max((x["deviation"] for x in own), default=np.nan)


def section(found):
    """Return the text of the section, of what is kept of all cases."""
    rows = []
    for name in wanted():
        numbers = (measured(found, name, backend) for backend in NAMES)
        rows.append((name, *(x for models, worst in numbers for x in (models, f"{worst:.1e}"))))
    failed = [f"- {line}" for line in reasons(found, "failures")]
    heads = [f"{name}, {what}" for name in NAMES.values() for what in ("models", "deviation")]
    return "\n\n".join(
        (
            f"On {date.today()}: {len(found)} pairs of a prior and a likelihood, {POINTS} random points each model, "
            f"{len(failed)} failures. {' '.join(EXPLAINED.split())}",
            *failed,
            table(["relation", *heads], rows),
            "Models that are rightly left as they are, with the reason that the result gives:",
            "\n".join(f"- {line}" for line in reasons(found, "refused")),
            "Plates that a model has not:",
            "\n".join(f"- {line}" for line in left_out()),
        )
    )


EXPLAINED = """
The plates are scalar, vector, matrix, broadcast (of axes of length one) and indexed, with no, one and six data for
each element; on two plates once more with a prior that depends on another unknown, so that the law of the data stays
in the result, as a distribution where it has a name. The log density of the model is that of the result plus the log
evidence, at every point, to 1e-8 of what is larger than one: both as PyMC computes them.
"""


def reasons(found, kind):
    """Return lines of the reasons of one kind, and where they hold."""
    places = defaultdict(lambda: defaultdict(dict))
    for name, case in found.items():
        for own in case.values():
            for reason, cells_of_it in own[kind].items():
                places[reason][name] |= dict.fromkeys(cells_of_it)
    return [spelled(reason, cases) for reason, cases in places.items()]


def left_out():
    """Return the plates that models have not, by the reason."""
    found = defaultdict(lambda: defaultdict(dict))
    for name, case in CASES.items():
        for plate, reason in case.left_out.items():
            found[reason][name][plate] = None
    return [spelled(reason, cases) for reason, cases in found.items()]


def spelled(reason, cases):
    """Return a line of a reason and its cases; those with the same places stand together."""
    names = defaultdict(list)
    for name, places in cases.items():
        names[", ".join(places)].append(name)
    return f"{reason}: " + "; ".join(f"{'; '.join(own)} ({places})" for places, own in names.items())


def main():
    parser = ArgumentParser(description="The ratio test of every arc reversal on every plate.")
    parser.add_argument("--backend", choices=INSTALLED, action="append", help="one alone; what is known is kept")
    parser.add_argument("cases", nargs="*", help="these alone; what is known of the others is kept")
    options = parser.parse_args()
    found = json.loads(FILE.read_text()) if FILE.exists() else {}
    for name in options.backend or INSTALLED:
        backend = make_backend(name)
        for case in options.cases or CASES:
            own = found.setdefault(case, {})
            own[name] = run(backend, case).written
            FILE.write_text(json.dumps({case: found[case] for case in CASES if case in found}, indent=1) + "\n")
            print(name, case, *own[name]["failures"].items(), sep=" | ", flush=True)
    unknown = [name for name in CASES if len(found.get(name, ())) < len(NAMES)]
    if unknown:
        sys.exit(f"nothing is known of {'; '.join(unknown)}: no page is written")
    found = {name: found[name] for name in CASES}
    write_section(TITLE, section(found))
    untested = [name for name in wanted() if not all(measured(found, name, backend)[0] for backend in NAMES)]
    failed = any(own["failures"] for case in found.values() for own in case.values())
    sys.exit(f"not tested: {', '.join(untested)}" if untested else int(failed))


if __name__ == "__main__":
    main()
