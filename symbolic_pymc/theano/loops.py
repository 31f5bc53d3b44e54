"""What a `theano.scan` draws step by step, as a `Transition`."""

from theano.tensor.subtensor import IncSubtensor

from symbolic_pymc.errors import ModelGraphError
from symbolic_pymc.relations.edge import NotReversible
from symbolic_pymc.theano.known import op_of
from symbolic_pymc.theano.rebuild import roots_of
from symbolic_pymc.theano.scans import is_random_scan, take_apart, without_initial
from symbolic_pymc.transitions import Transition


def transition_of(rv):
    """Return the `Transition` by which a Scan draws what it returns, or None.

    Raises
    ------
    NotReversible
        For a Scan in which a step depends on more than the number before it, or draws anything else.
    """
    output, n_initial = without_initial(rv) or (None, None)
    if output is None or not is_random_scan(output.owner):
        return None
    try:
        scan = take_apart(output.owner)
    except ModelGraphError as reason:
        raise NotReversible(str(reason)) from None
    states = scan.drawn + scan.others
    if len(states) != 1 or states[0].outer is not output:
        raise NotReversible(f"the loop of {rv.name} returns other numbers, too; a chain is all that a loop returns")
    return _transition(scan.args, states[0], rv.name)


def _transition(args, state, name):
    if state.taps != (-1,):
        raise NotReversible(f"a step of {name} depends on several numbers before it; a chain, on one")
    used = set(roots_of([state.inner], ()))
    fixed = zip(args.inner_in_non_seqs, args.outer_in_non_seqs)
    moving = zip(args.inner_in_seqs, args.outer_in_seqs)
    fixed, moving = (tuple(pair for pair in pairs if pair[0] in used) for pairs in (fixed, moving))
    (previous,) = state.inputs
    return Transition(state.inner, previous, _first_of(state.buffer), False, args.n_steps, fixed, moving)


def _first_of(buffer):
    """Return the number that a buffer for all steps was begun with."""
    first = buffer.owner.inputs[1] if isinstance(op_of(buffer), IncSubtensor) else buffer[0]
    while type(op_of(first)).__name__ in ("DimShuffle", "Rebroadcast"):
        first = first.owner.inputs[0]
    return first
