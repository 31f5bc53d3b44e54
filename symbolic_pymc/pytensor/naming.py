"""Every random variable of a model has a name, and no name stands twice."""

from pymc.distributions.distribution import SymbolicRandomVariable

from symbolic_pymc.errors import ModelGraphError
from symbolic_pymc.pytensor.copying import is_draw
from symbolic_pymc.pytensor.markers import Observed


def exposed_draws(outputs):
    """Return the draws that `outputs` depend on, and the nodes of the observed ones by what they observe.

    Components (of a mixture, say) are not looked into; neither are the values of observed variables, which draw when
    they are minibatches.
    """
    draws, observations = [], {}
    for variable, _ in _walk(outputs):
        if is_draw(variable):
            draws.append(variable)
        elif variable.owner is not None and isinstance(variable.owner.op, Observed):
            observations[variable.owner.inputs[1]] = variable.owner
    return draws, observations


def check_draws_are_named(outputs):
    """Raise ModelGraphError for a draw without a name that is no component of another random variable."""
    for variable, feeds in _walk(outputs):
        if is_draw(variable) and variable.name is None:
            raise ModelGraphError(
                f"a draw from {variable.owner.op}, which feeds {feeds}, has no name; "
                "give it one, or register it with the model under one"
            )


def _walk(outputs):
    """Yield every variable, once, with the name of what it feeds."""
    seen = set()
    stack = [(v, "an output") for v in reversed(outputs)]
    while stack:
        variable, feeds = stack.pop()
        if variable in seen:
            continue
        seen.add(variable)
        yield variable, feeds
        stack.extend((i, variable.name or feeds) for i in _parts(variable.owner))


def _parts(node):
    if node is None or isinstance(node.op, SymbolicRandomVariable):
        return ()
    return node.inputs[1:] if isinstance(node.op, Observed) else node.inputs


def check_names(variables):
    """Raise ModelGraphError for the first of some (role, variable) without a name or with one already taken."""
    taken = {}
    for role, variable in variables:
        if variable.name is None:
            raise ModelGraphError(f"{role} {variable} has no name; set its .name")
        if variable.name in taken:
            raise ModelGraphError(
                f"{variable.name}: the name of {taken[variable.name]} is also that of {role}; rename one of them"
            )
        taken[variable.name] = role
