"""Every random variable of a model has a name, and no name stands twice."""

from pymc.distributions.distribution import SymbolicRandomVariable

from symbolic_pymc.errors import ModelGraphError
from symbolic_pymc.pytensor.copying import is_draw
from symbolic_pymc.pytensor.markers import Observed


def random_variables_of(outputs):
    """Return the draws that `outputs` depend on, and the nodes of the observed ones by what they observe.

    Nameless components (of a mixture, say) are left out; so are the values of observed variables, which draw
    when they are minibatches.
    """
    draws, observations = [], {}
    for variable, _, is_inside in _walk(outputs):
        if is_draw(variable) and not (is_inside and variable.name is None):
            draws.append(variable)
        elif variable.owner is not None and isinstance(variable.owner.op, Observed):
            observations[variable.owner.inputs[1]] = variable.owner
    return draws, observations


def check_draws(outputs, is_known):
    """Raise ModelGraphError for a draw that is not known and no component of another random variable."""
    for variable, feeds, is_inside in _walk(outputs):
        if is_draw(variable) and not is_inside and not is_known(variable):
            raise ModelGraphError(
                f"a draw from {variable.owner.op}, which feeds {feeds}, has no name; "
                "give it one, or register it with the model under one"
            )


def _walk(outputs):
    """Yield every variable, once, with the name of what it feeds and if it feeds composed draws alone."""
    seen, inside = set(), []
    for stack, is_inside in (([(v, "an output") for v in reversed(outputs)], False), (inside, True)):
        while stack:
            variable, feeds = stack.pop()
            if variable in seen:
                continue
            seen.add(variable)
            yield variable, feeds, is_inside
            below = inside if _is_composed(variable) else stack
            below.extend((i, variable.name or feeds) for i in _parts(variable.owner))


def _is_composed(variable):
    return variable.owner is not None and isinstance(variable.owner.op, SymbolicRandomVariable)


def _parts(node):
    if node is None:
        return ()
    return node.inputs[1:] if isinstance(node.op, Observed) else node.inputs


def check_names(variables):
    """Raise ModelGraphError for the first of some (role, variable) without a name or with a taken one."""
    taken = {}
    for role, variable in variables:
        if variable.name is None:
            raise ModelGraphError(f"{role} {variable} has no name; set its .name")
        if variable.name in taken:
            other = taken[variable.name]
            raise ModelGraphError(f"{variable.name}: the name of {other} is also that of {role}; rename one of them")
        taken[variable.name] = role
