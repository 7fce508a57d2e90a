"""The documentation's pages of laws: what they say is in the files, and can be seen."""

import doctest
import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urldefrag

import fit_methods
import gallery.formula
import gallery.notation
import notation
import numpy as np
import pytest
from book_laws import LAWS, known, points
from gallery import fits, pages, tables
from gallery.formula import latex
from gallery.given import given
from gallery.notation import equations, tree
from gallery.page import markdown
from gallery.pages import index_page, keys, law_page, read_pages
from gallery.pictures import INK, draw_priors, style, write_picture

import lawbook
import lawbook.priors
import lawbook.terms
from lawbook.errors import LawError
from lawbook.laws.citations import bibliography

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = read_pages()
FILES = [pytest.param(page, id=page.name) for page in PAGES]
# sums, which tests/laws hold to values from elsewhere
SUMS = ("data_filtering", "data_filtering_released", "data_filtering_data", "multi_power")


@pytest.fixture(scope="session")
def index():
    return index_page(PAGES)


def page_of(law):
    [page] = [page for page in PAGES if law.name in [of_page.name for of_page in page.laws]]
    return page


def in_words(law, at, runs):
    """Symbols whose values stand in the words of a page."""
    x = dict(zip(law.input_names, runs, strict=True)) | at
    match law.name:
        case "adversarial_activations":
            return {"p": 16}
        case "data_constrained":
            ratio = at["alpha"] * at["A"] / (at["beta"] * at["B"])
            unique = np.minimum(x["D"], x["U_D"])
            return {"G": ratio ** (1 / (at["alpha"] + at["beta"])), "U_D": unique}
        case "knowledge_capacity":
            return {"N_0": 1.6e8, "S_0": 2**47.5916}
        case "lawcat" | "lawcat_forgetting":
            return {"l": x["length"], "l_T": x["trained"]}
        case "repeated_data":
            return {f"E_{i}": x[f"k_{i}"] * x["N"] ** x[f"alpha_{i}"] for i in "lr"}
        case "scientific_discovery":
            return {"dt": 1}
        case "weakest_link" | "weakest_link_soft":
            both = x["s_1"], x["s_2"]
            weaker, stronger = np.minimum(*both), np.maximum(*both)
            return {"g": notation.FUNCTIONS["logit"], "weaker": weaker, "stronger": stronger}
    return {}


@pytest.mark.parametrize("law", LAWS)
def test_the_formula_of_a_page_is_what_the_code_computes(law):
    if law.name in SUMS:
        pytest.skip("a sum")
    page, runs = page_of(law), points(law)
    shown = page.formulas[law.name]
    if law.name == "downstream_bleu":  # the form that it is written in here
        [shown] = [note for note in page.notes if not isinstance(note, str)]
    if law.name == "precision":  # below, the paper's share of parameters is negative
        runs[2:] = [np.maximum(bits, 8) for bits in runs[2:]]
    for at in known(law):
        if law.name == "weakest_link_soft":  # at t = 0 the page's formula is a limit
            at = at | {"t": 2.0}
        symbols = dict(zip(law.input_names, runs, strict=True)) | at | in_words(law, at, runs)
        left, right = notation.sides(shown, symbols, law.formula(np, *runs, **at))
        np.testing.assert_allclose(left, right, rtol=1e-6)


@pytest.mark.parametrize("law", LAWS)
def test_every_law_has_a_formula_whose_latex_is_balanced(law):
    shown = page_of(law).formulas[law.name]
    assert shown
    for equation in shown:
        for side in (equation.left, equation.right):
            text = latex(side)
            assert text.count("{") == text.count("}")
            assert text.count("(") == text.count(")")
            assert text.count(r"\left") == text.count(r"\right")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("E + A / N**alpha", r"E + \frac{A}{N^{\alpha}}"),
        ("S_c / S (1 + B / C)", r"\frac{S_{c}}{S} \, \left(1 + \frac{B}{C}\right)"),
        ("b x**(-c1 f1)", r"b \, x^{-c_{1} \, f_{1}}"),
        ("-log((a + b) / 2) / t", r"-\frac{\log\left(\frac{a + b}{2}\right)}{t}"),
        ("U_D R_D* (1 - x)", r"U_{D} \, R_{D}^{*} \, (1 - x)"),
        ("prod_j (x_j / x_(j-1))**b", r"\prod_{j} \, \left(\frac{x_{j}}{x_{j - 1}}\right)^{b}"),
        ("log2(G)**c log x", r"(\log_2 \, G)^{c} \, \log \, x"),
        ("a - (b - c)", "a - (b - c)"),
        ("8.64e19 C", r"8.64 \times 10^{19} \, C"),
    ],
)
def test_plain_text_becomes_latex(text, expected):
    assert latex(tree(text)) == expected


def test_equations_belong_to_the_law_before_them_and_keep_their_remarks():
    block = "    one  y = a x    falls, then rises\n    two  y = q,   q = 1 - x\n         + x**2"
    found = equations(block, ["one", "two"])
    assert [x.remark for x in found["one"]] == ["falls, then rises"]
    assert [latex(x.left) for x in found["two"]] == ["y", "q"]
    assert latex(found["two"][1].right) == "1 - x + x^{2}"


@pytest.mark.parametrize("text", ["a + (b", "a +", "a ? b", "a b)"])
def test_a_formula_that_cannot_be_read_is_named(text):
    with pytest.raises(LawError, match=re.escape(f"formula {text!r}: there is")):
        tree(text)


@pytest.mark.parametrize("page", FILES)
def test_every_law_has_a_section_on_its_page_and_a_link_from_the_index(page, index):
    blank = dict.fromkeys(("fitted", "posterior", "verdict", "derived"), "")
    sections = [
        blank
        | {
            "law": law,
            "inputs": tables.inputs(law),
            "parameters": tables.parameters(law),
            "published": tables.published(law),
            "replications": tables.replications(law, pages.REPLICATIONS),
            "trusted": True,
            "recalled": any(estimate.recalled for estimate in law.published),
            "caption": "",
        }
        for law in page.laws
    ]
    text = law_page(page, sections)
    for law in page.laws:
        assert f"(law-{law.name})=" in text
        assert f"](#law-{law.name})" in index
        assert f"pictures/{law.name}-fan-dark.svg" in text
        for estimate in law.published:
            assert f"{{footcite:t}}`{estimate.key}`" in text
    for note in page.notes:
        assert not isinstance(note, str) or markdown(note, page) in text
    assert f"models/{page.name}.py" in text


@pytest.mark.parametrize("page", FILES)
def test_references_of_a_page_resolve(page):
    entries = bibliography()
    assert set(keys(page)) <= set(entries)
    for source in page.sources:
        for number in re.findall(r"arXiv:(\d+\.\d+)", source):
            assert any(number in entries[key] for key in keys(page)), (
                f"{number} is not in the bibliography"
            )


@pytest.mark.parametrize("law", LAWS)
def test_every_derived_quantity_is_shown_somewhere(law):
    if not law.derived:
        pytest.skip("derives nothing")
    runs = lawbook.simulate(law, known(law)[0], n=40)
    for quantity in law.derived:
        assert set(given(law, quantity, runs)) == set(quantity.given)


@pytest.mark.parametrize("module", [gallery.formula, gallery.notation, fit_methods])
def test_the_examples_of_the_generators_run(module):
    failed, tried = doctest.testmod(module)
    assert tried
    assert not failed


LISTED = re.findall(r"^   (lawbook\.\S+)$", (DOCS / "api.md").read_text(), re.MULTILINE)
SUBMODULES = ("priors", "terms", "learned", "datasets")


def test_every_public_name_is_on_the_page_of_the_api():
    public = {f"lawbook.{name}" for name in lawbook.__all__} - {"lawbook.__version__"}
    for module in (lawbook.priors, lawbook.terms, lawbook.learned):
        functions = {name for name in module.__all__ if callable(getattr(module, name))}
        public |= {f"{module.__name__}.{name}" for name in functions}
    public |= {
        f"lawbook.{kind.__name__}.{name}"
        for kind in (lawbook.Fit, lawbook.Together)
        for name, _ in inspect.getmembers(kind, callable)
        if not name.startswith("_")
    }
    assert public | {"lawbook.datasets.tiny_lm"} == set(LISTED)
    assert len(set(LISTED)) == len(LISTED)


@pytest.mark.parametrize("name", LISTED)
def test_no_name_on_the_page_of_the_api_is_at_an_inner_path(name):
    first, *rest = name.split(".")[1:]
    owner = importlib.import_module(f"lawbook.{first}") if first in SUBMODULES else lawbook
    for part in rest if first in SUBMODULES else [first, *rest]:
        owner = getattr(owner, part)
    assert (owner.__doc__ or "").strip(), f"{name} has no docstring"


def test_methods_of_fits_are_documented_in_full():
    methods = [*vars(lawbook.Fit).items(), *vars(lawbook.Together).items()]
    for name, method in methods:
        text = fit_methods.full(inspect.getdoc(method) or "") if callable(method) else ""
        assert not re.search(r"^fit$", text, re.MULTILINE), name
        of_signature = list(inspect.signature(method).parameters)[1:] if text else []
        if "Parameters\n---" in text and name != "__init__":
            said = text.partition("Parameters\n")[2].partition("\n\n")[0]
            told = re.findall(r"^\*{0,2}(\w+(?:, \w+)*)$", said, re.MULTILINE)
            assert ", ".join(told).split(", ") == of_signature, name


def test_a_picture_is_written_for_light_and_dark_pages(tmp_path):
    law = lawbook.load_law("data_constrained")
    with style():
        figure = draw_priors(law)
        write_picture(figure, tmp_path / "priors")
    drawn = [panel for panel in figure.axes if panel.get_visible()]
    assert len(drawn) == len(law.params) + len(law.noise_params)
    light, dark = ((tmp_path / f"priors-{theme}.svg").read_text() for theme in ("light", "dark"))
    assert INK not in light + dark
    assert light != dark


def test_fits_are_kept_until_the_engine_changes(tmp_path, monkeypatch):
    law, made = lawbook.load_law("compute"), []

    class Made:
        def save(self, path):
            path.write_text("")
            made.append(path)

    monkeypatch.setattr(lawbook, "fit", lambda *args, **options: Made())
    monkeypatch.setattr(lawbook, "load", lambda path, law: path)
    fits.example(law, tmp_path)
    assert fits.example(law, tmp_path).fit == made[0]
    monkeypatch.setattr(fits, "engine_version", lambda: "another")
    fits.example(law, tmp_path)
    assert len(made) == 2
    assert list(tmp_path.iterdir()) == [made[1]]


def test_replications_are_shown_where_there_are_some(tmp_path):
    law, file = lawbook.load_law("chinchilla"), tmp_path / "results.csv"
    assert tables.replications(law, file) == {}
    for name in ("refit", "optima"):
        (tmp_path / f"{name}.py").write_text(f'"""By {name}.\n\nMore.\n"""\n')
    head = "replication,law,quantity,published,source,median,lower,upper,holds,note,date"
    rows = (
        "refit,chinchilla,alpha,0.3478,x,0.345,0.3,0.4,True,,2026-11-24",
        "optima,chinchilla,a,0.5,x,0.6,0.55,0.65,False,a_b,2026-11-24",
        "optima,chinchilla,b,0.5,recalled,0.6,0.55,0.65,,,2026-11-24",
    )
    file.write_text("\n".join([head, *rows, ""]))
    found = tables.replications(law, file)
    assert list(found) == ["By refit.", "By optima."]
    assert "| alpha | 0.3478 | x | 0.345 | 0.3 to 0.4 | yes |  |" in found["By refit."]
    assert "| a | 0.5 | x | 0.6 | 0.55 to 0.65 | no | a\\_b |" in found["By optima."]
    assert "| b | 0.5 | recalled | 0.6 | 0.55 to 0.65 | recalled |  |" in found["By optima."]
    assert tables.replications(lawbook.load_law("kaplan"), file) == {}
    file.write_text("law,quantity\n")
    with pytest.raises(LawError, match="no column 'replication'"):
        tables.replications(law, file)


def test_every_result_of_a_replication_is_on_a_page():
    shown = [
        found
        for page in PAGES
        for law in page.laws
        for found in tables.replications(law, pages.REPLICATIONS).values()
    ]
    rows = sum(len(found.splitlines()) - 2 for found in shown)
    assert rows == len(pages.REPLICATIONS.read_text().splitlines()) - 1 > 0


@pytest.fixture(scope="session")
def site():
    """The built documentation."""
    pytest.importorskip("sphinx", reason="make docs installs what the documentation takes")
    built = DOCS / "_build" / "html"
    if not (built / "index.html").exists():
        command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", DOCS, built]
        subprocess.run(command, check=True)
    return built


FAULTS = """
const seen = e => e.getBoundingClientRect().width > 0 && e.getBoundingClientRect().height > 0;
const images = [...document.images].filter(i => getComputedStyle(i).display !== "none");
images.forEach(i => i.scrollIntoView());
return {
  images: images.filter(i => i.complete && !i.naturalWidth).map(i => i.src),
  formulas: [...document.querySelectorAll("math")].filter(m => !seen(m)).map(m => m.textContent),
  shown: document.querySelectorAll(".formula math").length,
  raw: [...document.querySelectorAll("article")].filter(a => a.innerText.includes("{math}")).length,
  links: [...document.querySelectorAll("a[href]")].map(a => a.href),
  wide: document.documentElement.scrollWidth - window.innerWidth,
};
"""


LOADED = """
return location.href === arguments[0] && document.readyState === "complete"
  && document.body.innerText.length > 0;
"""


def faults(browser, file):
    """What is wrong with a page once it is there, and where it leads."""
    from selenium.webdriver.support.ui import WebDriverWait

    browser.get(file.as_uri())
    WebDriverWait(browser, 60).until(lambda page: page.execute_script(LOADED, file.as_uri()))
    return browser.execute_script(FAULTS)


@pytest.mark.slow
@pytest.mark.timeout(3600)  # the site may have to be built
def test_every_page_shows_its_formulas_and_pictures_and_no_link_is_broken(site, browser):
    files = [file for file in site.rglob("*.html") if "_static" not in file.parts]
    anchors = {file: set(re.findall(r'\bid="([^"]*)"', file.read_text())) for file in files}
    for page in PAGES:
        assert site / "laws" / f"{page.name}.html" in files
    for file in files:
        found = faults(browser, file)
        assert not found["images"], f"{file}: missing images"
        assert not found["formulas"], f"{file}: formulas without size"
        assert not found["raw"], f"{file}: markup shown as text"
        of_law = file.parent.name == "laws" and file.name != "index.html"
        assert found["shown"] or not of_law, f"{file}: no formula"
        for link in {*found["links"]}:
            path, anchor = urldefrag(link)
            if path.startswith("file://"):
                target = Path(unquote(path.removeprefix("file://")))
                assert target.exists(), f"{file}: {link}"
                known_here = anchors.get(target)
                assert not anchor or known_here is None or unquote(anchor) in known_here, link
        asked = [entry["message"] for entry in browser.get_log("performance")]
        requests = [m for m in asked if "Network.requestWillBeSent" in m]
        outside = [m for m in requests if re.search(r'"url":"https?://', m)]
        assert not outside, f"{file}: asks {outside[0][:300]}"
