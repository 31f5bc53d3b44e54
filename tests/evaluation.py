"""Model graphs evaluated node by node, nothing compiled: their joint log density at a point by the laws of scipy."""

from dataclasses import dataclass, field
from importlib import import_module

import numpy as np

from symbolic_pymc.adapter import adapter_of
from tests import laws


@dataclass
class Joint:
    """What is known of a graph at one point.

    densities : from the name of a variable or potential to its log density
    values : from the name of a variable or deterministic quantity to its value
    """

    densities: dict = field(default_factory=dict)
    values: dict = field(default_factory=dict)
    hidden: set = field(default_factory=set)

    @property
    def total(self):
        return sum(self.densities.values())


class Evaluator:
    """Evaluates graphs of one backend."""

    def __init__(self, backend):
        self.backend = backend
        self.ops = adapter_of(backend.FunctionGraph(None, [backend.tensor.constant(0.0)])).ops
        self.families = {
            (type(row.op), getattr(row.op, "name", None)): (name, row.params) for name, row in self.ops.rows.items()
        }
        roles = import_module(f"symbolic_pymc.{backend.name}.markers")
        self.markers = {type(getattr(roles, name)): name for name in ("observed", "deterministic", "potential")}

    def joint(self, outputs, known, rng=None):
        """Return the `Joint` of all draws below some outputs; a draw that is not in `known` is drawn anew."""
        joint, values = Joint(), {}
        nodes = self._ordered(outputs, ())
        seen = {n.inputs[1]: n.inputs[0] for n in nodes if self.markers.get(type(n.op)) == "observed"}
        for node in nodes:
            if isinstance(node.op, self.backend.RandomVariable):
                self._draw(node, values, seen, known, rng, joint)
            else:
                self._compute(node, values, joint)
        return joint

    def value(self, variable, known):
        """Return the value of a variable, given those of some named ones."""
        joint, values = Joint(), {}
        for node in self._ordered([variable], known):
            out = self._out(node)
            if out is not variable and out.name in known:
                values[out] = np.asarray(known[out.name], dtype=out.dtype)
            else:
                self._compute(node, values, joint)
        return _value(variable, values)

    def named(self, outputs, name):
        """Return the variable of that name in a graph."""
        return next(self._out(n) for n in self._ordered(outputs, ()) if self._out(n).name == name)

    def names_below(self, variable):
        """Return the names of the draws that a variable is computed from."""
        return {v.name for v in self.backend.draws(variable) for v in [self._out(v)]}

    def _out(self, node):
        return node.outputs[1] if isinstance(node.op, self.backend.RandomVariable) else node.outputs[0]

    def _ordered(self, outputs, known):
        """Return the nodes below some outputs, parents first and data before what was seen to be them."""
        every = self.backend.nodes(*outputs) if not known else ()
        seen = {n.inputs[1].owner: n.inputs[0] for n in every if self.markers.get(type(n.op)) == "observed"}
        found, stack = {}, [v.owner for v in outputs if v.owner is not None]
        while stack:
            node = stack[-1]
            pending = [v.owner for v in self._needed(node, seen, known, outputs) if v.owner and v.owner not in found]
            if node in found or not pending:
                stack.pop()
                found[node] = None
            else:
                stack.extend(pending)
        return list(found)

    def _needed(self, node, seen, known, outputs):
        out = self._out(node)
        if out.name in known and out not in outputs:
            return ()
        return (*node.inputs, seen[node]) if node in seen else node.inputs

    def _draw(self, node, values, seen, known, rng, joint):
        out, name = node.outputs[1], node.outputs[1].name
        family, params = self.families[type(node.op), getattr(node.op, "name", None)]
        inputs = node.inputs[len(node.inputs) - len(params) :]
        parameters = dict(zip(params, (_value(v, values) for v in inputs)))
        assert name is not None and name not in joint.densities, name
        if out in seen:
            value = _value(seen[out], values)
        else:
            joint.hidden.add(name)
            value = known[name] if name in known else laws.draw(family, parameters, self._size(node, values), rng)
        values[out] = joint.values[name] = np.asarray(value, dtype=out.dtype)
        joint.densities[name] = laws.log_density(family, parameters, values[out])

    def _size(self, node, values):
        size = _value(node.inputs[1], values)
        return None if size is None or len(size) == 0 else tuple(int(n) for n in size)

    def _compute(self, node, values, joint):
        marker, inputs = self.markers.get(type(node.op)), [_value(v, values) for v in node.inputs]
        outputs = [inputs[0]] if marker else self._performed(node, inputs)
        values.update(zip(node.outputs, outputs))
        name = node.outputs[0].name
        if marker == "potential":
            joint.densities[name] = float(np.sum(outputs[0]))
        elif marker == "deterministic":
            joint.values[name] = outputs[0]

    def _performed(self, node, inputs):
        if type(node.op).__name__ in ("Scan", "OpFromGraph", "IfElse"):
            places = [v.type() for v in node.inputs]
            return self.backend.compile_plainly(places, node.clone_with_new_inputs(places).outputs)(*inputs)
        storage = [[None] for _ in node.outputs]
        prepare = getattr(node.op, "prepare_node", None)
        if prepare is not None:
            prepare(node, {}, {}, "py")
        # some Ops of Theano have parameters beside their inputs
        has_params = hasattr(node, "run_params") and getattr(node.op, "params_type", None)
        params = (node.run_params(),) if has_params else ()
        node.op.perform(node, inputs, storage, *params)
        return [cell[0] for cell in storage]


def _value(variable, values):
    if variable in values:
        return values[variable]
    if hasattr(variable, "get_value"):
        return variable.get_value(borrow=True)
    return variable.data
