"""What papers say, asked of the book: each headline is one call at published values.

`headlines.md` shows the tables that `write` makes when the documentation is built, and
`tests/book/test_headlines.py` holds each number to what the paper says. `WITHOUT` says why there is
no such number of the other papers of the bibliography.
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
    paper
        Whose headline it is, where that is not the paper of the values.
    """

    says: str
    within: tuple[float, float]
    law: str
    source: str
    asked: str
    given: Mapping[str, float] = field(default_factory=dict)
    paper: str = ""

    @property
    def key(self) -> str:
        """Entry of the bibliography whose headline it is."""
        return self.paper or self.source.partition(":")[0]

    @property
    def recalled(self) -> str:
        """Mark of values that were not read in their source."""
        return ", recalled" * lawbook.load_law(self.law).estimate(self.source).recalled

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
        "By its third approach the best size grows like compute to the power 0.46.",
        (0.445, 0.465), "chinchilla", "hoffmann2022:1", "size_exponent",
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
    Headline(
        "Twice the parameters leave 94.9% of the loss, ...",
        (0.9485, 0.9495), "kaplan_size", "kaplan2020", "per_doubling",
    ),
    Headline(
        "... twice the data 93.6%, ...",
        (0.9355, 0.9365), "kaplan_data", "kaplan2020", "per_doubling",
    ),
    Headline(
        "... twice the compute 96.6%.",
        (0.9655, 0.9665), "kaplan_compute", "kaplan2020", "per_doubling",
    ),
    Headline(
        "Data cost at most 2% of the loss from 5000 N**0.74 tokens on, 2.3e10 for a billion.",
        (2.0e10, 2.6e10), "kaplan", "kaplan2020", "data_needed", {"N": 1e9, "tolerated": 0.02},
    ),
    Headline(
        "Training is best stopped well before convergence, about 10% above the converged loss.",
        (0.095, 0.105), "kaplan_steps", "kaplan2020", "above_convergence",
    ),
    Headline(
        "The best size of all domains grows so fast that tokens grow like its power 0.4.",
        (0.35, 0.45), "autoregressive_optimum", "henighan2020:6", "tokens_exponent",
    ),
    Headline(
        "A billion parameters model images of 8 by 8 pixels but for a few nats each.",
        (1, 5), "autoregressive_size", "henighan2020:1", "divergence", {"N": 1e9, "tokens": 192},
    ),
    Headline(
        "Tokens that are seen four times are nearly as good as new ones ...",
        (0.9, 1), "data_constrained", "muennighoff2023", "kept_value", {"epochs": 4},
    ),
    Headline(
        "... and after forty times worth little.",
        (0, 0.1), "data_constrained", "muennighoff2023", "last_epoch", {"epochs": 40},
    ),
    Headline(
        "Small runs foretell 1.4B parameters with 640 tokens each to 0.7%: 2.502 was measured ...",
        (2.4833, 2.5208), "overtraining_loss", "gadre2024:2", "loss", {"C": 7.96e21, "M": 640},
    ),
    Headline(
        "... and one of 6.9B at 20: 2.425 was measured, ...",
        (2.4068, 2.4432), "overtraining_loss", "gadre2024:2", "loss", {"C": 5.696e21, "M": 20},
    ),
    Headline(
        "... whose error on 17 tasks, from that loss, is right to 0.05%: 0.4716 was measured.",
        (0.4712, 0.4721), "overtraining_error", "gadre2024:2", "error", {"L": 2.44276},
    ),
    Headline(
        "BLEU follows a log-law of pre-training: 19.0 was drawn at 1.3e11 tokens.",
        (18.5, 19.5), "downstream_bleu", "isik2024:1", "BLEU", {"D_p": 1.31072e11},
    ),
    Headline(
        "With billions of tokens of fine-tuning more pre-training brings next to nothing.",
        (0, 0.05), "downstream_bleu", "isik2024:3", "slope", {"D_p": 1e10},
    ),
    Headline(
        "Encoder and decoder scaled alike cost under 1% of the reducible loss.",
        (1, 1.01), "nmt", "ghorbani2021:2", "split_penalty", {"share": 0.55},
    ),
    Headline(
        "The rate of overshadowing rises with the log of the size: 41% at 13B parameters.",
        (0.40, 0.42), "overshadowing_size", "zhang2025", "R", {"S": 1.3e10},
    ),
    Headline(
        "A search finds 0.00138 as the best rate of 1.07B parameters and 5.69e10 tokens, on a "
        "grid of a factor 1.41 ...",
        (9.77e-4, 1.953e-3), "step_law_rate", "li2025", "eta", {"N": 1.0737e9, "D": 5.69e10},
    ),
    Headline(
        "... and 5.2e5 tokens as the best batch, on one of a factor 2.",
        (2.62e5, 1.05e6), "step_law_batch", "li2025", "B", {"D": 5.69e10},
    ),
    Headline(
        "Encoders scale better than decoders: ten times the size leaves 93.4% of an encoder's "
        "loss ...",
        (0.930, 0.940), "time_series_size", "yao2024:1", "per_decade",
    ),
    Headline(
        "... and 96.7% of a decoder's.",
        (0.963, 0.970), "time_series_size", "yao2024:4", "per_decade",
    ),
    Headline(
        "MaMMUT overtakes CLIP between 1e10 and 1e11 GFLOP: for CLIP's error at 1e10 it needs "
        "more ...",
        (1e10, 1e11), "recipe_comparison", "nezhurina2025:2", "compute_for", {"error": 0.424067},
    ),
    Headline(
        "... and for CLIP's error at 1e11 less.",
        (1e10, 1e11), "recipe_comparison", "nezhurina2025:2", "compute_for", {"error": 0.29723},
    ),
    Headline(
        "openMaMMUT-L/14 errs on 18% of ImageNet by the paper's forecast; 19.7% was measured.",
        (0.18, 0.1966), "recipe_comparison", "nezhurina2025:2", "error", {"C": 2.59e12},
    ),
    Headline(
        "A model of 13B that is to serve 2e12 tokens is better replaced by one of 7B.",
        (6.5e9, 7.5e9), "inference_aware", "hoffmann2022:2", "optimal_size",
        {"goal": 2.02385, "served": 2e12}, "sardana2023",
    ),
    Headline(
        "Ten times the compute of training saves about fifteen times that of search.",
        (14.5, 16.5), "train_test_compute", "jones2021", "saved_by_decade",
    ),
)  # fmt: skip

NO_VALUES = "It prints no values of the law's parameters"
OF_CURVES = "The law has values of each curve, not of the paper"
NOT_READ = "No values of its law were read"
SECOND_HAND = "Its values were not read in the paper itself"
WITHOUT: Mapping[str, str] = {
    "rush_srik": "A reproduction whose results are the coefficients themselves.",
    "owt_scaling": "A notebook of Kaplan's laws on other text, which claims no number of its own.",
    "alabdulmohsin2022": f"{OF_CURVES}; its errors on curves are in `benchmarks/curves.py`.",
    "caballero2022": f"{OF_CURVES}; its curve of addition is fitted by a test of `broken_1`.",
    "busbridge2025": "Values of its law with a teacher were not found; those without one say "
    "nothing of teachers.",
    "zheng2021": "It fits no law; its tables are a replication, `casehold`.",
    "liu2024": "It fits no law, and its scores were not found.",
    "liu2025": "It fits no law; a test holds that the priors expect its 90% at 22,000 tokens.",
    "dominguezolmedo2024": "It fits no law; its released runs are a replication, `lawma`.",
    "fernandes2023": f"{NO_VALUES}: they are plotted.",
    "ruan2024": f"{NOT_READ}; its data are a replication, `observational`.",
    "polo2024": f"{NOT_READ}; its errors on larger models are a replication, `observational`.",
    "wang2025": f"{NO_VALUES}; its errors at one pixel are a replication, `patchification`.",
    "rafailov2024": f"{NOT_READ}.",
    "zhang2025discovery": "It proposes a law and measures nothing.",
    "fan2023": "It plots exponents without levels.",
    "qin2025": "It prints what its law foretells, not the values of it.",
    "su2024": f"{SECOND_HAND}; `trajectory` has those of Kaplan et al.",
    "zhong2024": "It counts cases and fits no law; they are a replication, `weakest_link`.",
    "skaling2026": f"{NOT_READ}.",
    "tissue2024": f"{NO_VALUES}; such schedules are a replication, `lr_annealing`.",
    "luo2025": "Its headline is the error on unseen schedules, a replication, `lr_annealing`.",
    "clark2022": f"{SECOND_HAND}, and its abstract has no number; its runs are a replication, "
    "`routing`.",
    "ye2024": "Its headline, 48% fewer steps, is of another corpus and a larger model than its "
    "values.",
    "liu2024regmix": "No law of the book: its mixtures are a replication, `regmix`.",
    "neumann2022": f"{NOT_READ}.",
    "owen2024": f"{NOT_READ}.",
    "khatri2025": "Only ceilings of its law were read.",
    "li2025farseer": "Its headline is the error on larger runs, a replication, `farseer`.",
    "okar2026": "A digest, whose refit of Farseer is held to the released runs by a test.",
    "ludziejewski2025": "Its abstract has no number; a test holds its printed row of 8 experts.",
    "krajewski2024": f"{SECOND_HAND}.",
    "abnar2025": f"{SECOND_HAND}.",
    "liew2025": f"{NOT_READ}; its runs are a replication, `moe_upcycling`.",
    "chen2025parscale": "Its headline, growth with the log of streams, is the law's form; its "
    "points are a replication, `parscale`.",
    "tan2025": "Only the form of its law was read.",
    "brandfonbrener2024": "Its headline is the error on larger runs, a replication, "
    "`loss_to_loss`.",
    "longpre2025": "Exponents of its law were read, no levels; a test holds what four times the "
    "languages cost.",
    "bergsma2025": f"{SECOND_HAND}, and its headline, two exponents, is values of the law.",
    "deepseek2024": f"{SECOND_HAND}.",
    "dai2026": "Its headline is the error on larger runs, a replication, `mixture_slimpajama`.",
    "shukor2025": "Its headline is the error on larger runs, a replication, `mixture_slimpajama`.",
    "brown2024": f"{NOT_READ}.",
    "hernandez2021": f"{SECOND_HAND}.",
    "gao2024sae": f"{SECOND_HAND}; its figure is a replication, `sparse_autoencoders`.",
    "porian2024": f"{SECOND_HAND}; its headline is a replication, `discrepancies`.",
}


def rows() -> list[dict[str, Any]]:
    """Make every call."""
    found = []
    for each in HEADLINES:
        paper = described(each.key)
        found.append(
            {
                "paper": f"{paper.dated}{each.recalled}",
                "what it says": each.says,
                "call": each.call,
                "what comes out": f"{short(each.value(), 4)} {each.unit}".rstrip(),
            }
        )
    return found


def table() -> str:
    """Return the table as Markdown."""
    made = rows()
    for row in made:
        row["call"] = f"`{row['call']}`"
    return _markdown(made)


def without() -> str:
    """Return the papers that have no headline here, and why, as Markdown."""
    papers = [(described(key), why) for key, why in WITHOUT.items()]
    made = [{"paper": of.dated, "why": why} for of, why in papers]
    return _markdown(sorted(made, key=lambda row: row["paper"].lower()))


def _markdown(made: Sequence[Mapping[str, str]]) -> str:
    lines = [list(made[0]), ["---"] * len(made[0]), *(list(row.values()) for row in made)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def write() -> None:
    """Write the tables to the folder `MADE`, where the page finds them."""
    MADE.mkdir(exist_ok=True)
    for name, text in (("table.md", table()), ("without.md", without())):
        file = MADE / name
        if not file.exists() or file.read_text() != text:
            file.write_text(text)
