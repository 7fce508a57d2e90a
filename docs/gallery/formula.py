r"""LaTeX of formulas: a syntax tree of `gallery.notation` as one would set it by hand.

Names are symbols: ``alpha_N`` becomes :math:`\alpha_N`, ``R_D_star`` :math:`R_D^*` and ``E_inf``
:math:`E_\infty`. Quotients are fractions, but for those in exponents.
"""

import ast
import re
from collections.abc import Sequence

from lawbook.wording import short

GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta kappa lambda mu nu xi rho sigma tau phi chi psi "
    "omega"
).split()
SPELT = {name: rf"\{name}" for name in GREEK} | {
    "eps": r"\epsilon",
    "epsilon": r"\varepsilon",
    "inf": r"\infty",
}
FUNCTIONS = {
    "log2": r"\log_2",
    "log10": r"\log_{10}",
    "logit": r"\operatorname{logit}",
} | {name: rf"\{name}" for name in ("log", "exp", "min", "max")}
LETTER_DIGITS = re.compile(r"([A-Za-z])(\d+)")
OPERATOR = re.compile(r"(sum|prod)_(\w)")
DIFFERENTIAL = re.compile(r"d([A-Z]|t)")


def symbol(name: str) -> str:
    r"""Return the LaTeX of a name.

    >>> print(symbol("alpha_N"), symbol("R_D_star"), symbol("shift"))
    \alpha_{N} R_{D}^{*} \mathrm{shift}
    """
    star = "^{*}" if name.endswith("_star") else ""
    head, *below = name.removesuffix("_star").rstrip("_").split("_")
    if found := LETTER_DIGITS.fullmatch(head):
        head, below = found[1], [found[2], *below]
    index = ", ".join(map(_word, below))
    return _word(head) + (f"_{{{index}}}" if index else "") + star


def latex(node: ast.expr, *, slashes: bool = False) -> str:
    """Return the LaTeX of an expression.

    Parameters
    ----------
    node
        As `gallery.notation.tree` returns it.
    slashes
        Whether to write quotients as in exponents.
    """
    match node:
        case ast.Constant(value=value):
            return _number(value)
        case ast.Name(id=name):
            if found := OPERATOR.fullmatch(name):
                return rf"\{found[1]}_{{{found[2]}}}"
            return symbol(name)
        case ast.Subscript(value=ast.Name(id=name), slice=index):
            return f"{symbol(name)}_{{{latex(index, slashes=True)}}}"
        case ast.UnaryOp(operand=operand):
            return f"-{_bracketed(operand, ast.Add, ast.Sub, slashes=slashes)}"
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return _call(name, arguments, slashes)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as sign, right=right):
            second = _bracketed(right, ast.Add, ast.Sub, ast.USub, slashes=slashes)
            word = "+" if isinstance(sign, ast.Add) else "-"
            return f"{latex(left, slashes=slashes)} {word} {second}"
        case ast.BinOp(left=base, op=ast.Pow(), right=exponent):
            return f"{_base(base, slashes)}^{{{latex(exponent, slashes=True)}}}"
        case ast.BinOp():
            return _product(node, slashes)
    raise TypeError(f"no LaTeX of {ast.dump(node)}; expected what gallery.notation.tree returns")


def _word(text: str) -> str:
    """Return a head or an index of a symbol."""
    if text in SPELT:
        return SPELT[text]
    if found := DIFFERENTIAL.fullmatch(text):
        return rf"\mathrm{{d}}{found[1]}"
    return text if len(text) == 1 or text.isdigit() else rf"\mathrm{{{text}}}"


def _number(value: float) -> str:
    if isinstance(value, int):
        return str(value)
    mantissa, _, exponent = short(value).partition("e")
    if not exponent:
        return mantissa
    return f"10^{{{exponent}}}" if mantissa == "1" else rf"{mantissa} \times 10^{{{exponent}}}"


def _call(name: str, arguments: Sequence[ast.expr], slashes: bool) -> str:
    inside = ", ".join(latex(x, slashes=slashes) for x in arguments)
    if name == "sqrt":
        return rf"\sqrt{{{inside}}}"
    if name in ("log", "log2", "log10", "logit") and _is_atom(arguments[0]):
        return rf"{FUNCTIONS[name]} \, {inside}"
    return f"{FUNCTIONS.get(name) or symbol(name)}{_in_brackets(inside)}"


def _is_atom(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):  # a value such as W(d), not another function
        return isinstance(node.func, ast.Name) and node.func.id not in (*FUNCTIONS, "sqrt")
    return isinstance(node, ast.Name | ast.Subscript | ast.Constant)


def _in_brackets(inside: str) -> str:
    tall = "\\frac" in inside or "\\sqrt" in inside or "^" in inside
    return rf"\left({inside}\right)" if tall else f"({inside})"


def _bracketed(node: ast.expr, *kinds: type, slashes: bool) -> str:
    """Return an expression, in brackets if its sign is one of some kinds."""
    inside = latex(node, slashes=slashes)
    return _in_brackets(inside) if isinstance(getattr(node, "op", None), kinds) else inside


def _base(node: ast.expr, slashes: bool) -> str:
    inside = latex(node, slashes=slashes)
    if isinstance(node, ast.Name | ast.Subscript | ast.Constant):
        return f"{{{inside}}}" if "^" in inside else inside
    return _in_brackets(inside)


def _product(node: ast.BinOp, slashes: bool) -> str:
    """Return quotients side by side, each of them all that stands up to the next sign of times."""
    groups = [([], [])]
    for sign, factor in _factors(node):
        operator = isinstance(factor, ast.Name) and OPERATOR.fullmatch(factor.id)
        if sign is ast.Mult and (groups[-1][1] or operator):
            groups.append(([], []))
        groups[-1][sign is ast.Div].append(factor)
        if operator:
            groups.append(([], []))
    groups = [(above, below) for above, below in groups if above]
    alone = len(groups) == 1
    return r" \, ".join(_quotient(above, below, slashes, alone) for above, below in groups)


def _factors(node: ast.expr) -> list[tuple[type, ast.expr]]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
        return [*_factors(node.left), (type(node.op), node.right)]
    return [(ast.Mult, node)]


def _quotient(
    above: Sequence[ast.expr], below: Sequence[ast.expr], slashes: bool, alone: bool
) -> str:
    if not below:
        return _side(above, slashes, alone)
    if not slashes:
        return rf"\frac{{{_side(above, False, True)}}}{{{_side(below, False, True)}}}"
    divisor = _side(below, True, True)
    single = len(below) == 1 and not isinstance(below[0], ast.BinOp)
    return f"{_side(above, True, False)} / {divisor if single else _in_brackets(divisor)}"


def _side(factors: Sequence[ast.expr], slashes: bool, alone: bool) -> str:
    """Return factors side by side; a sum that stands alone needs no brackets."""
    if len(factors) == 1 and alone:
        return latex(factors[0], slashes=slashes)
    said = ""
    for factor in factors:
        word = _bracketed(factor, ast.Add, ast.Sub, ast.USub, slashes=slashes)
        dot = r" \cdot " if word[0].isdigit() else r" \, "
        said += dot + word if said else word
    return said
