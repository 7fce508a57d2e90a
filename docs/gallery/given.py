"""Where derived quantities are looked at on the pages of laws."""

import numpy as np

from lawbook.data.runs import Runs
from lawbook.errors import LawError
from lawbook.laws.law import Derived, Law

# names under which a formula is given a value of the response, beside the response's own
RESPONSES = ("loss", "score", "quality", "rate", "f", "L", "kappa", "bits")
VALUES = {
    "adversarial_activations": {"t": 100},
    "chinchilla": {"C": 1e23},
    "autoregressive_information": {"share": 0.2},
    "autoregressive_size": {"tokens": 192},
    "data_constrained": {"epochs": 4},
    "data_filtering": {"other": -0.1},
    "data_filtering_released": {"other": -0.1},
    "densing_score": {"N": 8e9, "D": 5e12, "a": 1.583, "b": 38.88, "alpha": 0.1034, "beta": 0.2365},
    "densing_trend": {"days": 365},
    "elo": {"ratio": 10},
    "farseer": {"C": 1e22},
    "fp_quant": {"P": 8, "C": 1e23},
    "fp_quant_error": {"P": 8},
    "inference_aware": {"goal": 2.0, "served": 2e12},
    "kaplan": {"tolerated": 0.02},
    "lawma_gain": {"accuracy": 0.4},
    "lr_annealing": {"fall": 2.7e-4, "memory": 0.999},
    "moe_joint": {"C": 1e22},
    "multilingual_languages": {"r": 4},
    "nmt": {"B": 500, "share": 0.3},
    "precision": {"P": 4},
    "qat_error": {"tolerated": 0.05},
    "repeated_sampling": {"share": 0.9},
    "reward_overoptimization_rl": {"rounds": 3},
    "scientific_discovery": {"years": 10},
    "sparsing_relu": {"share": 0.5},
    "sparsing_silu": {"share": 0.5},
    "vocabulary": {"d": 2048, "F": 1e20},
    "vocabulary_derivative": {"d": 2048},
    "vocabulary_isoflop": {"d": 2048},
    "weakest_link": {"goal": 0.6, "stronger": 0.8},
}


def given(law: Law, quantity: Derived, runs: Runs) -> dict[str, float]:
    """Return the values at which a quantity is derived.

    Inputs of the law are in the middle of what the paper saw, responses in the middle of the
    runs; others stand in `VALUES`.

    Raises
    ------
    LawError
        If there is no value for one.
    """
    known = dict.fromkeys((*RESPONSES, law.response.name), float(np.median(runs.response)))
    known |= {x.name: x.spread(0.5) for x in law.inputs} | VALUES.get(law.name, {})
    if missing := [name for name in quantity.given if name not in known]:
        raise LawError(
            f"law {law.name!r}: nothing says where to look at {quantity.name!r}; expected a value "
            f"of {missing[0]!r}; add it to VALUES in docs/gallery/given.py"
        )
    return {name: float(f"{known[name]:.2g}") for name in quantity.given}
