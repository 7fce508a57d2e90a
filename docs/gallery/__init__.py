"""The documentation's own extension of Sphinx: pages of laws, and formulas as MathML."""

from typing import Any


def setup(app) -> dict[str, Any]:
    """Tell Sphinx what this extension does."""
    from sphinx.util import logging

    from gallery.mathml import register
    from gallery.pages import write_gallery

    def write_pages(app) -> None:
        write_gallery(lambda name: logging.getLogger(__name__).info("law page: %s", name))

    register(app)
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
