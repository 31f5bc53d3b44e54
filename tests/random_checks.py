"""Random models rewritten by every driver in turn, the joint density before and after compared by `evaluation`."""

from collections import Counter
from dataclasses import dataclass, field, fields

import numpy as np

import symbolic_pymc as sp
from symbolic_pymc.catalogue import catalogue
from symbolic_pymc.meta import reify_many
from symbolic_pymc.relations.kernels import PRIORS
from tests.evaluation import Evaluator
from tests.languages import Graphs
from tests.random_models import RandomModel

POINTS = 2
TRIES = 50
TOLERANCE = 1e-7  # of the size of the largest term: inverses of covariance matrices lose some digits
EDGE = 1e-5
OF_DERIVATIVES = 1e-5  # where a Jacobian is one of differences
FORMS = (
    "offset", "offset", "offset", "partial", "inverse_cdf", "inverse_cdf", "log", "logit", "reciprocal", "qr", "centred",
    "scaled",
)  # fmt: skip


OTHERS = "collapsed", "marginalized", "reparameterised"  # in turn, beside conditioning


class Failure(AssertionError):
    """A density that was not preserved."""


@dataclass
class Report:
    """What was done to some models.

    models : how many; rewritten, compared : how many results, the latter with densities at points; fired : how often each relation; pairs : how often each conjugate pair
    """

    models: int = 0
    rewritten: int = 0
    compared: int = 0
    fired: Counter = field(default_factory=Counter)
    pairs: Counter = field(default_factory=Counter)
    failures: dict = field(default_factory=dict)

    def __add__(self, other):
        added = (getattr(self, f.name) + getattr(other, f.name) for f in fields(self)[:-1])
        return Report(*added, self.failures | other.failures)


class Checker:
    """Draws models by number, rewrites each, and compares densities."""

    def __init__(self, backend):
        self.backend, self.evaluator = backend, Evaluator(backend)

    def run(self, seeds):
        """Return the `Report` of the models of some seeds; what fails, in whatever way, is kept by its seed."""
        report = Report()
        for seed in seeds:
            try:
                with np.errstate(all="ignore"):
                    self.check(seed, report)
            except Exception as error:
                report.failures[seed] = f"{type(error).__name__}: {error}"
        return report

    def check(self, seed, report):
        model = RandomModel(Graphs(self.backend), seed)
        graph = model.build()
        report.models += 1
        for driver in ("conditioned", OTHERS[seed % len(OTHERS)]):
            self.compared = 0
            result = getattr(self, driver)(graph, model, np.random.default_rng(seed))
            report.rewritten += result is not graph
            report.compared += self.compared > 0
            if self.compared:
                self.count(model, [step for step in sp.steps(result) if step.taken], report)

    # The drivers -----------------------------------------------------------------------------------------------

    def conditioned(self, graph, model, rng):
        result = sp.conjugate_graph(graph)
        if result is not graph:
            self.compare(graph, result, list(result.outputs), rng)
        return result

    def collapsed(self, graph, model, rng):
        result = sp.collapse_graph(graph)
        if result is not graph:
            self.compare_marginalized(graph, result, rng)
        return result

    def marginalized(self, graph, model, rng):
        names = [v.name for v in model.variables if rng.random() < 0.5] or [model.variables[0].name]
        result = sp.marginalize_graph(graph, names)
        if result is not graph:
            self.compare_marginalized(graph, result, rng)
        return result

    def compare_marginalized(self, graph, result, rng):
        gone = reify_many(result.recover.integrated)
        self.compare(graph, result, [*result.outputs, *gone], rng)

    def reparameterised(self, graph, model, rng):
        form = FORMS[rng.integers(len(FORMS))]
        result = sp.reparam_graph(graph, form=form, weights=rng.uniform(0.1, 0.9) if form == "partial" else None)
        if result is not graph:
            self.compare_reparameterised(graph, model, result, rng)
        return result

    # Densities ---------------------------------------------------------------------------------------------------

    def points(self, outputs, rng):
        """Return joints at points drawn from a graph, where its density is finite."""
        found = []
        for _ in range(TRIES):
            try:
                joint = self.evaluator.joint(outputs, {}, rng)
            except ValueError:  # NumPy's and SciPy's way to say that a parameter is out of range
                continue
            if np.isfinite(joint.total) and all(np.all(np.isfinite(v)) for v in joint.values.values()):
                found.append(joint)
                if len(found) == POINTS:
                    break
        self.compared = len(found)
        return found

    def compare(self, graph, result, outputs, rng):
        """Compare the density of a graph with that of all draws of its result, and the evidence that was dropped."""
        evidence = float(self.evaluator.value(result.log_evidence, {}))
        for old in self.points(graph.outputs, rng):
            known, jacobian = dict(old.values), 0.0
            for name, x in old.values.items():
                known[f"{name}_squared"] = x**2
            new = self.after(outputs, known)
            if new is None:
                self.compared -= 1
                continue
            for name in new.hidden - old.hidden:  # the square of a flat deviation
                jacobian += np.sum(np.log(2 * known[name.removesuffix("_squared")]))
            squared = {name.removesuffix("_squared") if name not in old.hidden else name for name in new.hidden}
            if squared != old.hidden:
                raise Failure(f"{sorted(old.hidden)} became {sorted(new.hidden)}")
            assert_equal(old.densities.values(), [*new.densities.values(), evidence, jacobian], TOLERANCE)

    def compare_reparameterised(self, graph, model, result, rng):
        for new in self.points(result.outputs, rng):
            old = self.before(graph, new)
            if old is None:
                self.compared -= 1
                continue
            replaced = [name for name in old.hidden if name not in new.hidden]
            # a flat density is known up to a constant
            proper = [name for name in replaced if model.family_of(name) != "flat"]
            jacobians = [self.log_jacobian(result, name, new) for name in proper]
            if None in jacobians:
                self.compared -= 1
                continue
            jacobian = sum(jacobians)
            assert_equal([*old.densities.values(), jacobian], new.densities.values(), 2 * OF_DERIVATIVES)

    def after(self, outputs, known):
        """Return the joint of a result; None where data are so precise that SciPy finds a covariance singular."""
        try:
            return self.evaluator.joint(outputs, known)
        except ValueError as error:
            if "symmetric positive" in str(error):
                return None
            raise

    def before(self, graph, new):
        """Return the joint of a graph at the values of a result; None where numbers do not reach there.

        A chance has lost its digits next to 1, and a variable may be at the end of its support or, being computed,
        a matrix that is singular.
        """
        chances = [v for name, v in new.values.items() if name.endswith("_uniform")]
        if any(np.any((u < EDGE) | (u > 1 - EDGE)) for u in chances):
            return None
        try:
            joint = self.evaluator.joint(graph.outputs, new.values)
        except ValueError:
            return None
        return joint if all(map(np.isfinite, map(np.sum, joint.densities.values()))) else None

    def log_jacobian(self, result, name, joint):
        """Return the log of the determinant of the derivatives of a variable by what it is computed from now.

        It is None beside a kink, where differences of two sizes do not agree.
        """
        variable = self.evaluator.named(result.outputs, name)
        (base,) = (n for n in joint.hidden if n.startswith(f"{name}_") and n.removeprefix(f"{name}_") in ENDINGS)
        known = {n: v for n, v in joint.values.items() if n != name}
        z = known[base]
        if z.dtype.kind != "f":  # whole numbers are only moved
            return 0.0

        def at(flat):
            return np.ravel(self.evaluator.value(variable, {**known, base: flat.reshape(z.shape)}))

        def log_determinant(size):
            return np.linalg.slogdet(np.stack([derivative(at, np.ravel(z), i, base, size) for i in range(z.size)]))[1]

        wide, narrow = map(log_determinant, (1e-3, 2e-4))
        return wide if abs(wide - narrow) <= OF_DERIVATIVES else None

    # Counts ------------------------------------------------------------------------------------------------------

    def count(self, model, taken, report):
        known = {v.name: v for v in (*model.variables, *model.observed)}
        for step in taken:
            report.fired[step.relation] += 1
            if len(step.variables) == 2 and all(name in known for name in step.variables):
                theta, y = (known[name] for name in step.variables)
                entered = [p for p, parents in y.parents.items() if theta in parents]
                if entered:
                    family = PRIORS[theta.family].family if theta.family in PRIORS else theta.family
                    report.pairs[f"{family}, {y.family} ({entered[0]})"] += 1
                    report.fired["lognormal_observedo"] += (y.family, entered[0]) == ("lognormal", "mu")
            elif len(step.variables) == 1 or step.relation.endswith("o"):
                v = known.get(step.variables[0])
                if v is not None:
                    report.pairs[f"{step.relation} ({v.family})"] += 1


# relations that no random model is rewritten by, and why
NOT_COMPARED = {
    "gammaso": "it draws more numbers than the variable has",
    "stickso": "it draws fewer numbers than the variable has",
    "splito": "it draws more numbers than the variable has",
    "factorso": "it draws other numbers than the variable has",
    "exponential_raceo": "it draws more numbers than the variable has",
    "gumbel_raceo": "it draws more numbers than the variable has",
    "intercept_centredo": "no number is drawn that is added to the predictions of a regression",
    "zero_sumo": "it draws more numbers than the variable has",
    "given_blocko": "it relates a vector and some of its elements, which no driver looks for",
    "given_sumo": "it relates a vector and its sum, which no driver looks for",
    "inverse_cdfo (logitnormal)": "PyTensor has no such law",
    "logito (logitnormal)": "PyTensor has no such law",
    "wald_mean_reversalo": "no reciprocal of a normal variable is drawn as the mean of a Wald variable",
    "thinned_count_reversalo": "no count is drawn as a number of trials",
    "poisson, binomial (n)": "as thinned_count_reversalo, whose pair it is",
    "binomial, binomial (n)": "as thinned_count_reversalo, whose pair it is",
    "negativebinomial, binomial (n)": "as thinned_count_reversalo, whose pair it is",
    "binomial, hypergeometric (k)": "as thinned_count_reversalo, whose pair it is",
    "betabinomial, hypergeometric (k)": "as thinned_count_reversalo, whose pair it is",
    "truncated_prior_reversalo": "no variable is drawn between bounds but normal ones",
    "uniform_rate_reversalo": "no uniform variable is drawn as a rate or a scale beside nothing else that is unknown",
    "vonmises_mean_reversalo": "no von Mises variable is drawn as the mean of another",
    "matrixnormal_mean_reversalo": "no unknown matrix is drawn as the mean of another",
    "kronecker_mvnormalo": "no vector of a Kronecker covariance is drawn",
    "markovchain_given": "no Markov chain is drawn",
    "missing_giveno": "no data have missing entries",
    "scale_loc_transform (mvstudentt)": "a graph without a model does not tell the length of such a vector",
    "scale_loc_transform (kolmogorov)": "no such variable is drawn",
    "lkj_": "no matrix of correlations is drawn",
    "hurdle_observedo": "no mixture with the number 0 is drawn",
    "power_start_reversalo": "no fraction is drawn as the lower end of Pareto data",
    "divided_count_reversalo": "as thinned_count_reversalo",
    "split_count_reversalo": "as thinned_count_reversalo",
    "normal_threshold_reversalo": "no chance of binary data is the sign of a normal variable",
    "gamma, gumbel": "no logarithm of a rate is drawn as a mean",
    "inversegamma, gumbel": "no logarithm of a rate is drawn as a mean",
}


def dead(counts, groups):
    """Return the names of the relations of some groups of the catalogue that never fired."""
    wanted = [e.name for e in catalogue() if e.group in groups and not e.name.startswith(tuple(NOT_COMPARED))]
    return [name for name in wanted if not counts[name]]


ENDINGS = (
    "offset", "uniform", "log", "minus_log", "log_ratio", "logit", "reciprocal", "qr", "centred", "scaled",
)  # fmt: skip


def derivative(f, x, i, base, size):
    """Return the derivatives of `f` by the number i of `x`, by differences of the fourth order."""
    room = min(x[i], 1 - x[i]) if base.endswith("_uniform") else max(abs(x[i]), 1e-3)
    h = size * room
    step = np.zeros_like(x)
    step[i] = h
    return (8 * (f(x + step) - f(x - step)) - (f(x + 2 * step) - f(x - 2 * step))) / (12 * h)


def assert_equal(old, new, tolerance):
    old, new = list(map(float, old)), list(map(float, new))
    size = max(1.0, *map(abs, (*old, *new)))
    if not abs(sum(old) - sum(new)) <= tolerance * size:
        raise Failure(f"{sum(old) - sum(new)} of {size}: {old} became {new}")
