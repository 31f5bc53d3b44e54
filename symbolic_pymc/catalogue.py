"""Every relation of the library: its statement, its guards, which way it goes, and where it can be looked up.

A statement is the inference rule that stands in the docstring of the relation: above the line what must hold, below it
what follows.  The other fields are read off the docstrings and tables too, and nothing is written here of one relation.
"""

import re
from dataclasses import dataclass, replace
from inspect import cleandoc

from symbolic_pymc import enumeration
from symbolic_pymc.distributions import DISTRIBUTIONS
from symbolic_pymc.proximal.blocktable import BLOCKS
from symbolic_pymc.proximal.conjugates import conjugateo
from symbolic_pymc.proximal.prox import proxo
from symbolic_pymc.relations import (
    angle_edges,
    autoregressions,
    bounded_edges,
    chains,
    conjugates,
    correlations,
    count_edges,
    designs,
    distributions,
    endpoint_edges,
    flats,
    gig_edges,
    given_blocks,
    hurdle_edges,
    kronecker,
    laplace_edges,
    linalg,
    log_edges,
    logistic_augmentation,
    markov,
    matrix_conjugates,
    matrixnormal_edges,
    partial_offsets,
    races,
    representations,
    scale_levels,
    scale_mixtures,
    threshold_edges,
    truncated_edges,
    uniform_edges,
    zero_sums,
)
from symbolic_pymc.relations.case_rows import CASES
from symbolic_pymc.relations.cases import OTHERS
from symbolic_pymc.relations.count_edges import COUNTS
from symbolic_pymc.relations.facts import FACTS
from symbolic_pymc.relations.given_sums import GIVEN, given_sumo
from symbolic_pymc.relations.kernels import CHANCES, SIMPLEXES
from symbolic_pymc.relations.rates import RATES
from symbolic_pymc.relations.limits import LIMITS
from symbolic_pymc.relations.matrix_edges import MATRICES
from symbolic_pymc.relations.mixing_given import CONDITIONALS, mixing_giveno, variance_giveno
from symbolic_pymc.relations.mixtures import TABLES, mixtureo
from symbolic_pymc.relations.scatters import SCATTERS
from symbolic_pymc.relations.special import SPECIAL
from symbolic_pymc.missing import missing_giveno
from symbolic_pymc.series import read_series
from symbolic_pymc.relation import reference_of

_MATH = re.compile(r"^\s*\.\. math::\n\n(.*?)(?=\n\s*\n|\Z)", re.MULTILINE | re.DOTALL)
_CONDITION = re.compile(r"[<>]|\\(in|neq|ge|le|pm|operatorname\{rank\})\b|rank")
_GUARD = re.compile(r"\b(Guards?:|must|fails?|refuse[sd]?|free of|proper where|is checked)\b")

ONE_WAY, BOTH_WAYS = "one way", "both ways"
EXACT, APPROXIMATE = "exact", "approximate: equal in a limit"

# Which way the relations of a group go, where the docstring of one says nothing else
DIRECTIONS = {
    "Arc reversals": f"{ONE_WAY}: a model becomes that of its posterior, or of its data alone",
    "Conjugate pairs": f"{ONE_WAY}: a model becomes that of its posterior, or of its data alone",
    "Mixtures": f"{ONE_WAY}: a mixing variable comes in; `marginalize_graph` takes it out where that law has a name",
    "Location and scale": BOTH_WAYS,
    "Other forms": BOTH_WAYS,
    "Time series": f"{ONE_WAY}: a chain becomes what is written of it",
    "Algebra of random variables": f"{ONE_WAY}: an expression becomes its law",
    "Special cases": f"{ONE_WAY}: a law becomes its other name",
    "Limits": f"{ONE_WAY}: a law becomes its limit, when that is asked for",
    "Proximal operators": f"{ONE_WAY}: a penalty becomes its operator",
}
_ARCS = (
    "no other way leads from the variable to the data; neither has a transform of its own or a `total_size`; the data "
    "are nothing random"
)
_DRAWS = "the variable is not observed, and has no transform of its own and no `total_size`"
# What drivers see to before they ask a relation of a group
GUARDS = {
    "Arc reversals": _ARCS,
    "Conjugate pairs": f"{_ARCS}; the variable stands in no other parameter of them",
    "Location and scale": _DRAWS,
    "Other forms": _DRAWS,
    "Limits": "the distance of the laws, bounded by a number that is a constant, is no larger than what is asked for",
    "Algebra of random variables": "the variables are independent: a variable stands in an expression once",
    "Proximal operators": "the step is positive; weights are known to be; all of the unknown is in the penalty",
}


@dataclass(frozen=True)
class Entry:
    """One relation.

    Parameters
    ----------
    name : str
        Of the function that states it, and for a row of a table of what the row is for; no two have the same.
    group : str
    statement : str
        LaTeX.
    reference : str
    text : str
        The docstring.
    is_approximate : bool
    """

    name: str
    group: str
    statement: str
    reference: str
    text: str = ""
    is_approximate: bool = False

    @property
    def exactness(self):
        """Whether both sides are equal, or only in a limit."""
        return APPROXIMATE if self.is_approximate else EXACT

    @property
    def direction(self):
        """Which way the relation goes."""
        if re.search("one[- ]way", self.text, re.IGNORECASE):
            return ONE_WAY
        return BOTH_WAYS if "both ways" in self.text else DIRECTIONS.get(self.group, ONE_WAY)

    @property
    def guards(self):
        """What must hold: the conditions among the premises, what the docstring says of guards, and the group's."""
        found = [f"${x}$" for x in premises(self.statement) if r"\sim" not in x and _CONDITION.search(x)]
        prose = " ".join(_MATH.sub("", cleandoc(self.text)).partition("Reference:")[0].split())
        found += [x for x in re.split(r"(?<=[.;])\s+(?=[A-Z:`])", as_markdown(prose)) if _GUARD.search(x)]
        return (*found, *([GUARDS[self.group]] if self.group in GUARDS else []))

    def markdown(self):
        """Return the section of a page on it."""
        reference = f"\n{self.reference}.\n" if self.reference else ""
        return f"\n### {self.name}\n\n$$\n{self.statement}\n$$\n{reference}"


def premises(statement):
    """Return the parts of what stands above the first line of an inference rule."""
    _, line, rest = statement.partition(r"\frac{")
    depth, end = 1, 0
    while line and depth:
        depth += {"{": 1, "}": -1}.get(rest[end], 0)
        end += 1
    parts = re.split(r"\\qquad|\\quad|,\\;", rest[: end - 1] if line else "")
    return [part.strip(" ,") for part in parts if part.strip(" ,")]


def as_markdown(text):
    """Return reStructuredText of a docstring as Markdown."""
    return re.sub(r":math:`([^`]*)`", r"$\1$", text).replace("``", "`")


def catalogue():
    """Return the `Entry` of every relation, group by group, as a tuple."""
    return (*_reversals(), *_kernels(), *_mixtures(), *_reparameterisations(), *_series(), *_algebra(), *_proximal())


def entry(relation, group):
    """Return the `Entry` of a relation: its name and its docstring's first formula and reference."""
    found = _MATH.search(relation.__doc__ or "")
    statement = " ".join(found[1].split()) if found else ""
    return Entry(relation.__name__, group, statement, *_sources(relation))


def _sources(relation):
    """Return the reference and the docstring of a relation."""
    return reference_of(relation), relation.__doc__ or ""


def _reversals():
    modules = (
        conjugates, chains, matrix_conjugates, flats, bounded_edges, endpoint_edges, count_edges, angle_edges,
        threshold_edges, matrixnormal_edges, truncated_edges, uniform_edges,
        laplace_edges, gig_edges,
    )  # fmt: skip
    found = (f for module in modules for name, f in vars(module).items() if name.endswith("reversalo"))
    others = (
        log_edges.lognormal_observedo, hurdle_edges.hurdle_observedo, missing_giveno, enumeration.enumerate_values,
        enumeration.reverse_values,
    )  # fmt: skip
    for relation in (*found, *others):
        yield entry(relation, "Arc reversals")


def _kernels():
    """Yield an entry for every pair of a conjugate family and a likelihood."""
    for kernels, families in ((RATES, ("gamma", "inversegamma")), (CHANCES, ("beta",)), (SIMPLEXES, ("dirichlet",))):
        for family in families:
            for (likelihood, parameter), row in kernels.items():
                name = f"{family}, {likelihood} ({parameter})"
                relation = _RELATIONS[family]
                yield Entry(name, "Conjugate pairs", _pair(family, row.statement), *_sources(relation))
    for (prior, likelihood, parameter), row in COUNTS.items():
        law, given, rest, seen = row.statement
        statement = (
            rf"\frac{{N \sim {law} \qquad y \mid N \sim {given}}}{{N - y \mid y \sim {rest} \qquad y \sim {seen}}}"
        )
        sources = _sources(count_edges.thinned_count_reversalo)
        yield Entry(f"{prior}, {likelihood} ({parameter})", "Conjugate pairs", statement, *sources)
    for family, (relation, power) in MATRICES.items():
        for (likelihood, parameter), row in SCATTERS.items():
            name = f"{family}, {likelihood} ({parameter})"
            yield Entry(name, "Conjugate pairs", _matrix_pair(power, row.statement), *_sources(relation))


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
        "gamma": (
            r"\Gamma(\alpha, \beta)",
            r"c\,\theta",
            r"\Gamma(\alpha + \textstyle\sum {0},\; \beta + \sum c\, {1})",
        ),
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
            yield Entry(f"{relation.__name__} ({name})", "Mixtures", row.statement, row.reference, relation.__doc__)
    for name, row in CONDITIONALS.items():
        given = TABLES[mixtureo][name].statement
        statement = rf"{given} \quad {row.statement}"
        yield Entry(f"mixing_giveno ({name})", "Mixtures", statement, *_sources(mixing_giveno))
    for relation in (
        variance_giveno,
        logistic_augmentation.logistic_augmentationo,
        logistic_augmentation.logistic_precision_giveno,
        logistic_augmentation.logistic_coefficients_giveno,
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
            sources = _sources(distributions.scale_loc_transform)
            yield Entry(f"scale_loc_transform ({name})", "Location and scale", statement, *sources)
    for relation in (
        partial_offsets.partial_offseto,
        linalg.coefficient_qro,
        designs.intercept_centredo,
        designs.coefficient_scaledo,
        races.exponential_raceo,
        races.gumbel_raceo,
        zero_sums.zero_sumo,
        given_blocks.given_blocko,
        kronecker.kronecker_mvnormalo,
        correlations.lkj_vineo,
        correlations.lkj_marginalo,
    ):
        yield entry(relation, "Other forms")
    for relation, table in representations.TABLES.items():
        for name, row in table.items():
            yield Entry(f"{relation.__name__} ({name})", "Other forms", row.statement, *_sources(relation))
    for name, row in GIVEN.items():
        yield Entry(f"given_sumo ({name})", "Other forms", row.statement, *_sources(given_sumo))


def _series():
    firsts = chains.gaussianchain_mvnormalo, chains.gaussianchain_observedo, chains.gaussianchain_innovationso
    higher = autoregressions.autoregression_mvnormalo, autoregressions.autoregression_observedo
    for relation in (read_series, *firsts, markov.markovchain_given, *higher):
        yield entry(relation, "Time series")


def _algebra():
    for relation in FACTS:
        yield entry(relation, "Algebra of random variables")
    for relation in SPECIAL:
        yield entry(relation, "Special cases")
    for relation in OTHERS:
        yield entry(relation, "Special cases")
    for name, row in CASES.items():
        yield Entry(name, "Special cases", row.statement, "")
    for relation in LIMITS:
        yield replace(entry(relation, "Limits"), is_approximate=True)


def _proximal():
    """Yield the relations of penalties, and an entry for every known function of whole arrays."""
    yield entry(proxo, "Proximal operators")
    yield entry(conjugateo, "Proximal operators")
    for name, row in BLOCKS.items():
        statement = rf"\frac{{\phi(x) = {row.statement}}}{{\operatorname{{prox}}_\phi(z) = {row.solution}}}"
        yield Entry(f"proxo ({name})", "Proximal operators", statement, row.source)
