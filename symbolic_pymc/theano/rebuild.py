"""Rebuilding Theano graphs over new variables, one visit per node."""

from theano.graph.basic import Constant
from theano.graph.op import compute_test_value

from symbolic_pymc.errors import ModelGraphError


def owner_inputs(variable):
    """Return what a variable is computed from; nothing for a root."""
    return variable.owner.inputs if variable.owner is not None else []


def fill(memo, roots, build, dependencies=owner_inputs):
    """Extend `memo` to the `roots`, dependencies first, without recursion.

    Parameters
    ----------
    memo : dict
        What is known already; ``build(v)`` may read in it the entry of every dependency of `v`.
    roots : iterable of Variable
    build : callable
        Called once per variable that `memo` lacks; either returns its entry or enters it in `memo` by itself.
    dependencies : callable
        The variables that must be known before `v` is built.

    Raises
    ------
    ModelGraphError
        For a graph with a cycle.
    """
    opened = set()
    stack = list(roots)[::-1]
    while stack:
        v = stack[-1]
        if v in memo:
            stack.pop()
            continue
        missing = [d for d in dependencies(v) if d not in memo]
        if not missing:
            memo[v] = build(v)
            stack.pop()
        elif v in opened:
            raise ModelGraphError(f"{v}: the variable depends on itself; a model's graph has no cycles")
        else:
            opened.add(v)
            stack.extend(reversed(missing))


def postorder(outputs):
    """Return the variables that `outputs` depend upon, and these, each after all that it depends upon."""
    memo = {}
    fill(memo, outputs, lambda v: v)
    return list(memo)


def rebuilt(variable, memo, test_values=False):
    """Return `variable` computed from what `memo` has for its inputs; the very variable when none changed.

    With `test_values`, the test values that the outputs lack or that belong to other inputs are computed.
    """
    node = variable.owner
    if node is None:
        return variable
    inputs = [memo[v] for v in node.inputs]
    if any(new is not old for new, old in zip(inputs, node.inputs)):
        node = node.clone_with_new_inputs(inputs, strict=False)
        compute = test_values
    else:
        compute = test_values and any("test_value" not in v.tag.__dict__ for v in node.outputs)
    if compute:
        compute_test_value(node)
    memo.update(zip(variable.owner.outputs, node.outputs))
    return memo[variable]


def roots_of(variables, stop):
    """Return the distinct variables in `stop`, and roots that are no constants, behind `variables`."""
    found, seen = [], set()
    stack = list(variables)[::-1]
    while stack:
        v = stack.pop()
        if v in seen:
            continue
        seen.add(v)
        if v in stop or (v.owner is None and not isinstance(v, Constant)):
            found.append(v)
        elif v.owner is not None:
            stack.extend(reversed(v.owner.inputs))
    return found
