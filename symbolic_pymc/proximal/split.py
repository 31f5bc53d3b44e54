r"""An objective as a smooth function plus simple ones.

.. math::

    \beta^* = \operatorname{argmin}_\beta\; l(\beta) + \sum_i \gamma_i\,\phi_i(\beta_i)

Which terms of a log density go where is decided by what they are, never by which were observed.
"""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from symbolic_pymc.errors import NoProximalOperator
from symbolic_pymc.proximal.curvature import UNKNOWN
from symbolic_pymc.proximal.formulas import latex_of, text_of
from symbolic_pymc.proximal.bounded import bounded_unknowns, positive_unknowns, without_bounds
from symbolic_pymc.proximal.pieces import Piecewise
from symbolic_pymc.proximal.readings import parts_of, shape_of
from symbolic_pymc.proximal.shapes import CONVEX, NOT_CONVEX, curvature
from symbolic_pymc.proximal.sums import has_its_elements, spread, sum_of_parts
from symbolic_pymc.relations.goals import without_unit_axes


@dataclass(frozen=True, repr=False)
class Split:
    """A smooth function plus simple ones.

    Parameters
    ----------
    objective : Objective
    smooth : tuple of Part
    penalties : dict of str to tuple of Part
        For an unknown, by name, the parts that are simple functions of it.
    functions : dict of str to Piecewise or Block
        The sum of these.
    composites : tuple of Part
        Simple functions of other affine expressions, or that are not known together with the penalty of an unknown.
    """

    objective: Any
    smooth: tuple
    penalties: dict
    functions: dict
    composites: tuple

    @property
    def curvature(self):
        """Return `CONVEX` where every part is, `NOT_CONVEX` where there is only one; another may make up for it."""
        ops = self.objective.adapter.ops
        verdicts = [p.curvature for p in (*self.smooth, *self.composites)]
        verdicts += [curvature(ops, f) if isinstance(f, Piecewise) else f.curvature for f in self.functions.values()]
        return CONVEX if set(verdicts) <= {CONVEX} else NOT_CONVEX if verdicts == [NOT_CONVEX] else UNKNOWN

    def __repr__(self):
        return text_of(self)

    def latex(self):
        """Return the sum as LaTeX."""
        return latex_of(self)

    _repr_latex_ = latex


def split_objective(objective):
    """Return the `Split` of an objective; unknowns with bounds that stand in the densities of others, on a line without.

    Those of positive numbers are so at once; those between two bounds may be at one, and are only where need be.
    What is not smooth goes to the penalty of its unknown, together with all that the same density has to say of it.

    Raises
    ------
    NoProximalOperator
        For a part that is neither smooth nor a function of one affine expression, element by element.
    """
    parts = parts_of(objective)
    entangled = [p.term for p in parts if _is_entangled(p, objective.inputs.values())]
    positive = without_bounds(objective, entangled, positive_unknowns(objective))
    try:
        return _split(positive, parts_of(positive) if positive.scales else parts)
    except NoProximalOperator:
        bounded = without_bounds(objective, entangled, bounded_unknowns(objective))
        if len(bounded.scales) == len(positive.scales):
            raise
        return _split(bounded, parts_of(bounded))


def _split(objective, parts):
    ops, names = objective.adapter.ops, {record: name for name, record in objective.inputs.items()}
    smooth, penalties, composites = [], {}, []
    for part in parts:
        part = _of_bare_number(ops, part, names)
        if part.smooth:
            smooth.append(part)
        elif part.argument in names:
            penalties.setdefault(names[part.argument], []).append(part)
        elif part.function is not None:
            composites.append(part)
        else:
            raise NoProximalOperator(_refusal(part))
    for name, parts in penalties.items():
        owners = {p.owner for p in parts}
        parts += [p for p in smooth if p.argument is objective.inputs[name] and p.owner in owners]
        smooth = [p for p in smooth if p not in parts]
    functions = {}
    for name, parts in penalties.items():
        x = objective.inputs[name]
        functions[name], own = sum_of_parts(objective.adapter, parts, x, partial(shape_of, objective, x))
        if wrong := [p for p in parts if p not in own and not has_its_elements(ops, p)]:
            raise NoProximalOperator(_refusal(wrong[0]))
        composites += [p for p in parts if p not in own]
        penalties[name] = tuple(own)
    if composites:
        smooth, composites = ([spread(ops, p) for p in parts] for parts in (smooth, composites))
    return Split(objective, tuple(smooth), penalties, functions, tuple(composites))


def _of_bare_number(ops, part, inputs):
    """Return a part of one unknown number with axes of length one as one of the number itself."""
    bare = part.argument if part.argument is None else without_unit_axes(part.argument)
    return replace(part, argument=bare) if bare in inputs and not ops.ndim(bare) else part


def _is_entangled(part, inputs):
    """Tell whether a part is no simple function: of several expressions, or of a map of the unknowns and not convex."""
    return part.function is None or part.argument not in inputs and part.curvature != CONVEX


def _refusal(part):
    return (
        f"{part.owner}: the term {part.term} is not smooth, and a function of no single affine expression; its proximal "
        "operator is not known. Write it as a function of one expression, element by element, or smooth it; eigenvalues and "
        "determinants must be those of a matrix that is symmetric, such as (X + X.T) / 2"
    )
