"""What papers say, asked of the book: each headline is one call at published values.

`headlines.md` shows the table that `write` makes when the documentation is built, and
`tests/book/test_headlines.py` holds each number to what the paper says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import lawbook
from lawbook.laws.citations import described
from lawbook.wording import short


@dataclass(frozen=True)
class Headline:
    """A number that a paper is known for.

    Attributes
    ----------
    says
        What the paper says, in words.
    within
        The same as numbers, in the quantity's unit.
    law, source
        The law, and whose values it has.
    asked
        A derived quantity, or the response for a prediction.
    given
        What the quantity takes, or the inputs.
    """

    says: str
    within: tuple[float, float]
    law: str
    source: str
    asked: str
    given: Mapping[str, float] = field(default_factory=dict)

    @property
    def call(self) -> str:
        """The call, as one types it."""
        given = "".join(f", {name}={short(value)}" for name, value in self.given.items())
        if self.predicts:
            return f'lawbook.published("{self.law}", "{self.source}").predict(dict({given[2:]}))'
        derive = f'derive("{self.asked}", published="{self.source}"{given})'
        return f'lawbook.load_law("{self.law}").{derive}'

    @property
    def predicts(self) -> bool:
        """Whether it is the law's response."""
        return self.asked == lawbook.load_law(self.law).response.name

    @property
    def unit(self) -> str:
        """Of what comes out."""
        law = lawbook.load_law(self.law)
        return law.response.unit if self.predicts else law.quantity(self.asked).unit

    def value(self) -> float:
        """Make the call."""
        if self.predicts:
            found = lawbook.published(self.law, self.source).predict(self.given)
            return float(found.table[self.asked].iloc[0])
        return lawbook.load_law(self.law).derive(self.asked, published=self.source, **self.given)


MADE = Path(__file__).parent / "_headlines"
PYTHIA = {"d": 2048, "V": 50_304}
HEADLINES: Sequence[Headline] = (
    Headline(
        "The density of models doubles about every 3.5 months.",
        (100, 110), "densing_trend", "xiao2024", "doubling",
    ),
    Headline(
        "Models store 2 bits of knowledge a parameter, so that 7B hold 14B bits.",
        (1.9, 2.1), "knowledge_capacity", "allenzhu2024", "ceiling", {"E": 1000},
    ),
    Headline(
        "After a hundred exposures it is 1 bit a parameter.",
        (0.9, 1.1), "knowledge_capacity", "allenzhu2024", "ceiling", {"E": 100},
    ),
    Headline(
        "Training is best at 7 to 8 bits.",
        (7, 8), "precision", "kumar2024", "optimal_bits",
    ),
    Headline(
        "The best width of numbers lies between 4 and 8 bits for budgets from 1e21 ...",
        (4, 8), "fp_quant", "sun2025", "optimal_bits_at", {"C": 1e21, "B": 128},
    ),
    Headline(
        "... to 1e31 FLOP.",
        (4, 8), "fp_quant", "sun2025", "optimal_bits_at", {"C": 1e31, "B": 128},
    ),
    Headline(
        "A model of 1B in FP4 is harmed by more than 0.4T tokens.",
        (3.5e11, 4.5e11), "fp_quant", "sun2025", "critical_data",
        {"N": 1e9, "E": 2, "M": 1, "B": 128},
    ),
    Headline(
        "Llama2-70B should have had a vocabulary of at least 216,000, not 32,000.",
        (2.0e5, 2.4e5), "vocabulary_derivative", "tao2024", "optimal_vocabulary",
        {"N_nv": 7e4, "d": 8192},
    ),
    Headline(
        "Reward against a proxy of 3M peaks at a divergence of 4 to 5 nats, by best of n.",
        (2.0, 2.24), "reward_overoptimization_bon", "gao2022:1", "peak",
    ),
    Headline(
        "By reinforcement learning against the same proxy it peaks later and falls, too.",
        (3.0, 4.5), "reward_overoptimization_rl", "gao2022:1", "peak",
    ),
    Headline(
        "The best teacher is 2.5 times as large as its student.",
        (2400, 2600), "capacity_gap", "zhang2023", "T", {"S": 1000},
    ),
    Headline(
        "Size and data should grow alike: the best size grows like the root of compute.",
        (0.45, 0.55), "chinchilla", "besiroglu2024", "size_exponent",
    ),
    Headline(
        "The compute of Gopher serves 70B parameters best.",
        (6.5e10, 7.5e10), "chinchilla", "besiroglu2024", "optimal_size", {"C": 5.76e23},
    ),
    Headline(
        "Control of one token's activations forces about a hundred tokens.",
        (90, 140), "adversarial_activations", "fort2023:4", "kappa", PYTHIA,
    ),
    Headline(
        "Filtering depends on compute: the best tenth is worn to the second after 2.4 epochs.",
        (2.3, 2.5), "data_filtering_released", "goyal2024:1", "epochs_ahead", {"other": -0.125},
    ),
    Headline(
        "For hundreds of billions of parameters two repeats already hurt.",
        (1e11, 5e11), "repeated_data_edge", "hernandez2022:1", "harmful_size", {"E": 2},
    ),
    Headline(
        "A hundred repeats harm a model of 800M: the band begins before them ...",
        (1, 100), "repeated_data_edge", "hernandez2022:1", "E", {"N": 8e8},
    ),
    Headline(
        "... and ends beyond them.",
        (100, 1e4), "repeated_data_edge", "hernandez2022:2", "E", {"N": 8e8},
    ),
    Headline(
        "The best ReLU model of 2.4B activates 6.48% of its neurons.",
        (0.9350, 0.9354), "sparsing_relu", "luo2024:6", "limit_sparsity",
    ),
    Headline(
        "Fewer draft paths are best for many sequences, and few stay worth while.",
        (5, 10), "speculative_decoding_width", "yan2025", "width_of_many",
    ),
    Headline(
        "Models plan legal work with fewer steps than people.",
        (0.2, 0.6), "lawflow", "das2025", "ratio",
    ),
    Headline(
        "Quantisation-aware training at W4A4 keeps more than half of the parameters' worth.",
        (0.5, 1.0), "qat", "chen2025", "effective_share", {"N": 5.94e8, "D": 1e11, "G": 32},
    ),
)  # fmt: skip


def rows() -> list[dict[str, Any]]:
    """Make every call."""
    found = []
    for each in HEADLINES:
        key = each.source.partition(":")[0]
        paper = described(key)
        found.append(
            {
                "paper": f"{paper.authors} ({paper.year})",
                "what it says": each.says,
                "call": each.call,
                "what comes out": f"{short(each.value(), 4)} {each.unit}".rstrip(),
            }
        )
    return found


def table() -> str:
    """Return the table as Markdown."""
    lines = [list(rows()[0]), ["---"] * 4, *(list(row.values()) for row in rows())]
    for row in lines[2:]:
        row[2] = f"`{row[2]}`"
    return "\n".join(f"| {' | '.join(row)} |" for row in lines) + "\n"


def write() -> None:
    """Write the table to the folder `MADE`, where the page finds it."""
    MADE.mkdir(exist_ok=True)
    text = table()
    if not (MADE / "table.md").exists() or (MADE / "table.md").read_text() != text:
        (MADE / "table.md").write_text(text)
