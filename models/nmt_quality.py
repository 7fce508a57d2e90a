"""NMT quality: BLEU of a translation model by its loss.

    nmt_quality   BLEU = c_B L**-p_B

L      log-perplexity of a test set, nats per token, as nmt has it
BLEU   as a share

The law holds for test sets that were written in the target language. Test sets have their own
values.

Source: Ghorbani et al. (2021), arXiv:2109.07740; values read off its fitted lines: English to
German, symmetric, encoder and decoder scaling, then German to English, encoder and decoder scaling.
"""

from lawbook import Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal
from lawbook.terms import power


def quality(xp: Namespace, L, *, c_B, p_B):
    """BLEU by the loss."""
    return c_B * power(xp, L, -p_B)


LAW = Law(
    name="nmt_quality",
    domain="translation",
    formula=quality,
    inputs=[Input("L", unit="nats/token", seen=(0.85, 1.3))],
    response=Response("bleu", "share", StudentT("log", LogNormal(0.02, 0.7)), "higher"),
    params=[
        Param("c_B", LogNormal(median=0.4, log_sd=0.2), pool="partial"),
        Param("p_B", LogNormal(median=0.55, log_sd=0.3), pool="partial"),
    ],
    published=[
        Estimate("ghorbani2021", "en-de, symmetric", c_B=0.389, p_B=0.59),
        Estimate("ghorbani2021", "en-de, encoder", c_B=0.393, p_B=0.68),
        Estimate("ghorbani2021", "en-de, decoder", c_B=0.386, p_B=0.60),
        Estimate("ghorbani2021", "de-en, encoder", c_B=0.450, p_B=0.55),
        Estimate("ghorbani2021", "de-en, decoder", c_B=0.442, p_B=0.41),
    ],
)
