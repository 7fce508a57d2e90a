"""What formulas on the pages of laws come to: their syntax trees in numbers."""

import ast
import operator

import numpy as np

OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: np.power,
}
INVERSES = {"log": np.exp, "logit": lambda x: 1 / (1 + np.exp(-x))}
FUNCTIONS = {
    "exp": np.exp,
    "log": np.log,
    "log2": np.log2,
    "log10": np.log10,
    "logit": lambda share: np.log(share / (1 - share)),
    "sqrt": np.sqrt,
    "min": np.minimum,
    "max": np.maximum,
}


def value(node, known):
    """The value of an expression, given those of its symbols; ``L(N, D)`` is that of ``L``."""
    match node:
        case ast.Constant(value=number):
            return number
        case ast.Name(id=name):
            return known[name]
        case ast.UnaryOp(operand=operand):
            return -value(operand, known)
        case ast.BinOp(left=left, op=op, right=right):
            return OPERATORS[type(op)](value(left, known), value(right, known))
        case ast.Call(func=ast.Name(id=name), args=args):
            function = FUNCTIONS.get(name) or known[name]
            return function(*(value(x, known) for x in args)) if callable(function) else function
    raise AssertionError(ast.dump(node))


def sides(equations, known, response):
    """Both sides of the first equation; the others define symbols, in terms of those below."""
    first, *definitions = equations
    known = dict(known)
    for name in names(first.left) - set(known) - set(FUNCTIONS):
        known[name] = response
    for equation in reversed(definitions):
        define(equation, known)
    return value(first.left, known), value(first.right, known)


def define(equation, known):
    """Add what an equation defines: a symbol, a function or, as in ``logit q = x``, by its log."""
    match equation.left:
        case ast.Name(id=name):
            known[name] = value(equation.right, known)
        case ast.Call(func=ast.Name(id=link), args=[ast.Name(id=name)]) if link in INVERSES:
            known[name] = INVERSES[link](value(equation.right, known))
        case ast.Call(func=ast.Name(id=name), args=args):
            takes, outer = [x.id for x in args], dict(known)
            known[name] = lambda *given: value(
                equation.right, outer | dict(zip(takes, given, strict=True))
            )


def names(node):
    return {x.id for x in ast.walk(node) if isinstance(x, ast.Name)}
