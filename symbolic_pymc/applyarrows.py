"""The two arrows between the variables and Apply nodes of a backend and their records."""

from weakref import WeakKeyDictionary

import numpy as np

from symbolic_pymc.applygraph import ApplyOp, draws, note_of
from symbolic_pymc.meta import build_context, known_records, lower, metatize, remember, settle
from symbolic_pymc.records import Draw, Info, MetaOp, Ref
from symbolic_pymc.unify import PLAIN, BoundOp, adopt, is_lvar, order_methods

_settled = WeakKeyDictionary()  # logic variable -> what it became when it was left unknown


# Base to record ------------------------------------------------------------------------------------------------


def _metatize_variable(g, root, memo):
    memo = known_records() if memo is None else memo
    stack = [root]
    while stack:
        v = stack[-1]
        if v in memo:
            stack.pop()
            continue
        node = v.owner
        if node is None:
            memo[v] = _leaf(g, v)
            continue
        pending = [i for i in node.inputs if i not in memo]
        if pending:
            stack.extend(pending)
            continue
        rands = _in_record_order(g, node, tuple([memo[i] for i in node.inputs]))
        memo[v] = record = g.meta_variable(g.meta_op(node.op), rands, _info_of(g, v))
        remember(record, v)
    return memo[root]


def _metatize_apply(g, node, memo):
    memo = known_records() if memo is None else memo
    rands = _in_record_order(g, node, tuple(_metatize_variable(g, i, memo) for i in node.inputs))
    record = g.meta_apply(g.meta_op(node.op), rands, _info_of_node(g, node))
    remember(record, node)
    return record


def _metatize_graph(g, graph, memo):
    memo = known_records() if memo is None else memo
    outputs = tuple(_metatize_variable(g, v, memo) for v in graph.outputs)
    record = g.meta_graph(_head_of_graph(g, graph, memo), outputs, PLAIN)
    remember(record, graph)
    return record


def _head_of_graph(g, graph, memo):
    attributes = Ref(getattr(graph, "coords", None)), getattr(graph, "model_name", "")
    return g.meta_graph_op(attributes, tuple(_metatize_variable(g, v, memo) for v in graph.inputs))


def _in_record_order(g, node, inputs):
    return g.rv_to_record(inputs) if g.is_random(node.op) else inputs


def _info_of(g, v):
    draw, note = _draw_of(g, v.owner), note_of(v)
    plain = draw is None and note is None and v.name is None and v.index == 0
    return PLAIN if plain else Info(v.index, v.name, draw, note)


def _info_of_node(g, node):
    return Info(None, None, _draw_of(g, node), None)


def _leaf(g, v):
    if isinstance(v, g.array_constants):
        data = np.asarray(v.data)
        record = g.meta_constant(g.meta_type(v.type), data.shape, data.tobytes())
        remember(record, v)
        return record
    return g.meta_input(Ref(v))


def _draw_of(g, node):
    """Return the identity of the draw that `node` makes, or None when it makes none."""
    if not any(isinstance(i.type, g.generator_types) for i in node.inputs):
        return None
    if node not in draws:
        draws[node] = Ref(Draw())
    return draws[node]


# What kanren sees of a base object: the operator of its record, and its own arguments, in the order of the record


def _parts_of_variable(g, v):
    if v.owner is None:
        return None
    info, op = _info_of(g, v), g.meta_op(v.owner.op)
    return (op if info is PLAIN else BoundOp(op, info), *_in_record_order(g, v.owner, tuple(v.owner.inputs)))


def _parts_of_node(g, node):
    return (BoundOp(g.meta_op(node.op), _info_of_node(g, node)), *_in_record_order(g, node, tuple(node.inputs)))


def _parts_of_graph(g, graph):
    return (_head_of_graph(g, graph, {}), *graph.outputs)


# Record to base ------------------------------------------------------------------------------------------------


def _lower_term(term, *args):
    return term.rator.build(term, args)


def _lower_graph(g, record, outputs):
    coords, model_name = record.rator.op
    inputs = [i.reify() for i in record.rator.inputs]
    known = set(inputs)
    inputs += [v for v in g.graph_inputs(outputs) if v not in known and not isinstance(v, g.constant)]
    return g.graph(inputs, outputs, coords=coords.obj, model_name=model_name)


def _settle_term(term):
    """Give what was left unknown about a term its default; equal unknowns become equal things."""
    rator = term.rator
    if term.ground or not isinstance(rator, MetaOp):
        return term
    g, rands = rator.backend, term.rands
    random = isinstance(rator, ApplyOp) and g.is_random(rator.op)
    if random:
        n = len(rator.op.ndims_params)
        rest = zip(rands[n:], g.rv_defaults)
        rands = rands[:n] + tuple(_default(x, lambda f=f: f(rator.op)) if is_lvar(x) else x for x, f in rest)
    info = term.info
    if is_lvar(info):
        info = Info(*(_default_of(info, field, rator) for field in Info.fields))
    else:
        info = Info(*(_default_of(v, f, rator) if is_lvar(v) else v for f, v in zip(Info.fields, info.values)))
    return term.replace(rands=rands, info=info)


def _default_of(unknown, field, rator):
    if field == "draw" and isinstance(rator, ApplyOp) and rator.backend.is_random(rator.op):
        return _default(unknown, lambda: Ref(Draw()))
    if field == "index":
        return rator.default_index if isinstance(rator, ApplyOp) else 0
    return None


def _default(unknown, make):
    if unknown not in _settled:
        _settled[unknown] = make()
    return _settled[unknown]


# A backend enrols ----------------------------------------------------------------------------------------------


def register(g):
    """Connect the base types of a backend with its record types."""
    metatize.register(g.variable, lambda x, memo=None: _metatize_variable(g, x, memo))
    metatize.register(g.op, lambda x, memo=None: g.meta_op(x))
    metatize.register(g.type, lambda x, memo=None: g.meta_type(x))
    metatize.register(g.apply, lambda x, memo=None: _metatize_apply(g, x, memo))
    metatize.register(g.base_graph, lambda x, memo=None: _metatize_graph(g, x, memo))
    lower.register(g.meta_op, lambda x: x.op)
    lower.register(g.meta_type, lambda x: x.type)
    lower.register(g.meta_input, lambda x: x.ref.obj)
    lower.register(g.meta_constant, lambda x: g.make_constant(x.type.type, x.value))
    lower.register(g.meta_variable, _lower_term)
    lower.register(g.meta_apply, lambda x, *args: x.rator.node(x, args))
    lower.register(g.meta_graph, lambda x, *outputs: _lower_graph(g, x, outputs))
    for record in (g.meta_variable, g.meta_apply, g.meta_graph):
        build_context.register(record, lambda x: g.build_context())
    settle.register(g.meta_variable, _settle_term)
    adopt(g.variable, lambda x: _parts_of_variable(g, x))
    adopt(g.apply, lambda x: _parts_of_node(g, x))
    adopt(g.base_graph, lambda x: _parts_of_graph(g, x))
    adopt(g.op, None)
    adopt(g.type, None)
    order_methods()
