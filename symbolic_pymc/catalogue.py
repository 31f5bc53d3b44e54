"""Every relation of the library with its statement and where it can be looked up.

A statement is the inference rule that stands in the docstring of the relation: above the line what must hold, below it
what follows.
"""

import re
from dataclasses import dataclass

from symbolic_pymc import enumeration
from symbolic_pymc.distributions import DISTRIBUTIONS
from symbolic_pymc.relations import (
    angle_edges,
    bounded_edges,
    chains,
    conjugates,
    count_edges,
    designs,
    distributions,
    endpoint_edges,
    flats,
    linalg,
    log_edges,
    matrix_conjugates,
    matrixnormal_edges,
    partial_offsets,
    races,
    representations,
    scale_levels,
    scale_mixtures,
    threshold_edges,
)
from symbolic_pymc.relations.case_rows import CASES
from symbolic_pymc.relations.count_edges import COUNTS
from symbolic_pymc.relations.facts import FACTS
from symbolic_pymc.relations.given_sums import GIVEN, given_sumo
from symbolic_pymc.relations.kernels import CHANCES, PRIORS, RATES, SIMPLEXES
from symbolic_pymc.relations.limits import LIMITS
from symbolic_pymc.relations.matrix_edges import MATRICES
from symbolic_pymc.relations.mixing_given import CONDITIONALS, mixing_giveno, variance_giveno
from symbolic_pymc.relations.mixtures import TABLES, mixtureo
from symbolic_pymc.relations.scatters import SCATTERS
from symbolic_pymc.relations.special import SPECIAL
from symbolic_pymc.series import read_series
from symbolic_pymc.relation import reference_of

_MATH = re.compile(r"^\s*\.\. math::\n\n(.*?)(?=\n\s*\n|\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Entry:
    """One relation.

    Parameters
    ----------
    name : str
        Of the function that states it, and for a row of a table of what the row is for.
    group : str
    statement : str
        LaTeX.
    reference : str
    """

    name: str
    group: str
    statement: str
    reference: str

    def markdown(self):
        """Return the section of a page on it."""
        reference = f"\n{self.reference}.\n" if self.reference else ""
        return f"\n### {self.name}\n\n$$\n{self.statement}\n$$\n{reference}"


def catalogue():
    """Return the `Entry` of every relation, group by group, as a tuple."""
    return (*_reversals(), *_kernels(), *_mixtures(), *_reparameterisations(), *_series(), *_algebra())


def entry(relation, group):
    """Return the `Entry` of a relation: its name and its docstring's first formula and reference."""
    found = _MATH.search(relation.__doc__ or "")
    statement = " ".join(found[1].split()) if found else ""
    return Entry(relation.__name__, group, statement, reference_of(relation))


def _reversals():
    modules = (
        conjugates, chains, matrix_conjugates, flats, bounded_edges, endpoint_edges, count_edges, angle_edges,
        threshold_edges, matrixnormal_edges,
    )  # fmt: skip
    found = (f for module in modules for name, f in vars(module).items() if name.endswith("reversalo"))
    others = log_edges.lognormal_observedo, enumeration.enumerate_values, enumeration.reverse_values
    for relation in (*found, *others):
        yield entry(relation, "Arc reversals")


def _kernels():
    """Yield an entry for every pair of a conjugate family and a likelihood."""
    for kernels, families in ((RATES, ("gamma", "inversegamma")), (CHANCES, ("beta",)), (SIMPLEXES, ("dirichlet",))):
        for family in families:
            for (likelihood, parameter), row in kernels.items():
                name = f"{family}, {likelihood} ({parameter})"
                relation = _RELATIONS[family]
                yield Entry(name, "Conjugate pairs", _pair(family, row.statement), reference_of(relation))
    for (prior, likelihood, parameter), row in COUNTS.items():
        law, given, rest, seen = row.statement
        statement = (
            rf"\frac{{N \sim {law} \qquad y \mid N \sim {given}}}{{N - y \mid y \sim {rest} \qquad y \sim {seen}}}"
        )
        reference = reference_of(count_edges.thinned_count_reversalo)
        yield Entry(f"{prior}, {likelihood} ({parameter})", "Conjugate pairs", statement, reference)
    for family, (relation, power) in MATRICES.items():
        for (likelihood, parameter), row in SCATTERS.items():
            name = f"{family}, {likelihood} ({parameter})"
            yield Entry(name, "Conjugate pairs", _matrix_pair(power, row.statement), reference_of(relation))


_RELATIONS = {
    "gamma": conjugates.gamma_rate_reversalo,
    "inversegamma": conjugates.inversegamma_scale_reversalo,
    "beta": conjugates.beta_chance_reversalo,
    "dirichlet": conjugates.dirichlet_chances_reversalo,
}


def _pair(family, statement):
    """Return the inference rule of one likelihood; a row has its law at q and the statistics of the data."""
    law, *statistics = statement
    prior, q, posterior = {
        "gamma": (r"\Gamma(\alpha, \beta)", r"c\,\theta", r"\Gamma(\alpha + \textstyle\sum {0},\; \beta + \sum c\, {1})"),
        "inversegamma": (
            r"\Gamma^{{-1}}(\alpha, \beta)",
            r"c / \theta",
            r"\Gamma^{{-1}}(\alpha + \textstyle\sum {0},\; \beta + \sum c\, {1})",
        ),
        "beta": (r"B(\alpha, \beta)", r"\theta", r"B(\alpha + \textstyle\sum {0},\; \beta + \sum {1})"),
        "dirichlet": (r"\operatorname{{Dir}}(a)", r"\theta", r"\operatorname{{Dir}}(a_k + \textstyle\sum {0})"),
    }[family]
    return (
        rf"\frac{{\theta \sim {prior.format()} \qquad y \mid \theta \sim {law},\; q = {q}}}"
        rf"{{\theta \mid y \sim {posterior.format(*statistics)}}}"
    )


def _matrix_pair(power, statement):
    """Return the inference rule of a random matrix and one likelihood; `power` of the matrix is a precision."""
    law, n, S = statement
    prior, q = (r"W(\nu, V)", r"c\,\theta") if power > 0 else (r"W^{-1}(\nu, \Psi)", r"c\,\theta^{-1}")
    scale = rf"(V^{{-1}} + c\, {S})^{{-1}}" if power > 0 else rf"\Psi + c\, {S}"
    posterior = f"{prior.partition('(')[0]}" + rf"(\nu + {n},\; {scale})"
    return (
        rf"\frac{{\theta \sim {prior} \qquad y \mid \theta \sim {law},\; Q = {q}}}"
        rf"{{\theta \mid y \sim {posterior}}}"
    )


def _mixtures():
    for relation, table in TABLES.items():
        for name, row in table.items():
            yield Entry(f"{relation.__name__} ({name})", "Mixtures", row.statement, row.reference)
    for name, row in CONDITIONALS.items():
        given = TABLES[mixtureo][name].statement
        statement = rf"{given} \quad {row.statement}"
        yield Entry(f"mixing_giveno ({name})", "Mixtures", statement, reference_of(mixing_giveno))
    for relation in (
        variance_giveno,
        scale_mixtures.normal_scale_mixtureo,
        scale_levels.scale_mixture_marginalo,
        scale_levels.mixing_scaleo,
    ):
        yield entry(relation, "Mixtures")


def _reparameterisations():
    """Yield an entry for every family that `scale_loc_transform` knows, and for every row of another form."""
    statement = entry(distributions.scale_loc_transform, "").statement
    for name, row in DISTRIBUTIONS.items():
        if row.roles:
            reference = reference_of(distributions.scale_loc_transform)
            yield Entry(f"scale_loc_transform ({name})", "Location and scale", statement, reference)
    for relation in (
        partial_offsets.partial_offseto,
        linalg.coefficient_qro,
        designs.intercept_centredo,
        designs.coefficient_scaledo,
        races.exponential_raceo,
        races.gumbel_raceo,
    ):
        yield entry(relation, "Other forms")
    for relation, table in representations.TABLES.items():
        for name, row in table.items():
            yield Entry(f"{relation.__name__} ({name})", "Other forms", row.statement, reference_of(relation))
    for name, row in GIVEN.items():
        yield Entry(f"given_sumo ({name})", "Other forms", row.statement, reference_of(given_sumo))


def _series():
    relations = chains.gaussianchain_mvnormalo, chains.gaussianchain_observedo, chains.gaussianchain_innovationso
    for relation in (read_series, *relations):
        yield entry(relation, "Time series")


def _algebra():
    for relation in FACTS:
        yield entry(relation, "Algebra of random variables")
    for relation in SPECIAL:
        yield entry(relation, "Special cases")
    for name, row in CASES.items():
        yield Entry(name, "Special cases", row.statement, "")
    for relation in LIMITS:
        yield entry(relation, "Limits")
