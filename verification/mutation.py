"""Mutation of the relations: python -m verification.mutation [MODULE ...]

Every mutant is one small error in the definition of a relation: an operation exchanged for another, a term dropped,
two arguments exchanged, a constant changed.  It exists in memory only: a process of its own replaces the code of the
functions by that of the mutated source, and runs the tests that run this code, quickest first, until one fails.
A mutant that no test fails is a survivor; those of `EQUIVALENT` mean the same as the original.  What was found of
a module is kept, and the script writes a section of docs/verification.md of what is known of all.
"""

import ast
import os
import signal
import sys
import time
from argparse import ArgumentParser
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec

import pytest
from _pytest.runner import runtestprotocol

from verification.mutants import ROOT, functions_of, mutants_of, mutated_codes, path_of, replace, sample
from verification.mutation_page import LEVEL, keep, write

FUNCTIONS = (ast.FunctionDef, ast.Lambda)
SECONDS = 300  # of all tests of one mutant, far more than the original takes; one that takes longer is caught


def of_file(file, *names):
    """Return tests of a file."""
    return tuple(f"{file}::test_{name}" for name in names)


KERNELS = of_file(
    "relations/test_kernels.py",
    "the_law_of_a_row_is_its_kernel",
    "the_law_of_an_unknown_with_a_multiple_of_a_rate",
    "rates",
    "chances",
    "simplexes",
)
ALGEBRA = {
    kind: of_file("relations/test_algebra.py", *names)
    for kind, names in {
        "two": ("densities_of_two_variables_are_those_of_quadrature", "minima_and_products_of_counts"),
        "one": (
            "densities_of_functions_are_those_of_a_change_of_variables",
            "logistic_functions_of_logistic_and_normal_variables",
            "log_odds_of_logistic_functions",
        ),
        "names": (
            "special_members_of_families",
            "special_members_are_taken_for_what_they_are",
            "asymmetric_laws_are_turned_round_under_their_own_name",
        ),
        "symbols": (
            "equal_parameters_may_be_expressions",
            "parents_that_are_random_stay_in_the_law",
            "factors_of_known_sign_and_of_symmetric_laws",
        ),
        "arrays": ("laws_of_arrays", "as_many_elements_as_a_variable_says", "the_largest_of_several"),
        "densities": (
            "what_lies_beyond_bounds_has_the_probability_of_these",
            "a_choice_between_two_laws_is_their_mixture",
        ),
        "refused": (
            "what_has_no_known_law_is_refused",
            "repeated_elements_and_unequal_rates_in_an_array_are_refused",
        ),
    }.items()
}
EVERYTHING = sum(ALGEBRA.values(), ())
ONE, TWO, ARRAYS = (ALGEBRA[kind] for kind in ("one", "two", "arrays"))
# The tests of every module of symbolic_pymc.relations: files below tests/, or tests of them.  Tests of both backends
# run on one of them, but for those that are named here with the other one in brackets
TESTS = {
    "conjugates": ("relations/test_conjugates.py", *KERNELS, "relations/test_sticks.py"),
    "rates": (*KERNELS, "relations/test_halfflat_edges.py"),
    "kernels": (
        *KERNELS,
        "relations/test_halfflat_edges.py",
        "relations/test_kernels.py::test_rates[theano-poisson-chisquared-matrix, one each-6]",
    ),
    "kernel_edges": (*KERNELS, "relations/test_kernel_edges.py"),
    "noise": ("relations/test_noise.py",),
    "laws": ("relations/test_laws.py",),
    "normal_edges": (
        *of_file(
            "relations/test_conjugates.py",
            "every_kind_of_prior_and_likelihood",
            "a_linear_map_that_all_data_share",
            "the_law_of_one_number_without_what_is_in_its_mean",
        ),
        "test_series.py",
    ),
    "covariance_edges": ("relations/test_covariance_edges.py",),
    "bounded_edges": ("relations/test_bounded_edges.py",),
    "log_edges": ("relations/test_log_edges.py",),
    "threshold_edges": ("relations/test_threshold_edges.py",),
    "matrixnormal_edges": ("relations/test_matrixnormal_edges.py",),
    "supports": ("relations/test_supports.py",),
    "uniform_edges": ("relations/test_uniform_edges.py",),
    "laplace_edges": ("relations/test_laplace_edges.py",),
    "gig_edges": (
        "relations/test_gig_edges.py",
        "relations/test_gig_edges.py::test_posterior_and_evidence[theano-chi-squared variance]",
    ),
    "endpoint_edges": ("relations/test_endpoint_edges.py", "relations/test_pareto_start.py"),
    "count_edges": tuple(f"relations/test_{name}_counts.py" for name in ("divided", "split"))
    + ("relations/test_count_edges.py",),
    "angle_edges": ("relations/test_angle_edges.py",),
    "sticks": ("relations/test_sticks.py",),
    "monomials": ("relations/test_monomials.py", "relations/test_covariance_edges.py"),
    "affine": ("relations/test_conjugates.py::test_every_form",),
    "edge": ("relations/test_conjugates.py::test_every_form",),
    "goals": ("relations/test_goals.py",),
    "hurdle_edges": ("relations/test_hurdle_edges.py",),
    "logistic_augmentation": (
        "relations/test_logistic_augmentation.py",
        *(
            f"relations/test_logistic_augmentation.py::test_the_chance_is_the_integral_over_the_precision[theano-{y}-0.3]"
            for y in (0, 1)
        ),
    ),
    "kronecker": ("relations/test_kronecker.py",),
    "links": (
        *of_file(
            "relations/test_conjugates.py",
            "every_kind_of_prior_and_likelihood",
            "the_law_of_unknown_numbers_without_what_is_in_their_mean",
        ),
        "relations/test_endpoint_edges.py",
    ),
    "flats": ("relations/test_flat_edges.py", "relations/test_halfflat_edges.py"),
    "flat_edges": ("relations/test_flat_edges.py", "relations/test_halfflat_edges.py"),
    "chains": ("test_series.py",),
    "autoregressions": ("test_series.py",),
    "markov": ("relations/test_markov.py", "test_hidden_chains.py::test_two_states_as_bernoulli_variables"),
    "matrix_conjugates": ("relations/test_matrix_edges.py",),
    "matrix_edges": ("relations/test_matrix_edges.py",),
    "matrixforms": ("relations/test_matrix_edges.py",),
    "scatters": ("relations/test_matrix_edges.py",),
    "distributions": ("relations/test_distributions.py", "test_series.py"),
    "partial_offsets": ("relations/test_partial_offsets.py",),
    "representations": ("relations/test_representations.py",),
    "bases": (
        *of_file(
            "relations/test_representations.py",
            *("density_and_law", "dirichlet_as_gammas", "dirichlet_as_sticks", "beta_as_gammas", "splits"),
            *("chisquared_as_a_gamma[theano]", "matrix_normal", "wishart_by_bartlett"),
        ),
        "relations/test_cases.py::test_moyal_by_a_gamma_variable",
    ),
    "quantiles": of_file("relations/test_representations.py", "density_and_law", "quantiles_far_out"),
    "mixtures": ("relations/test_mixtures.py",),
    "mixture_rows": tuple(f"relations/test_{name}.py" for name in ("mixtures", "scale_mixtures", "zero_inflation")),
    "shape_rows": ("relations/test_mixtures.py",),
    "latent_rows": ("relations/test_mixtures.py",),
    "scale_levels": ("relations/test_scale_mixtures.py",),
    "scale_mixtures": (
        "relations/test_scale_mixtures.py",
        "relations/test_scale_mixtures.py::test_a_chi_squared_precision[theano]",
        "relations/test_laplace.py",
    ),
    "laplace": ("relations/test_laplace.py", *of_file("proximal/test_symbolic.py", "what_sympy_solves")),
    "linalg": ("relations/test_linalg.py",),
    "facts": EVERYTHING,
    "sums": TWO,
    "ratios": TWO,
    "powers": (
        *ONE,
        *(
            f"relations/test_algebra.py::test_densities_of_functions_are_those_of_a_change_of_variables[theano-{name}]"
            for name in ("sqrt beta", "sqrt beta ** 3")
        ),
    ),
    "extremes": (*TWO, *ARRAYS),
    "special": ALGEBRA["names"],
    "guards": ALGEBRA["names"],
    "totals": ARRAYS,
    "scalings": (*ONE, *ALGEBRA["symbols"], *ALGEBRA["names"]),
    "folds": (*ONE, *of_file("relations/test_algebra.py", "absolute_values_about_the_middle_have_a_name")),
    "maps": (*ONE, "relations/test_algebra.py::test_log_odds_of_logistic_functions[theano]"),
    "gaussian": (*ARRAYS, *ALGEBRA["refused"]),
    "forms": (
        *EVERYTHING,
        "relations/test_algebra.py::test_chi_squared_variables_add_their_degrees_of_freedom[theano]",
        "relations/test_algebra.py::test_densities_of_functions_are_those_of_a_change_of_variables[theano-halfnormal]",
    ),
    "linearforms": (*ONE, *TWO, *ALGEBRA["refused"]),
    "derivation": EVERYTHING,
    "densities": (*ONE, *TWO, *ARRAYS, *ALGEBRA["densities"]),
    "ranges": ("relations/test_ranges.py",),
    "arithmetic": ("relations/test_arithmetic.py", *ALGEBRA["symbols"], *ALGEBRA["names"], *ALGEBRA["refused"]),
    "atoms": EVERYTHING,
    "cases": ("relations/test_cases.py",),
    "case_rows": (
        "relations/test_cases.py",
        "relations/test_cases.py::test_moved_and_scaled_laws[theano-discreteweibull_as_geometrico]",
    ),
    "limits": ("relations/test_cases.py",),
    "designs": ("relations/test_designs.py",),
    "mixing_given": (
        "relations/test_mixing_given.py",
        "relations/test_mixing_given.py::test_law_given_the_variable[theano-halfcauchy]",
    ),
    "zero_sums": ("relations/test_zero_sums.py",),
    "components": ("relations/test_components.py",),
    "correlations": ("relations/test_correlations.py",),
    "races": ("relations/test_races.py",),
    "given_blocks": ("relations/test_given_blocks.py",),
    "given_sums": ("relations/test_given_sums.py",),
}

# Survivors that are no errors, and why
EQUIVALENT = {
    "designs._mean_of: ops.dot(_means(ops, X), beta) -> ops.dot(beta, _means(ops, X))": "an inner product",
    **{
        f"uniform_edges._raised: {error}": "the law of the data is matched with itself, and read no more"
        for error in (
            "ops.sqr(x) -> ops.sqrt(x)",
            "ops.reciprocal(x) -> x",
            "ops.sqr(x) -> x",
            "ops.reciprocal(ops.sqr(x)) -> ops.sqr(x)",
        )
    },
    "gig_edges.reverse_inverted: ops.mul(scale, likelihood.amount) -> likelihood.amount": (
        "only whether it is positive and finite is asked, and the scale is"
    ),
    "hurdle_edges.hurdle_observedo: ops.neq(before, ops.constant(0.0)) -> ops.neq(ops.constant(0.0), before)": (
        "being unequal goes both ways"
    ),
    "given_blocks._conditional: ops.add(values, ops.sub(mu_b, mu_b)) -> ops.sub(values, ops.sub(mu_b, mu_b))": (
        "zeros of the shape of the block"
    ),
    "given_blocks._by_precision: ops.dot(cov, ops.dot(_part(ops, precision, r, b), off)) "
    "-> ops.dot(ops.dot(_part(ops, precision, r, b), off), cov)": "the matrix is symmetric",
    "edge._tidy: len(x.rands) - 1 -> len(x.rands) + 1": "what is put together of its own parts is the same record",
    "affine._sum: ops.like(form.offset, inner) -> ops.like(inner, form.offset)": (
        "zeros stand in the place of the variable, and the offset is what there is then"
    ),
    "affine._matmul: ops.like(form.offset, inner) -> ops.like(inner, form.offset)": (
        "zeros stand in the place of the variable, and the offset is what there is then"
    ),
    "scale_levels.mixing_scaleo: ops.constant(0.0) -> ops.constant(0.0 + 1.0)": "a mean in which nothing is random",
    "laws._between: ops.sub(p['mu'], bound) -> ops.sub(bound, p['mu'])": "the distance of two numbers",
    "covariance_edges.Scaled: self.ops.sub(self.data, self.mean) -> self.ops.sub(self.mean, self.data)": (
        "the error is squared"
    ),
    "covariance_edges.Scaled: self.ops.dot(error, self.noise.solve(error)) "
    "-> self.ops.dot(self.noise.solve(error), error)": "an inner product",
    "scatters._residuals: ops.sub(ops.as_rows(y, y), ops.as_rows(p['mu'], y)) "
    "-> ops.sub(ops.as_rows(p['mu'], y), ops.as_rows(y, y))": "products of two residuals have the same sign",
    "rates._half_squared_error: ops.sub(y, p['mu']) -> ops.sub(p['mu'], y)": "the difference is squared",
    **{
        f"matrix_conjugates.mvnormal_rows_reversalo: {error}": "the matrix is symmetric"
        for error in (
            "ops.dot(precision, rows.total) -> ops.dot(rows.total, precision)",
            "ops.dot(prior, m) -> ops.dot(m, prior)",
            "ops.dot(C, ops.add(ops.dot(prior, m), ops.dot(precision, rows.total))) "
            "-> ops.dot(ops.add(ops.dot(prior, m), ops.dot(precision, rows.total)), C)",
        )
    },
    "flats.flat_vector_reversalo: ops.dot(C, ops.dot(Ft, noise.solve(ops.sub(contrasts.data, c)))) "
    "-> ops.dot(ops.dot(Ft, noise.solve(ops.sub(contrasts.data, c))), C)": "the matrix is symmetric",
    "facts.Facts: ops.mul(b, ops.constant(direction)) -> ops.true_div(b, ops.constant(direction))": (
        "a direction is 1 or -1"
    ),
    "facts.Over: self.ops.constant(0.0) -> self.ops.constant(0.0 + 1.0)": "only the operator is asked for",
    "gaussian._blank_operator: ops.blank(ops.constant(np.empty(0, dtype='int64')), ()) "
    "-> ops.blank((), ops.constant(np.empty(0, dtype='int64')))": "only the operator is asked for",
    "extremes.gumbel_maximumo: ops.sub(m, n) -> ops.sub(n, m)": "of an absolute value",
    "densities._affine: number(d.ops, b) * (y - offset) -> number(d.ops, b) / (y - offset)": (
        "of a discrete law, of which the factor is 1 or -1, and the reciprocal is no whole number but for 1 and -1"
    ),
    "matrix_edges.reverse_matrix: form.exponent * row.exponent -> form.exponent / row.exponent": (
        "exponents are 1 or -1"
    ),
    "scale_mixtures._integrated: ops.add(mean, variance) -> ops.sub(mean, variance)": "only its shape is asked for",
    "flats.Contrasts: ops.sub(below, ops.dot(lower, ops.add(ops.upper_rows(x, self.design), mixed))) "
    "-> ops.sub(ops.dot(lower, ops.add(ops.upper_rows(x, self.design), mixed)), below)": (
        "contrasts of the other sign are as good"
    ),
    **{
        f"laplace._refuse_what_is_no_mixture: {error}": (
            "where and how often the signs are tried is a choice; a law that passes is confirmed by quadrature"
        )
        for error in ("_ORDERS + 1 -> _ORDERS - 1", "4 * start -> 4 / start", "start / 4 -> start * 4")
    },
}

# Tests ---------------------------------------------------------------------------------------------------------


@contextmanager
def profiled(filenames):
    """Give the set of functions of some files that are called, as the file and the line where they begin."""
    called = set()

    def profile(frame, event, _):
        if event == "call" and frame.f_code.co_filename in filenames:
            called.add((frame.f_code.co_filename, frame.f_code.co_firstlineno))

    sys.setprofile(profile)
    try:
        yield called
    finally:
        sys.setprofile(None)


def passes(item, following):
    return not any(report.failed for report in runtestprotocol(item, nextitem=following, log=False))


class Harness:
    """A plugin of pytest that runs the tests of a module as they are, and then of every mutant."""

    def __init__(self, module, mutants):
        self.module, self.mutants = module, mutants
        self.survivors = []

    def pytest_collection_modifyitems(self, items):
        """Leave out the tests on the other backend that are not asked for by name: they have a twin."""
        other = "theano" if find_spec("pytensor") else "pytensor"
        asked = {f"tests/{name}" for name in TESTS[self.module]}
        items[:] = [i for i in items if i.nodeid in asked or other not in i.nodeid]

    def pytest_runtestloop(self, session):
        if session.testsfailed:
            raise session.Failed("the tests cannot be collected")
        seconds, lines = self._as_it_is(session.items)
        functions = functions_of(self.module)
        if self._caught(None, functions, session.items):
            raise SystemExit(f"the tests of {self.module} fail in a process of their own without any mutation")
        for mutant in self.mutants:
            first = self._line_of_function(mutant.line, lines)
            items = sorted((i for i in session.items if first in lines[i]), key=seconds.get)
            if not items or not self._caught(mutant, functions, items):
                self.survivors.append(mutant)
                print(f"survived {len(items)} tests, line {mutant.line}: {mutant}", flush=True)
        return True

    def _as_it_is(self, items):
        """Return the time of every test, and the lines of the functions that it calls."""
        seconds, lines, path = {}, {}, str(path_of(self.module))
        for item, following in zip(items, [*items[1:], None]):
            start = time.process_time()
            with profiled({path}) as called:
                if not passes(item, following):
                    raise SystemExit(f"{item.nodeid} fails without any mutation")
            seconds[item], lines[item] = time.process_time() - start, {line for _, line in called}
        return seconds, lines

    def _line_of_function(self, line, lines):
        """Return the line where the function around a line begins, of those that were called."""
        starts = {start for own in lines.values() for start in own}
        around = [f for f in ast.walk(ast.parse(path_of(self.module).read_text())) if isinstance(f, FUNCTIONS)]
        within = [f for f in around if f.lineno <= line <= f.end_lineno]
        begins = [min([f.lineno, *(d.lineno for d in getattr(f, "decorator_list", ()))]) for f in within]
        return max((start for start in begins if start in starts), default=None)

    def _caught(self, mutant, functions, items):
        child = os.fork()
        if child == 0:
            self._run(mutant, functions, items)
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                return status != 0
            time.sleep(0.02)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return True

    def _run(self, mutant, functions, items):
        """In a process of its own: leave with 0 if all tests pass."""
        status = 1
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.dup2(1, 2)
            if mutant:
                replace(functions, mutated_codes(mutant))
            status = 0 if all(map(passes, items, [*items[1:], None])) else 1
        finally:
            os._exit(status)


def survivors_of(module, mutants):
    """Return which mutants of a module pass its tests."""
    import_module(f"symbolic_pymc.relations.{module}")
    harness = Harness(module, mutants)
    files = [str(ROOT / "tests" / name) for name in TESTS[module]]
    options = ["-q", "-s", "-p", "no:cacheprovider", "-m", "not slow", "--rootdir", str(ROOT)]
    if pytest.main([*options, *files], plugins=[harness]) != pytest.ExitCode.OK:
        raise SystemExit(f"the tests of {module} do not run")
    return harness.survivors


def main():
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", help="of symbolic_pymc.relations; all when none is given")
    parser.add_argument("--sample", type=int, default=60, help="mutants of each module")
    options = parser.parse_args()
    for module in options.modules or TESTS:
        mutants = mutants_of(module)
        chosen = sample(mutants, options.sample)
        survivors = survivors_of(module, chosen)
        keep(module, len(mutants), len(chosen), survivors)
        print(f"{module}: {len(survivors)} of {len(chosen)} mutants survived", flush=True)
    found = write(EQUIVALENT, TESTS)
    sys.exit(0 if found >= LEVEL else f"only {found:.1%} of the mutants are caught")


if __name__ == "__main__":
    main()
