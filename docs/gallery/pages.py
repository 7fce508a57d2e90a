"""The pages of the gallery: one for each file in ``models/``, and an index of the laws."""

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gallery import tables
from gallery.fits import RUNS, Example, example
from gallery.formula import latex
from gallery.page import Page, escaped, markdown, read_page
from gallery.pictures import THEMES, draw_fan, draw_priors, style, write_picture
from lawbook.laws.citations import references
from lawbook.laws.law import DOMAINS, Law
from lawbook.writing import whole_file

DOCS = Path(__file__).resolve().parent.parent
LAWS, CACHE = DOCS / "laws", DOCS / "_cache"
PICTURES = LAWS / "pictures"
REPLICATIONS = DOCS.parent / "benchmarks" / "replications" / "results.csv"


def write_gallery(tell: Callable[[str], object]) -> None:
    """Write all pages, where Sphinx finds them; ``tell`` hears which one is under way."""
    pages = read_pages()
    PICTURES.mkdir(parents=True, exist_ok=True)
    expected = {f"{page.name}.md" for page in pages} | {"index.md"}
    for stale in LAWS.glob("*.md"):
        if stale.name not in expected:
            stale.unlink()
    _write(LAWS / "index.md", index_page(pages))
    written = (DOCS / "comparisons").glob("*.*")
    compared = sorted(path.stem for path in written if path.suffix in (".ipynb", ".md"))
    _write(DOCS / "comparisons.md", _template("comparisons.md.jinja").render(names=compared))
    for page in pages:
        tell(page.name)
        with style():
            sections = [section(law, page, example(law, CACHE)) for law in page.laws]
        _write(LAWS / f"{page.name}.md", law_page(page, sections))


def read_pages() -> list[Page]:
    """Return the pages of the book, by title."""
    folder = importlib.import_module("lawbook.models")
    names = [found.name for found in pkgutil.iter_modules(folder.__path__)]
    modules = [f"lawbook.models.{name}" for name in names if not name.startswith("_")]
    pages = [read_page(importlib.import_module(name)) for name in modules]
    return sorted(pages, key=lambda page: page.title.lower())


def law_page(page: Page, sections: Sequence[dict[str, Any]]) -> str:
    """Return the Markdown of a page."""
    lines = (DOCS.parent / "models" / f"{page.name}.py").read_text().splitlines()
    return _template("law.md.jinja").render(
        page=page,
        sections=sections,
        said=lambda text: markdown(text, page),
        symbols=[[f"{{math}}`{name}`", markdown(said, page)] for name, said in page.symbols],
        keys=keys(page),
        code_from=next(i for i, line in enumerate(lines, 1) if i > 1 and line.endswith('"""')) + 2,
    )


def section(law: Law, page: Page, found: Example) -> dict[str, Any]:
    """Draw a law's pictures, and return what its section says."""
    write_picture(draw_priors(law), PICTURES / f"{law.name}-priors")
    fan, caption = draw_fan(found.fit)
    write_picture(fan, PICTURES / f"{law.name}-fan")
    origin = f"the values of {{footcite:t}}`{found.key}`" if found.key else "the priors' medians"
    said = repr(found.fit).partition(": ")[2]
    return {
        "law": law,
        "inputs": tables.inputs(law),
        "parameters": tables.parameters(law),
        "published": tables.published(law),
        "recalled": any(estimate.recalled for estimate in law.published),
        "replications": tables.replications(law, REPLICATIONS),
        "fitted": f"{RUNS} runs, simulated by the law from {origin} and fitted as one group.",
        "caption": caption,
        "posterior": tables.posterior(found),
        "trusted": found.fit.diagnostics.trusted,
        "verdict": f"{said[0].upper()}{said[1:]}.",
        "derived": tables.derived(found, page),
    }


def index_page(pages: Sequence[Page]) -> str:
    """Return the Markdown of the index: laws by domain, input and response."""
    laws = [(law, page) for page in pages for law in page.laws]
    inputs = [(x.unit, law) for law, _ in laws for x in law.inputs]
    responses = [(f"{law.response.name}, {law.response.unit}", law) for law, _ in laws]
    return _template("index.md.jinja").render(
        pages=pages,
        laws=laws,
        by_domain={
            domain: [_row(law, page) for law, page in laws if law.domain == domain]
            for domain in DOMAINS
            if any(law.domain == domain for law, _ in laws)
        },
        by_input=_grouped(inputs),
        by_response=_grouped(responses),
    )


def keys(page: Page) -> list[str]:
    """Return the references of a page: those of all its laws."""
    return list(dict.fromkeys(key for law in page.laws for key in references(law)))


def _row(law: Law, page: Page) -> list[str]:
    takes = ", ".join(f"{tables.maths(x.name)} ({x.unit})" for x in law.inputs)
    gives = f"{law.response.name} ({law.response.unit})"
    said, proposed = page.summary, ""
    if len(page.laws) > 1:
        said = f"{page.title}. {(law.formula.__doc__ or '').strip().splitlines()[0]}"
        proposed = " (Proposed.)" if law.status == "proposed" else ""
    return [_link(law), markdown(said, page) + proposed, takes, escaped(gives)]


def _grouped(pairs: Iterable[tuple[str, Law]]) -> list[list[str]]:
    """Return each name with links to its laws, a law once."""
    found: dict[str, dict[str, None]] = {}
    for name, law in pairs:
        found.setdefault(escaped(name), {})[_link(law)] = None
    return [[name, ", ".join(found[name])] for name in sorted(found, key=str.lower)]


def _link(law: Law) -> str:
    return f"[{escaped(law.name)}](#law-{law.name})"


def _picture(name: str, alt: str) -> str:
    """Return a picture's two files, of which the theme shows one."""
    images = "\n".join(
        f"```{{image}} pictures/{name}-{theme}.svg\n:alt: {alt}\n:class: only-{theme}\n```"
        for theme in THEMES
    )
    return f"````{{container}} pictures\n{images}\n````"


def _template(name: str):
    folder = FileSystemLoader(Path(__file__).parent / "templates")
    found = Environment(
        loader=folder, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    ).get_template(name)
    found.globals.update(latex=latex, table=tables.table, picture=_picture, escaped=escaped)
    return found


def _write(path: Path, text: str) -> None:
    """Write a page unless it is there as it is: Sphinx reads again what is newer."""
    if not path.exists() or path.read_text() != text:
        with whole_file(path) as part:
            part.write_text(text)
