"""How Sphinx builds the documentation: ``make docs``."""

import logging
import sys
from pathlib import Path

import lawbook

sys.path.insert(0, str(Path(__file__).parent))  # for fit_methods and gallery/

logging.getLogger("jax").setLevel(logging.WARNING)  # Sphinx lets through what it says of itself

project = "lawbook"
author = "The lawbook developers"
copyright = "The lawbook developers"
release = version = lawbook.__version__

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinxcontrib.bibtex",
    "fit_methods",
    "gallery",
]
exclude_patterns = ["_build", "_cache", "gallery", "_templates"]
templates_path = ["_templates"]

myst_enable_extensions = ["colon_fence", "attrs_inline"]
myst_heading_anchors = 3
myst_footnote_sort = False  # references stand where the page puts them
nb_execution_mode = "off"
bibtex_bibfiles = ["../models/references.bib"]
default_role = "py:obj"
autodoc_typehints = "none"
numpydoc_show_class_members = False
# pages whose names differ in case only would overwrite each other on some disks
autosummary_filename_map = {
    f"lawbook.{name}": f"{name}_class" for name in ("Fit", "Backtest", "Average")
}

html_theme = "furo"
html_title = "lawbook"
html_math_renderer = "mathml"
html_static_path = ["_static"]
html_css_files = ["gallery.css"]
html_show_sphinx = False
html_copy_source = False
html_theme_options = {"top_of_page_buttons": []}
