"""Random variables that a Scan draws: the Scan taken apart, and the Scan of their log densities."""

from itertools import repeat
from typing import NamedTuple

import theano
import theano.tensor as tt
from theano.graph.basic import Constant, Variable
from theano.scan.op import Scan
from theano.scan.utils import scan_args
from theano.tensor.random.op import RandomVariable
from theano.tensor.random.type import RandomStateType
from theano.tensor.subtensor import Subtensor, get_idx_list

from symbolic_pymc.errors import ModelGraphError
from symbolic_pymc.theano.rebuild import postorder, roots_of


class State(NamedTuple):
    """What a Scan computes once per step.

    outer : the variable of all steps, behind `n_initial` initial ones
    inner : the variable of one step
    inputs, taps : the variables of earlier steps in the inner graph, and which steps these are (-1, ...)
    buffer : the variable of the initial steps and room for all others; None where there are none
    """

    outer: Variable
    inner: Variable
    inputs: tuple
    taps: tuple
    buffer: Variable | None

    @property
    def n_initial(self):
        """How many steps come before the first one."""
        return -min(self.taps, default=0)


class RandomScan(NamedTuple):
    """A Scan that draws.

    args : its inputs and outputs, sorted by what they do; drawn : the `State` of each random variable;
    others : all other `State`s
    """

    args: scan_args
    drawn: tuple
    others: tuple


def is_random(variable):
    """Tell whether a variable is what a RandomVariable draws."""
    node = variable.owner
    return node is not None and isinstance(node.op, RandomVariable) and variable is node.outputs[1]


def is_random_scan(node):
    """Tell whether a node is a Scan that draws."""
    return node is not None and isinstance(node.op, Scan) and any(map(_is_generator, node.inputs))


def take_apart(node):
    """Return the `RandomScan` of a node.

    Raises
    ------
    ModelGraphError
        For a draw that is no output of the Scan by itself, one in a Scan inside of the Scan, and a Scan of
        unknown length or one made by differentiation.
    """
    op = node.op
    name = op.info.get("name") or op
    if op.info["as_while"]:
        raise ModelGraphError(f"{name}: a Scan that draws and stops by a condition has no density; give it n_steps")
    if op.info["n_mit_mot"]:
        raise ModelGraphError(f"{name}: this Scan is the gradient of one that draws; take gradients of log densities")
    args = scan_args(node.inputs, node.outputs, op.inputs, op.outputs, op.info)
    states = _states(args)
    drawn = {}
    for v in postorder([state.inner for state in states]):
        if is_random_scan(v.owner):
            raise ModelGraphError(f"{name}: {v} is drawn in a Scan inside of the Scan; draw it in one Scan")
        if is_random(v):
            drawn[v] = next((state for state in states if state.inner is v), None)
            if drawn[v] is None:
                raise ModelGraphError(
                    f"{name}: the random variable {v} is drawn in the Scan but is no output of it; "
                    "return it from the function of the Scan"
                )
    others = tuple(state for state in states if not any(state is d for d in drawn.values()))
    return RandomScan(args, tuple(drawn.values()), others)


def _states(args):
    taps = zip(args.inner_in_mit_sot, args.mit_sot_in_slices, args.outer_in_mit_sot)
    last = zip(([v] for v in args.inner_in_sit_sot), repeat([-1]), args.outer_in_sit_sot)
    pasts = [*taps, *last, *repeat(([], [], None), len(args.outer_out_nit_sot))]
    outer = args.outer_out_mit_sot + args.outer_out_sit_sot + args.outer_out_nit_sot
    inner = args.inner_out_mit_sot + args.inner_out_sit_sot + args.inner_out_nit_sot
    return [
        State(o, i, tuple(inputs), tuple(map(int, steps)), buffer)
        for o, i, (inputs, steps, buffer) in zip(outer, inner, pasts)
    ]


def without_initial(variable):
    """Return ``(outer, n)`` for the ``outer[n:]`` that a Scan returns of its output `outer`, else None."""
    node = variable.owner
    if node is None or not isinstance(node.op, Subtensor):
        return None
    index = get_idx_list(node.inputs, node.op.idx_list)
    first = index[0].start if len(index) == 1 and isinstance(index[0], slice) else None
    if not isinstance(first, Constant) or index[0].stop is not None or index[0].step is not None:
        return None
    return node.inputs[0], int(first.data)


class ConditionalScan:
    """A Scan that draws, for given values of what it draws.

    Parameters
    ----------
    scan : RandomScan
    memo : dict of Variable to Variable
        It holds what stands for the inputs of the Scan.
    values : sequence of Variable
        The values of what is drawn, one per state, over all steps.
    expressions : callable
        ``expressions(variables, memo)`` rebuilds variables over others, extending `memo`.
    """

    def __init__(self, scan, memo, values, expressions):
        self.scan, self.memo, self.expressions = scan, memo, expressions
        self.values = [tt.cast(v, s.inner.dtype) if v.dtype != s.inner.dtype else v for v, s in zip(values, scan.drawn)]
        self.step_values = [state.inner.type() for state in scan.drawn]
        self.known = {state.inner: v for state, v in zip(scan.drawn, self.step_values)}

    def densities(self, density):
        """Return the log density of each drawn state, over all steps.

        ``density(rv, parameters, value)`` is the log density of one draw.
        """
        draws = [state.inner for state in self.scan.drawn]
        parameters = [self.expressions(draw.owner.inputs[3:], self.known) for draw in draws]
        targets = map(density, draws, parameters, self.step_values)
        return [self._run([target], [])[0] for target in targets]

    def outputs(self):
        """Return what stands for each output of the Scan but those of generators, and for its steps alone.

        Returns
        -------
        outputs, steps : dict of Variable to Variable
        """
        recurrent = [state for state in self.scan.others if state.taps]
        plain = [state for state in self.scan.others if not state.taps]
        computed = self._run([self._step(state) for state in plain], recurrent) if self.scan.others else []
        pairs = [*zip(self.scan.drawn, self.values), *zip((*plain, *recurrent), computed)]
        return {s.outer: self._with_initial(s, v) for s, v in pairs}, {s.outer: v for s, v in pairs}

    def _step(self, state):
        """Return the expression of one step of a state that is not random."""
        return self.expressions([state.inner], self.known)[0]

    def _with_initial(self, state, sequence):
        initial = self._initial(state)
        return sequence if initial is None else tt.concatenate([initial, sequence])

    def _initial(self, state):
        return self.memo[state.buffer][: state.n_initial] if state.taps else None

    def _run(self, targets, states):
        """Scan over the expressions `targets` of one step, and over `states` that are not random."""
        args = self.scan.args
        states, used = self._closure(targets, states)
        sequences, inner = self._sequences(used)
        non_sequences = [(v, outer) for v, outer in zip(args.inner_in_non_seqs, args.outer_in_non_seqs) if v in used]
        inner += [v for state in states for v in state.inputs] + [v for v, _ in non_sequences]
        outputs = [*targets, *map(self._step, states)]
        results, _ = theano.scan(
            lambda *arguments: self.expressions(outputs, dict(zip(inner, arguments))),
            sequences=sequences,
            outputs_info=[*(None for _ in targets), *map(self._information, states)],
            non_sequences=[self.memo[v] for _, v in non_sequences],
            n_steps=self.memo[args.n_steps],
            return_list=True,
        )
        return results

    def _closure(self, targets, states):
        """Return `states` with all others that `targets` or these depend upon, and the inputs used."""
        states = list(states)
        while True:
            used = set(roots_of([*targets, *map(self._step, states)], ()))
            more = [s for s in self.scan.others if s not in states and used.intersection(s.inputs)]
            if not more:
                break
            states += more
        for v in filter(_is_generator, used):
            raise ModelGraphError(f"the generator {v} serves an Op of the Scan that is no RandomVariable; draw by one")
        return states, used

    def _sequences(self, used):
        """Return the sequences that `theano.scan` must run over, and their variables in one step."""
        args = self.scan.args
        pairs = [(v, self.memo[outer]) for v, outer in zip(args.inner_in_seqs, args.outer_in_seqs) if v in used]
        sequences, inner = [outer for _, outer in pairs], [v for v, _ in pairs]
        for state, value, now in zip(self.scan.drawn, self.values, self.step_values):
            taps = [(t, v) for t, v in zip((*state.taps, 0), (*state.inputs, now)) if v in used]
            if taps:
                first = min(t for t, _ in taps)
                history = self._with_initial(state, value)[state.n_initial + first :] if first < 0 else value
                sequences.append(dict(input=history, taps=[t for t, _ in taps]))
                inner += [v for _, v in taps]
        return sequences, inner

    def _information(self, state):
        """Return what `theano.scan` must know about a state."""
        initial = self._initial(state)
        if state.taps == (-1,):
            initial = tt.patternbroadcast(initial[0], state.inputs[0].broadcastable)
        return dict(initial=initial, taps=list(state.taps))


def _is_generator(variable):
    return isinstance(variable.type, RandomStateType)
