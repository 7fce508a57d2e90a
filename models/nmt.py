"""NMT: translation loss by the sizes of encoder and decoder, and quality by the loss.

    nmt           L = alpha (252 / N_e)**p_e (302 / N_d)**p_d + L_inf
    nmt_quality   BLEU = c_B L**-p_B

N_e, N_d   parameters of encoder and decoder without embeddings, in millions; the baseline of 12
           layers each has 252 and 302
L          log-perplexity of a test set, nats per token
alpha      reducible loss of the baseline
BLEU       as a share; the law holds for test sets that were written in the target language

Test sets have their own values; text translated into the source language has a lower floor. Data
was never the bottleneck in these runs.

Source: Ghorbani et al. (2021), arXiv:2109.07740. Coefficients of the losses are not printed; those
of the quality are read off its fitted lines: English to German, symmetric, encoder and decoder
scaling, then German to English, encoder and decoder scaling.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal
from lawbook.terms import power


def loss(xp: Namespace, N_e, N_d, *, alpha, p_e, p_d, L_inf):
    """Multiply what the encoder and the decoder leave, above the floor."""
    return alpha * power(xp, 252 / N_e, p_e) * power(xp, 302 / N_d, p_d) + L_inf


def quality(xp: Namespace, L, *, c_B, p_B):
    """BLEU by the loss."""
    return c_B * power(xp, L, -p_B)


def decoder_share(xp: Namespace, *, p_e, p_d):
    """Share of the parameters that belongs in the decoder, whatever the budget."""
    return p_d / (p_e + p_d)


def best_loss(xp: Namespace, B, *, alpha, p_e, p_d, L_inf):
    """Loss of the best split of B million parameters."""
    both = p_e + p_d
    sizes = B * p_e / both, B * p_d / both
    return loss(xp, *sizes, alpha=alpha, p_e=p_e, p_d=p_d, L_inf=L_inf)


def split_penalty(xp: Namespace, share, *, p_e, p_d):
    """Factor on the reducible loss for a share of the decoder other than the best."""
    both = p_e + p_d
    encoder = power(xp, p_e / both / (1 - share), p_e)
    return encoder * power(xp, p_d / both / share, p_d)


LAWS = (
    Law(
        name="nmt",
        domain="translation",
        formula=loss,
        inputs=[
            Input("N_e", unit="million parameters", seen=(42, 1343)),
            Input("N_d", unit="million parameters", seen=(50, 1612)),
        ],
        response=Response("loss", "nats/token", StudentT("log", LogNormal(0.003, 0.7))),
        params=[
            Param("alpha", LogNormal(median=0.07, log_sd=0.7), "partial", unit="nats/token"),
            Param("p_e", LogNormal(median=0.28, log_sd=0.4), pool="partial"),
            Param("p_d", LogNormal(median=0.5, log_sd=0.4), pool="partial"),
            Param("L_inf", LogNormal(median=0.85, log_sd=0.3), "partial", unit="nats/token"),
        ],
        derived=[
            Derived("decoder_share", decoder_share),
            Derived("best_loss", best_loss, unit="nats/token"),
            Derived("split_penalty", split_penalty),
        ],
    ),
    Law(
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
            Estimate("ghorbani2021", c_B=0.389, p_B=0.59),
            Estimate("ghorbani2021", c_B=0.393, p_B=0.68),
            Estimate("ghorbani2021", c_B=0.386, p_B=0.60),
            Estimate("ghorbani2021", c_B=0.450, p_B=0.55),
            Estimate("ghorbani2021", c_B=0.442, p_B=0.41),
        ],
    ),
)
