"""The plan of the house: its floors, what each room may load, and a drawing of both.

`tests/test_rooms.py` holds the code to this plan, and the documentation draws it. The rule of a
room is not repeated here: it is read from the room's own docstring.
"""

import ast
from pathlib import Path
from textwrap import fill, shorten

import lawbook

HOUSE = Path(lawbook.__file__).parent
DRAWN = Path(__file__).parent / "_rooms"
# from the ground up: rooms on one floor do not know each other
FLOORS = (
    ("errors", "wording", "columns"),
    ("writing", "laws"),
    ("export", "learned", "priors", "terms"),
    ("result", "engine", "data", "plots"),
    ("datasets", "model"),
    ("posterior",),
    ("decisions", "evaluation"),
    ("report",),
    ("answers",),
    ("together",),
    ("fitting", "at_published"),
    ("cli",),
)
LIGHT = {"numpy", "scipy", "pandas", "xarray"}
MAY_LOAD = {
    "errors": set(),
    "wording": set(),
    "columns": set(),
    "writing": {"xarray"},
    "laws": {"numpy"},
    "export": {"numpy", "pandas", "xarray", "pyarrow"},
    "result": {"pandas", "xarray", "matplotlib"},
    "learned": set(),
    "priors": set(),
    "terms": set(),
    "datasets": {"pandas"},
    "engine": LIGHT
    | {"pymc", "pytensor", "jax", "blackjax", "optax", "arviz_base", "arviz_stats"}
    | {"platformdirs", "rich", "threadpoolctl"},
    "data": LIGHT | {"pyarrow"},
    "plots": LIGHT | {"matplotlib"},
    "model": LIGHT | {"pymc", "pytensor", "jax"},
    "posterior": LIGHT | {"jax", "arviz_stats", "matplotlib", "distributed"},
    "decisions": LIGHT | {"matplotlib"},
    "evaluation": LIGHT | {"jax", "arviz_stats", "scoringrules", "matplotlib"},
    "report": LIGHT | {"plotly", "jinja2", "contourpy"},
    "answers": set(),
    "together": LIGHT,
    "fitting": LIGHT | {"matplotlib"},
    "at_published": {"numpy", "pandas", "matplotlib"},
    "cli": LIGHT | {"typer", "rich"},
}
WIDTH, HEIGHT = 10.0, 0.8  # of the drawing, and of a floor of it, in inches
LETTERS = 14.2  # of a rule, to an inch


def is_folder(room: str) -> bool:
    """Whether a room is a folder, rather than one file at the root."""
    return (HOUSE / room).is_dir()


def docstring(room: str) -> str:
    """Return what a room says of itself."""
    file = HOUSE / room / "__init__.py" if is_folder(room) else HOUSE / f"{room}.py"
    return ast.get_docstring(ast.parse(file.read_text("utf-8"))) or ""


def what(room: str) -> str:
    """Return what a room is for: the first paragraph of its docstring, in one line."""
    return " ".join(docstring(room).partition("\n\n")[0].split())


def rule(room: str) -> str:
    """Return the paragraph that begins with ``Rule:``, in one line; empty if there is none."""
    found = [p for p in docstring(room).split("\n\n") if p.startswith("Rule:")]
    said = " ".join(found[0].removeprefix("Rule:").split()) if found else ""
    return said[:1].upper() + said[1:]


def draw():
    """Draw the floors as rows, the ground at the bottom, and the rooms as boxes.

    Returns
    -------
    matplotlib.figure.Figure
    """
    from matplotlib.figure import Figure
    from matplotlib.patches import FancyBboxPatch

    from lawbook.plots.axes import COLOURS

    figure = Figure(figsize=(WIDTH, HEIGHT * len(FLOORS)))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, WIDTH), ylim=(0, HEIGHT * len(FLOORS)))
    axes.axis("off")
    for number, rooms in enumerate(FLOORS):
        width, low = WIDTH / len(rooms), number * HEIGHT
        for place, room in enumerate(rooms):
            left, colour = place * width, COLOURS[0 if is_folder(room) else 4]
            box = (left + 0.06, low + 0.05), width - 0.12, HEIGHT - 0.1
            shape = "round,pad=0,rounding_size=0.06"
            filled = FancyBboxPatch(*box, boxstyle=shape, fc=colour, alpha=0.13, lw=0)
            outline = FancyBboxPatch(*box, boxstyle=shape, fc="none", ec=colour, lw=0.9)
            axes.add_patch(filled)
            axes.add_patch(outline)
            name = f"{room}/" if is_folder(room) else f"{room}.py"
            middle, top = left + width / 2, low + HEIGHT - 0.2
            axes.text(middle, top, name, ha="center", va="center", weight="bold")
            line = int((width - 0.3) * LETTERS)
            said = fill(shorten(what(room), 3 * line, placeholder=" ...").replace("`", ""), line)
            axes.text(middle, low + 0.31, said, ha="center", va="center", fontsize=8)
    return figure


def table() -> str:
    """Return the rules as Markdown, from the top floor down."""
    rows = ["| room | its rule | may load |", "|---|---|---|"]
    for rooms in reversed(FLOORS):
        for room in rooms:
            name = f"`{room}/`" if is_folder(room) else f"`{room}.py`"
            loads = ", ".join(sorted(MAY_LOAD[room])) or "the standard library"
            rows.append(f"| {name} | {rule(room) or what(room)} | {loads} |")
    return "\n".join(rows) + "\n"


def write() -> None:
    """Write the drawing and the table to the folder `DRAWN`, where the pages find them."""
    from gallery.pictures import style, write_picture

    DRAWN.mkdir(exist_ok=True)
    with style():
        write_picture(draw(), DRAWN / "rooms")
    text = table()
    if not (DRAWN / "rules.md").exists() or (DRAWN / "rules.md").read_text() != text:
        (DRAWN / "rules.md").write_text(text)
