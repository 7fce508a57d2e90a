"""The documentation's own extension of Sphinx: pages of laws, and formulas as MathML."""

from typing import Any


def setup(app) -> dict[str, Any]:
    """Tell Sphinx what this extension does."""
    from gallery.build import write_gallery
    from gallery.mathml import register

    register(app)
    app.connect("builder-inited", write_gallery)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
