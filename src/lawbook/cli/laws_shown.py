"""A law as the command line shows it: its page, what its symbols mean, what papers report of it."""

from typing import Any

from lawbook.cli.terminal import console, show_table, show_text
from lawbook.laws.catalogue import page
from lawbook.laws.citations import bibliography, references
from lawbook.laws.citations import described as reference
from lawbook.laws.estimates import Derived
from lawbook.laws.law import Law
from lawbook.laws.priors import RatioSize, TermSize
from lawbook.wording import short, told_apart


def described(law: Law) -> dict[str, Any]:
    """Return a law as plain values."""
    return {
        "name": law.name,
        "domain": law.domain,
        "status": law.status,
        "version": law.version,
        "about": page(law),
        "inputs": [{"name": x.name, "unit": x.unit, "seen": x.seen} for x in law.inputs],
        "response": {
            "name": law.response.name,
            "unit": law.response.unit,
            "noise": law.response.noise.in_words(law.response.name),
            "better": law.response.better,
        },
        "params": [
            {"name": p.name, "prior": repr(p.prior), "pool": p.pool_in_words, "unit": p.unit}
            for p in (*law.params, *law.noise_params)
        ],
        "derived": [
            {"name": q.name, "unit": q.unit, "given": q.given, "about": _about(q)}
            for q in law.derived
        ],
        "published": [
            {"source": source, "key": e.key, "of": e.label, "recalled": e.recalled, **dict(e.at)}
            | ({"errors": dict(e.errors)} if e.errors else {})
            for source, e in zip(law.sources, law.published, strict=True)
        ],
        "references": [reference(key)._asdict() for key in _known_references(law)],
        "limits": list(law.limits),
    }


def show_law(law: Law) -> None:
    """Print a law's page, what its symbols mean, and what papers report."""
    noise = law.response.noise.in_words(law.response.name)
    console().print(page(law), soft_wrap=True)
    place = f"{law.status}, {law.domain}" if law.domain else law.status
    show_text(f"\n{law.name} ({place}): {law.response.name} in {law.response.unit}, {noise}")
    seen = (f"{short(x.seen[0])} to {short(x.seen[1])} {x.unit}" for x in law.inputs)
    show_table(["input", "range in the paper"], zip(law.input_names, seen, strict=True))
    params = (*law.params, *law.noise_params)
    show_table(
        ["parameter", "prior", "pooling"],
        ((p.name, repr(p.prior), p.pool_in_words) for p in params),
    )
    if any(isinstance(p.prior, TermSize | RatioSize) for p in params):
        show_text(
            "A prior with at= is of the size of a term there. Where runs lie far from that, it "
            "moves to the middle of the runs and widens; `lawbook check` shows how."
        )
    if law.derived:
        rows = ((q.name, ", ".join(q.given), q.unit, _about(q)) for q in law.derived)
        show_table(["derived", "given", "unit", "what it is"], rows)
    if law.published:
        _show_published(law)
    for key in _known_references(law):
        show_text(str(reference(key)))
    if law.limits:
        show_text("\nKnown limits:")
        for limit in law.limits:
            show_text(f"- {limit}")


def _show_published(law: Law) -> None:
    """Print published values, each with as many digits as tell it from the others of its row."""
    labelled = any(e.label for e in law.published)
    rows = []
    for source, e in zip(law.sources, law.published, strict=True):
        # an estimate may name the parameters in another order than the law
        values = [dict(e.at)[name] for name in law.param_names]
        label = [e.label] * labelled
        rows.append((source + " (recalled)" * e.recalled, *label, *told_apart(values)))
    columns = ["published", *["of"] * labelled, *law.param_names]
    show_table(columns, rows, numbers=law.param_names)
    known = []
    for source, e in zip(law.sources, law.published, strict=True):
        if e.errors:
            errors = ", ".join(f"{name} {short(error, 3)}" for name, error in e.errors)
            known.append(f"{source} ({errors})")
    if known:
        show_text(f"Standard errors, which can inform a fit: {', '.join(known)}.")


def _known_references(law: Law) -> list[str]:
    """Return the keys of a law's references that the bibliography has."""
    return [key for key in references(law) if key in bibliography()]


def _about(quantity: Derived) -> str:
    """Return the first line of what a derived quantity's formula says of itself."""
    return (quantity.formula.__doc__ or "").strip().partition("\n")[0]
