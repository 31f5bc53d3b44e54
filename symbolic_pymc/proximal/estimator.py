"""A split objective, stated for an algorithm and compiled once, to be minimised from any start."""

from importlib.util import find_spec

from symbolic_pymc.errors import ArgumentError, NoProximalOperator
from symbolic_pymc.parts import graph_parts
from symbolic_pymc.proximal.admm import admm
from symbolic_pymc.proximal.bounded import off_line, on_line
from symbolic_pymc.proximal.combinations import Unknown
from symbolic_pymc.proximal.compiled import Layout, problem_of
from symbolic_pymc.proximal.composite import Composite
from symbolic_pymc.proximal.escape import escaped
from symbolic_pymc.proximal.linear_program import program_of, vertex
from symbolic_pymc.proximal.mapped import mapped_or_whole
from symbolic_pymc.proximal.regressions import is_large, regression_of
from symbolic_pymc.proximal.shapes import CONVEX
from symbolic_pymc.proximal.skglm import coordinate_descent
from symbolic_pymc.proximal.solvers import fista
from symbolic_pymc.proximal.starts import first_point

# how a split objective is stated for an algorithm, and the algorithm
SOLVERS = {
    "fista": (mapped_or_whole, fista),
    "admm": (Composite, admm),
    "highs": (program_of, vertex),
    "skglm": (regression_of, coordinate_descent),
}


# what those take that do not take all objectives
TAKEN = {
    "skglm": "squares, logistic losses and those of counts, of a matrix times one vector of unknowns, with a penalty "
    "that it has",
    "highs": "convex functions that are linear in pieces, of affine expressions",
}


class Estimator:
    """A split objective as an algorithm takes it.

    Parameters
    ----------
    split : Split
    zeros : dict of str to array
        Of the shapes and types of the unknowns.
    solver : str
        One of `SOLVERS`, or "auto".

    Raises
    ------
    NoProximalOperator
    ArgumentError
    """

    def __init__(self, split, zeros, solver):
        self.split, self.zeros, self.layout = split, zeros, Layout(zeros)
        self.solver, self.problem = _stated(solver, split, self.layout)

    def holds_for(self, inputs):
        """Tell whether it is one for all values of inputs that are set afterwards.

        It is none where they stand in linear maps that are computed beforehand; not all algorithms need these.
        """
        maps = [p.argument for p in (*self.split.smooth, *self.split.composites) if p.argument is not None]
        if set(inputs).isdisjoint(graph_parts(*maps)):
            return True
        if self.solver == "fista":
            self.problem = problem_of(self.split, self.layout)
        return self.solver == "fista"

    def renew(self):
        """Compute what is computed beforehand from numbers again, which are others now; tell whether that is possible."""
        split, layout, problem = self.split, self.layout, self.problem
        renewed = {
            "fista": lambda: problem.renewed(),
            "admm": lambda: problem,
            "highs": lambda: program_of(split, layout, problem.composite),
            "skglm": lambda: regression_of(split, layout, problem.problem.renewed()),
        }
        self.problem = renewed[self.solver]()
        return self.problem is not None

    def begun(self, given, initial):
        """Return the first point at which the objective is finite, as a vector: what is given, beside zeros or the initial.

        Raises
        ------
        ArgumentError
            For values that are out of their bounds.
        NotFiniteError
        """
        points = ({name: point[name] for name in self.zeros if name in point} for point in (given, initial))
        asked, begun = (on_line(self.split.objective, point) for point in points)
        return first_point(self.split, self.problem, self.layout, [self.zeros | asked, begun | asked])

    def solved(self, x, tol, limit, watch):
        """Return the `Solution` that the algorithm finds, and from which small moves do not lead to a better one."""
        solve, tol = SOLVERS[self.solver][1], max(tol, self.layout.rounding)
        solution = solve(self.problem, x, tol, limit, watch)
        if self.split.curvature == CONVEX:
            return solution
        return escaped(solve, self.problem, solution, tol, limit, watch)

    def values(self, x):
        """Return a vector as the values of the unknowns."""
        return off_line(self.split.objective, self.layout.values(x))

    def active(self, x):
        """Tell of every unknown which elements stand at no knot of a penalty."""
        return {name: ~(v > 0) for name, v in self.layout.values(self.problem.fixed(x)).items()}


def _stated(solver, split, layout):
    """Return the name of the algorithm for an objective, and the objective as that takes it.

    Raises
    ------
    NoProximalOperator
    ArgumentError
    """
    try:
        return _fitting(split, layout) if solver == "auto" else (solver, _as_taken(solver, split, layout))
    except Unknown as reason:
        raise NoProximalOperator(f"{', '.join(split.penalties) or 'the objective'}: {reason}") from None


def _fitting(split, layout):
    """Return the name of the algorithm that suits an objective, and the objective as that takes it."""
    regression = regression_of(split, layout) if is_large(split) else None
    if regression is not None:
        return "skglm", regression
    program = program_of(split, layout) if split.composites else None
    if program is not None:
        return "highs", program
    solver = "admm" if split.composites else "fista"
    return solver, SOLVERS[solver][0](split, layout)


def _as_taken(solver, split, layout):
    """Return an objective as the algorithm of a name takes it."""
    if solver == "fista" and split.composites:
        raise ArgumentError(
            "solver: 'fista' bears no function of a linear map that is not smooth, as that of "
            f"{split.composites[0].owner} is; leave the choice to 'auto', or take 'admm'"
        )
    if solver == "skglm" and find_spec("skglm") is None:
        raise ArgumentError("solver: skglm is not installed; install symbolic_pymc[skglm], or take 'fista'")
    problem = SOLVERS[solver][0](split, layout)
    if problem is None:
        raise ArgumentError(f"solver: {solver!r} takes {TAKEN[solver]}; leave the choice to 'auto'")
    return problem
