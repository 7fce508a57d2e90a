"""NMT: translation loss by the sizes of encoder and decoder.

    nmt   L = alpha (252 / N_e)**p_e (302 / N_d)**p_d + L_inf

N_e, N_d   parameters of encoder and decoder without embeddings, in millions; the baseline of 12
           layers each has 252 and 302
L          log-perplexity of a test set, nats per token
alpha      reducible loss of the baseline

Test sets have their own values; text translated into the source language has a lower floor. Data
was never the bottleneck in these runs. nmt_quality turns the loss into BLEU.

Source: Ghorbani et al. (2021), arXiv:2109.07740; values are refits of points read off a figure.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal
from lawbook.terms import power


def loss(xp: Namespace, N_e, N_d, *, alpha, p_e, p_d, L_inf):
    """Multiply what the encoder and the decoder leave, above the floor."""
    return alpha * power(xp, 252 / N_e, p_e) * power(xp, 302 / N_d, p_d) + L_inf


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


MILLIONS = "million parameters"
SOURCE = dict(alpha=0.0451, p_e=0.2114, p_d=0.7295, L_inf=0.8996)
TARGET = dict(alpha=0.0919, p_e=0.2944, p_d=0.4214, L_inf=0.7960)

LAW = Law(
    name="nmt",
    domain="translation",
    formula=loss,
    inputs=[Input("N_e", MILLIONS, seen=(42, 1343)), Input("N_d", MILLIONS, seen=(50, 1612))],
    response=Response("loss", "nats/token", StudentT("log", LogNormal(0.003, 0.7))),
    params=[
        Param("alpha", LogNormal(median=0.07, log_sd=0.7), "partial", unit="nats/token"),
        Param("p_e", LogNormal(median=0.28, log_sd=0.4), pool="partial"),
        Param("p_d", LogNormal(median=0.5, log_sd=0.4), pool="partial"),
        Param("L_inf", LogNormal(median=0.85, log_sd=0.3), "partial", unit="nats/token"),
    ],
    published=[
        Estimate("ghorbani2021", "En-De, source-original", **SOURCE),
        Estimate("ghorbani2021", "En-De, target-original", **TARGET),
    ],
    derived=[
        Derived("decoder_share", decoder_share),
        Derived("best_loss", best_loss, unit="nats/token"),
        Derived("split_penalty", split_penalty),
    ],
)
