"""Small errors in the source of a module of relations, and functions that exist already made to have them."""

import ast
import gc
import random
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType

ROOT = Path(__file__).parent.parent
SEED = 20261121

# Mutations -----------------------------------------------------------------------------------------------------

SWAPS = {
    "add": "sub",
    "sub": "add",
    "mul": "true_div",
    "true_div": "mul",
    "sqrt": "sqr",
    "sqr": "sqrt",
    "exp": "log",
    "log": "exp",
    "minimum": "maximum",
    "maximum": "minimum",
}
BINARY = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
TERMS = {"add": (0, 1), "sub": (0,), "mul": (0, 1), "true_div": (0,)}  # which arguments may be left alone
WRAPPERS = {"neg", "sqrt", "sqr", "reciprocal", "exp", "log", "log1p", "expm1", "abs", "transpose", "inverse"}
COMMUTATIVE = {"add", "mul", "maximum", "minimum"}


def word(node):
    """Return the name of the operation that a call of the vocabulary means, or None."""
    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    return node.func.attr if called and ast.unparse(node.func.value) in ("ops", "self.ops") else None


def arguments(node):
    """Return the arguments of which two may be exchanged."""
    if word(node):
        return node.args if word(node) not in COMMUTATIVE else []
    is_law = isinstance(node, ast.Call) and ast.unparse(node.func) == "law"
    return node.args[2:] if is_law else []


def kept(node, i):
    """Return the expression of one argument; the others are evaluated too, for the variables of a closure."""
    order = [node.args[i], *node.args[:i], *node.args[i + 1 :]]
    return ast.Subscript(ast.Tuple(order, ast.Load()), ast.Constant(0), ast.Load())


def _renamed(node):
    if word(node) in SWAPS:
        yield ast.Call(ast.Attribute(node.func.value, SWAPS[word(node)], ast.Load()), node.args, node.keywords)
    if isinstance(node, ast.BinOp) and type(node.op) in BINARY:
        yield ast.BinOp(node.left, BINARY[type(node.op)](), node.right)


def _dropped(node):
    if word(node) in TERMS and len(node.args) == 2:
        yield from (kept(node, i) for i in TERMS[word(node)])
    if word(node) in WRAPPERS:
        yield kept(node, 0)


def _exchanged(node):
    own = arguments(node)
    for i in range(len(own) - 1):
        if ast.dump(own[i]) != ast.dump(own[i + 1]) and not any(isinstance(x, ast.Starred) for x in own[i : i + 2]):
            j = node.args.index(own[i])
            args = [*node.args[:j], node.args[j + 1], node.args[j], *node.args[j + 2 :]]
            yield ast.Call(node.func, args, node.keywords)


def _changed(node):
    if word(node) == "constant" and isinstance(node.args[0], (ast.Constant, ast.UnaryOp)):
        yield ast.Call(node.func, [ast.BinOp(node.args[0], ast.Add(), ast.Constant(1.0))], node.keywords)


KINDS = {"operation": _renamed, "term": _dropped, "exchange": _exchanged, "constant": _changed}


@dataclass(frozen=True)
class Mutant:
    """One node of a module's syntax tree, by its number, replaced by another."""

    module: str
    function: str
    kind: str
    number: int
    before: str
    after: str
    line: int
    node: ast.AST

    def __str__(self):
        return f"{self.module}.{self.function}: {self.before} -> {self.after}"


def path_of(module):
    return ROOT / "symbolic_pymc" / "relations" / f"{module}.py"


def mutants_of(module):
    """Return every mutant of the functions of a module, those with the same text before and after once."""
    found = {}
    nodes = list(ast.walk(ast.parse(path_of(module).read_text())))
    owners = {}
    for top in nodes[0].body:
        owners |= {id(node): getattr(top, "name", "table") for node in ast.walk(top)}
    inside = {id(x) for f in nodes if isinstance(f, (ast.FunctionDef, ast.Lambda)) for x in ast.walk(f) if x is not f}
    for number, node in enumerate(nodes):
        for kind, mutate in KINDS.items():
            for new in mutate(node) if id(node) in inside else ():
                texts = ast.unparse(node), ast.unparse(new.value.elts[0] if kind == "term" else new)
                mutant = Mutant(module, owners[id(node)], kind, number, *texts, node.lineno, new)
                found.setdefault((mutant.function, *texts, node.lineno), mutant)
    return list(found.values())


def sample(mutants, size, seed=SEED):
    """Return at most `size` mutants, evenly from every function."""
    rng = random.Random(seed)
    shuffled = rng.sample(mutants, len(mutants))
    turn, order = Counter(), []
    for mutant in shuffled:
        order.append((turn[mutant.function], mutant))
        turn[mutant.function] += 1
    return [mutant for _, mutant in sorted(order, key=lambda pair: pair[0])[:size]]


# Code in memory ------------------------------------------------------------------------------------------------


def codes(code, path=()):
    """Return every code object in another one, by where it stands."""
    own = {path: code}
    for i, inner in enumerate(c for c in code.co_consts if isinstance(c, CodeType)):
        own |= codes(inner, (*path, i))
    return own


def key(code):
    places = getattr(code, "co_positions", code.co_lines)()  # Python 3.10 knows lines only
    return code.co_name, code.co_firstlineno, tuple(places)


def functions_of(module):
    """Return the functions that exist of every code object of a module's source, by where it stands."""
    path = str(path_of(module))
    found = {}
    for function in (x for x in gc.get_objects() if type(x) is FunctionType):  # asking a dead proxy raises
        if function.__code__.co_filename == path:
            found.setdefault(key(function.__code__), []).append(function)
    compiled = codes(compile(path_of(module).read_text(), path, "exec"))
    return {where: found.get(key(code), []) for where, code in compiled.items() if where}


class Inserted(ast.NodeTransformer):
    """Replace one node."""

    def __init__(self, old, new):
        self.old, self.new = old, new

    def visit(self, node):
        return ast.copy_location(self.new, node) if node is self.old else self.generic_visit(node)


def mutated_codes(mutant):
    """Return the code objects of a mutated module, by where they stand."""
    tree = ast.parse(path_of(mutant.module).read_text())
    old = list(ast.walk(tree))[mutant.number]
    tree = ast.fix_missing_locations(Inserted(old, deepcopy(mutant.node)).visit(tree))
    return codes(compile(tree, str(path_of(mutant.module)), "exec"))


def replace(functions, new):
    """Give all functions their code in `new`."""
    for where, own in functions.items():
        for function in own:
            function.__code__ = new[where]
