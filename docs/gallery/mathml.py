"""Formulas in HTML as MathML, which browsers show by themselves: no script, no font, no request."""

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.util import logging

NAME = "mathml"
LOGGER = logging.getLogger(__name__)


def register(app: Sphinx) -> None:
    """Make MathML one of the ways to show formulas."""
    app.add_html_math_renderer(NAME, (_show_inline, None), (_show_block, None))


def _show_inline(translator, node: nodes.math) -> None:
    translator.body.append(_mathml(node, as_block=False))
    raise nodes.SkipNode


def _show_block(translator, node: nodes.math_block) -> None:
    translator.body.append(f'<div class="formula">{_mathml(node, as_block=True)}</div>\n')
    raise nodes.SkipNode


def _mathml(node: nodes.Element, *, as_block: bool) -> str:
    try:
        return tex2mathml(node.astext(), as_block=as_block)
    except MathError as error:
        LOGGER.warning("formula %r: %s", node.astext(), error, location=node)
        return f"<code>{node.astext()}</code>"
