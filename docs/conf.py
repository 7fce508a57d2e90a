"""How Sphinx builds the documentation: ``make docs``.

``LAWBOOK_DOCS_GALLERY=0 make docs`` leaves out the pages of laws and the worked comparisons, for
those who write other pages: the first build of the gallery fits every law. Links to what is left
out then lead nowhere, without a warning.
"""

import logging
import os
import sys
from pathlib import Path

import lawbook

sys.path.insert(0, str(Path(__file__).parent))  # for fit_methods, gallery/ and rooms

import headlines
import rooms

GALLERY = os.environ.get("LAWBOOK_DOCS_GALLERY", "1") != "0"
# Sphinx lets through what libraries say of themselves
for library in ("arviz", "jax", "pytensor", "traitlets"):
    logging.getLogger(library).setLevel(logging.WARNING)

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
    *(["gallery"] if GALLERY else []),
]
exclude_patterns = ["_build", "_cache", "_headlines", "_rooms", "_templates", "gallery"]
if not GALLERY:
    exclude_patterns += ["laws", "comparisons", "comparisons.md"]
    suppress_warnings = ["toc.excluded", "toc.not_readable", "myst.xref_missing"]
templates_path = ["_templates"]

myst_enable_extensions = ["colon_fence", "attrs_inline"]
myst_heading_anchors = 3
myst_footnote_sort = False  # references stand where the page puts them
# every other page with code runs when it is built; the comparisons hold what one run printed
nb_execution_mode = "force"
nb_execution_excludepatterns = ["comparisons/*"]
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_execution_in_temp = True  # pages write files
nb_output_stderr = "remove"  # warnings of libraries, which differ from machine to machine
bibtex_bibfiles = ["../models/references.bib"]
default_role = "py:obj"
autodoc_typehints = "none"
numpydoc_show_class_members = False
# pages whose names differ in case only would overwrite each other on some disks
autosummary_filename_map = {f"lawbook.{name}": f"{name}_class" for name in ("Fit", "Backtest")}

html_theme = "furo"
html_title = "lawbook"
html_math_renderer = "mathml"
html_static_path = ["_static"]
html_css_files = ["gallery.css"]
html_show_sphinx = False
html_copy_source = False
html_theme_options = {"top_of_page_buttons": []}


def setup(app) -> None:
    """Draw the rooms, ask for headlines, and without the gallery show formulas all the same."""
    app.connect("builder-inited", lambda app: (rooms.write(), headlines.write()))
    if not GALLERY:
        from gallery.mathml import register

        register(app)
