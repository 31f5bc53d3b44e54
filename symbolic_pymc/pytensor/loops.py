"""What a `pytensor.scan` draws step by step, inside of a `pm.CustomDist`, as a `Transition`."""

from dataclasses import replace

from pymc.distributions.custom import CustomSymbolicDistRV
from pytensor.graph.basic import Constant
from pytensor.scan.op import Scan
from pytensor.tensor.basic import Join, MakeVector
from pytensor.tensor.subtensor import IncSubtensor, Subtensor, get_idx_list

from symbolic_pymc.pytensor.copying import copy_graph
from symbolic_pymc.pytensor.opt import graph_inputs
from symbolic_pymc.pytensor.random_variables import is_generator
from symbolic_pymc.relations.edge import NotReversible
from symbolic_pymc.transitions import Transition

# what leaves the only element of an array as it is; PyTensor 3 has no Unbroadcast
_PASSING = ("DimShuffle", "SpecifyShape", "Unbroadcast")


def transition_of(rv):
    """Return the `Transition` by which a Scan inside of a custom distribution draws a variable, or None.

    Raises
    ------
    NotReversible
        For a Scan in which a step depends on more than the number before it.
    """
    if not isinstance(_op_of(rv), CustomSymbolicDistRV):
        return None
    series = _inlined(rv)
    front, rest = _front_of(series)
    output = _without_initial(rest)
    if output is None:
        return None
    loop = _transition(output, rv.name)
    if front is not None and front is not loop.first:
        raise NotReversible(f"{rv.name} begins with another number than its loop does; begin both with the same draw")
    return loop if front is None else replace(loop, includes_first=True)


def _op_of(variable):
    return variable.owner and variable.owner.op


def _inlined(rv):
    """Return what a custom distribution draws, as a graph of its parameters."""
    return _copied(rv.owner.op, rv.owner.op.inner_outputs[rv.index], rv.owner.inputs)


def _copied(op, output, inputs):
    """Return an output of the inner graph of an Op over other inputs, none of its nodes shared."""
    memo = dict(zip(op.inner_inputs, inputs))
    copy_graph([output], memo, lambda node, new: node.op.make_node(*new).outputs)
    return memo.get(output, output)


def _front_of(series):
    """Return the number that a series was put behind, or None, and the rest of it."""
    if not isinstance(_op_of(series), Join):
        return None, series
    parts = [v for v in series.owner.inputs if v.ndim == 1]  # since PyTensor 3 the axis is no argument
    return (_number(parts[0]), parts[1]) if len(parts) == 2 else (None, series)


def _number(x):
    """Return the number that is the only element of `x`, from where it was made an array."""
    while type(_op_of(x)).__name__ in _PASSING or (isinstance(_op_of(x), MakeVector) and len(x.owner.inputs) == 1):
        x = x.owner.inputs[0]
    return x


def _without_initial(series):
    """Return the output of a Scan of which a series is all that the steps made, or None."""
    if not isinstance(_op_of(series), Subtensor):
        return None
    output = series.owner.inputs[0]
    index = get_idx_list(series.owner.inputs, series.owner.op.idx_list)
    is_tail = len(index) == 1 and isinstance(index[0], slice) and index[0].stop is None and index[0].step is None
    if not is_tail or not isinstance(_op_of(output), Scan):
        return None
    has_one = output in output.owner.op.outer_sitsot_outs(output.owner.outputs)
    return output if not has_one or _is_one(index[0].start) else None


def _is_one(start):
    return start == 1 if isinstance(start, int) else isinstance(start, Constant) and int(start.data) == 1


def _transition(output, name):
    """Return the `Transition` of an output of a Scan, behind its first number."""
    node, op = output.owner, output.owner.op
    inner, outer = [v.type() for v in op.inner_inputs], node.inputs
    if op.info.as_while:
        raise NotReversible(f"the loop of {name} stops by a condition; give it n_steps")
    if output not in op.outer_sitsot_outs(node.outputs):
        raise NotReversible(f"a step of {name} depends on several numbers before it; a chain, on one")
    i = op.outer_sitsot_outs(node.outputs).index(output)
    step, previous = _copied(op, op.inner_sitsot_outs(op.inner_outputs)[i], inner), op.inner_sitsot(inner)[i]
    fixed = zip(op.inner_non_seqs(inner), op.outer_non_seqs(outer))
    moving = zip(op.inner_seqs(inner), op.outer_seqs(outer))
    used = set(graph_inputs([step]))
    fixed, moving = (tuple(pair for pair in pairs if pair[0] in used) for pairs in (fixed, moving))
    known = {previous, *(place for place, _ in (*fixed, *moving))}
    if any(not (v in known or is_generator(v) or isinstance(v, Constant)) for v in used):
        raise NotReversible(f"a step of {name} depends on something else that runs through the loop")
    first = _first_of(op.outer_sitsot(outer)[i])
    return Transition(step, previous, first, False, node.inputs[0], fixed, moving)


def _first_of(buffer):
    """Return the number that a buffer for all steps was begun with."""
    if isinstance(_op_of(buffer), IncSubtensor) and buffer.owner.op.set_instead_of_inc:
        return _number(buffer.owner.inputs[1])
    return buffer[0]
