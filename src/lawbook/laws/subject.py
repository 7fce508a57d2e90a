"""What a result is about: enough of a law to name it, and to lay out points and draw them.

A chain of laws and a mixture of them predict as well, and neither is a law: each has a subject.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.law import Law
from lawbook.laws.noise import Normal, StudentT
from lawbook.laws.symbols import Input, Response


@dataclass(frozen=True)
class Subject:
    """What a prediction is of.

    Attributes
    ----------
    name
        Of the law, the chain or the mixture.
    inputs
        What points are made of.
    response
        What is predicted.
    cost
        Training cost in FLOPs as a function of some of the inputs, by name; None without one.
    discrepancy
        Whether the model discrepancy is part of what is predicted.
    alone
        Whether it is one law without a model discrepancy, with noise that goes to either side.
    chained
        Whether it is a chain of laws: nobody has measured how often the intervals of one hold.
    """

    name: str
    inputs: tuple[Input, ...]
    response: Response
    cost: Callable[..., Any] | None
    discrepancy: bool = False
    alone: bool = False
    chained: bool = False

    @property
    def input_names(self) -> tuple[str, ...]:
        """Names of the inputs."""
        return tuple(x.name for x in self.inputs)


def subject_of(law: Law | Subject) -> Subject:
    """Return the subject of results of a law; one already stays.

    >>> import lawbook
    >>> subject_of(lawbook.load_law("chinchilla")).input_names
    ('N', 'D')
    """
    if isinstance(law, Subject):
        return law
    noise = law.response.noise
    kind = isinstance(noise, Discrepancy), isinstance(noise, StudentT | Normal)
    return Subject(law.name, tuple(law.inputs), law.response, law.cost, *kind)
