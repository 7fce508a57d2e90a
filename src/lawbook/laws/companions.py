"""Which laws may be fitted to one table side by side, and which of the book are, unless named."""

from lawbook.laws.catalogue import all_laws
from lawbook.laws.citations import references
from lawbook.laws.law import Law
from lawbook.laws.rescaling import factor_between
from lawbook.laws.units import is_counted, unit_of

AUTO = "auto"
USUAL = "chinchilla"  # whose companions a table is fitted to that was not read for a law


def difference(law: Law, other: Law) -> str:
    """Return why runs of one law are none of another, in a clause; empty where they are.

    They are where both have the same inputs and the same response by name, in any order; inputs
    in the same unit, where parameters of any sort are parameters; and responses whose units one
    factor lies between.
    """
    own, its = ({x.name: x.unit for x in one.inputs} for one in (law, other))
    y, z = law.response, other.response
    if set(own) != set(its) or y.name != z.name:
        columns = [", ".join([*one.input_names, one.response.name]) for one in (law, other)]
        return f"{law.name} is of {columns[0]}, {other.name} of {columns[1]}"
    for name, unit in own.items():
        if _counted(unit) != _counted(its[name]):
            return f"{law.name} has {name} in {unit}, {other.name} in {its[name]}"
    if y.better != z.better or factor_between(z.unit, y.unit) is None:
        return f"{law.name} has its {y.name} in {y.unit}, {other.name} in {z.unit}"
    return ""


def companions(law: Law) -> tuple[Law, ...]:
    """Return a law and those of the book that go with it, the law first, then by name.

    These are of the same columns (see `difference`) and of the same domain, published as a formula
    as the law is, with a training cost if it has one and without if not. Of laws with the same
    parameters there is one, and of the variants of one paper the one with the most parameters.

    Examples
    --------
    >>> import lawbook
    >>> [found.name for found in companions(lawbook.load_law("chinchilla"))]
    ['chinchilla', 'farseer', 'skaling']
    """
    found = [law]
    fitting = [other for other in all_laws() if _goes_with(law, other)]
    papers = {_papers(law)}
    for other in sorted(fitting, key=lambda each: -len(each.params)):
        alike = any(_priors(other) == _priors(each) for each in found)
        if not alike and not (_papers(other) and _papers(other) in papers):
            found.append(other)
            papers.add(_papers(other))
    return (law, *sorted(found[1:], key=lambda each: each.name))


def _goes_with(law: Law, other: Law) -> bool:
    kinds = [(one.domain, one.status, one.cost is None) for one in (law, other)]
    return other.name != law.name and kinds[0] == kinds[1] and not difference(law, other)


def _counted(unit: str) -> tuple[str, float]:
    """Return what a unit counts and how many at a time: parameters are of many sorts."""
    found = unit_of(unit)
    kind = found.kind.split(" ")[-1] if is_counted(found.kind) else found.kind
    return kind, found.factor


def _priors(law: Law) -> frozenset[tuple[str, str]]:
    return frozenset((param.name, repr(param.prior)) for param in law.params)


def _papers(law: Law) -> tuple[str, ...]:
    """Return the first of a law's papers, which is the one that states it."""
    return tuple(references(law)[:1])
