"""A law is checked where it is declared, and says what is wrong in words."""

import re
from dataclasses import replace

import numpy as np
import pytest
from book_laws import LAWS

import lawbook
from lawbook import Estimate, Input, Law, LawError, Param, Response, StudentT
from lawbook.errors import listed
from lawbook.laws.law import DOMAINS
from lawbook.laws.signatures import takes
from lawbook.priors import HalfNormal, LogNormal, RatioSize, TermSize


def loss(xp, N, D, *, E, A, alpha):
    return E + A * xp.exp(-alpha * xp.log(N * D))


WORKING = {
    "name": "mine",
    "formula": loss,
    "inputs": [Input("N", "parameters", seen=(1e6, 1e9)), Input("D", "tokens", seen=(1e8, 1e11))],
    "response": Response("loss", "nats/token"),
    "params": [
        Param("E", LogNormal(1.8, 0.3)),
        Param("A", TermSize(LogNormal(0.4, 0.5), at={"N": 1e8}, decay="alpha")),
        Param("alpha", LogNormal(0.35, 0.25)),
    ],
}


def declare(**changes):
    return Law(**(WORKING | changes))


def says(text):
    return pytest.raises(LawError, match=f"^{re.escape(text)}$")


def test_a_formula_of_many_symbols_may_take_them_together():
    @takes("D", params=["A", "alpha"])
    def together(xp, N, *others, E, **at):
        return loss(xp, N, *others, E=E, **at)

    law, at = declare(formula=together), {"E": 1.8, "A": 40.0, "alpha": 0.1}
    assert law.formula(np, 1e8, 1e10, **at) == loss(np, 1e8, 1e10, **at)
    assert law.version != declare().version


def without_alpha(xp, N, D, *, E, A):
    return E + A / N / D


def misspelt(xp, N, D, *, E, A, alhpa):
    return E + A * xp.exp(-alhpa * xp.log(N * D))


def turned_round(xp, D, N, *, E, A, alpha):
    return loss(xp, N, D, E=E, A=A, alpha=alpha)


def turned_round_twice(xp, N, D, *, E, A, alpha):
    return turned_round(xp, D, N, E=E, A=A, alpha=alpha)


def anything(xp, *inputs, E, A, alpha):
    return E


def any_params(xp, N, D, **params):
    return params["E"]


def by_position(xp, N, D, /, *, E, A, alpha):
    return E


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        pytest.param(
            {"formula": misspelt},
            "law 'mine': only its formula has the params 'alhpa', only its declaration has "
            "'alpha'; expected a Param for every name after the *",
            id="misspelt",
        ),
        pytest.param(
            {"formula": without_alpha},
            "law 'mine': only its formula has the params nothing, only its declaration has "
            "'alpha'; expected a Param for every name after the *",
            id="unknown to the formula",
        ),
        pytest.param(
            {"formula": turned_round},
            "law 'mine': its formula takes the inputs 'D', 'N', its declaration has 'N', 'D'; "
            "expected the same names in the same order, after xp",
            id="inputs in another order",
        ),
        pytest.param(
            {"inputs": WORKING["inputs"][:1]},
            "law 'mine': its formula takes the inputs 'N', 'D', its declaration has 'N'; "
            "expected the same names in the same order, after xp",
            id="undeclared input",
        ),
        *(
            pytest.param(
                {"formula": formula},
                "law 'mine': its formula takes *args, **kwargs or positional-only arguments; "
                "expected f(xp, *inputs, *, params), each by name",
                id=formula.__name__,
            )
            for formula in (anything, any_params, by_position)
        ),
        pytest.param(
            {"params": [*WORKING["params"], Param("A", HalfNormal(1.0))]},
            "law 'mine': 'A' named twice among inputs, response, params and noise; "
            "expected different names; rename one",
            id="param twice",
        ),
        pytest.param(
            {"response": Response("N", "nats/token")},
            "law 'mine': 'N' named twice among inputs, response, params and noise; "
            "expected different names; rename one",
            id="response named as an input",
        ),
        pytest.param(
            {
                "formula": lambda xp, N, D, *, sigma: sigma,
                "params": [Param("sigma", HalfNormal(1.0))],
            },
            "law 'mine': 'sigma' named twice among inputs, response, params and noise; "
            "expected different names; rename one",
            id="param named as the noise's",
        ),
        pytest.param(
            {"formula": "E + A / N"},
            "law 'mine': its formula is 'E + A / N'; expected a plain function",
            id="no function",
        ),
        pytest.param(
            {"name": "my law"},
            "law 'my law': its name is not one word; expected letters, digits and underscores; "
            "rename it",
            id="name of two words",
        ),
        pytest.param(
            {"cost": lambda N, C: 6 * N * C},
            "law 'mine': its cost takes 'C'; expected some of its inputs 'N', 'D'",
            id="cost of an unknown input",
        ),
        pytest.param(
            {"published": [Estimate("someone2024", E=1.8, A=400, gamma=0.3)]},
            "law 'mine': the estimate 'someone2024' lacks 'alpha' and has the unknown 'gamma'; "
            "expected one value for each of 'E', 'A', 'alpha'",
            id="estimate of other params",
        ),
        pytest.param(
            {"domain": "cooking"},
            f"law 'mine': there is no domain 'cooking'; expected one of {listed(DOMAINS)}",
            id="unknown domain",
        ),
        pytest.param(
            {"status": "recalled"},
            "law 'mine': status='recalled'; expected 'published' or 'proposed'",
            id="unknown status",
        ),
    ],
)
def test_a_wrong_declaration_fails_at_once(changes, text):
    with says(text):
        declare(**changes)


def test_priors_refer_to_what_the_law_has():
    E, _, alpha = WORKING["params"]
    size = LogNormal(0.4, 0.5)
    with says(
        "law 'mine': the prior of 'A' refers to the input 'C'; expected one of 'N', 'D'",
    ):
        declare(params=[E, Param("A", TermSize(size, at={"C": 1e20}, decay="alpha")), alpha])
    with says(
        "law 'mine': the prior of 'A' refers to the exponent 'beta'; "
        "expected one of the params 'E', 'alpha'"
    ):
        declare(params=[E, Param("A", TermSize(size, at={"N": 1e8}, decay="beta")), alpha])
    with says(
        "law 'mine': the prior of 'A' refers to the exponent 'A'; "
        "expected one of the params 'E', 'alpha'"
    ):
        declare(params=[E, Param("A", RatioSize(size, at={"N": 1e8}, exponent="A")), alpha])
    in_a_circle = Param("alpha", TermSize(size, at={"D": 1e9}, growth="A"))
    with pytest.raises(LawError) as caught:
        declare(params=[E, WORKING["params"][1], in_a_circle])
    assert re.fullmatch(
        "law 'mine': the priors of ('A', 'alpha'|'alpha', 'A') refer to one another; "
        "expected no circle; give one of them a prior of its own",
        str(caught.value),
    )


def test_params_come_after_those_that_they_need():
    for law in (declare(), *lawbook.all_laws()):
        before = set()
        for param in law.ordered_params:
            assert set(param.prior.needs) <= before
            before.add(param.name)
        assert before == set(law.param_names)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (
            lambda: Input("N", "parameters", seen=(1e9, 1e6)),
            "input 'N': seen=(1000000000.0, 1000000.0) does not fit support=(0.0, inf); "
            "expected an increasing pair inside it; correct one of the two",
        ),
        (
            lambda: Input("q", "fraction", seen=(0.1, 1.5), support=(0, 1)),
            "input 'q': seen=(0.1, 1.5) does not fit support=(0, 1); "
            "expected an increasing pair inside it; correct one of the two",
        ),
        (
            lambda: Response("loss", "nats/token", better="less"),
            "response 'loss': better='less'; expected 'lower' or 'higher'; write one of the two",
        ),
        (
            lambda: Param("E", 1.8),
            "param 'E': prior 1.8 is not a prior; expected a value from lawbook.priors; "
            "write LogNormal(median=1.0, log_sd=0.5)",
        ),
        (
            lambda: Param("E", HalfNormal(1.0), pool="partially"),
            "param 'E': unknown pooling 'partially'; expected 'full', 'partial', 'none', "
            "or one of them per grouping column",
        ),
        (
            lambda: Param("E", HalfNormal(1.0), pool={"family": "partial", "seed": "some"}),
            "param 'E': unknown pooling 'some'; expected 'full', 'partial', 'none', "
            "or one of them per grouping column",
        ),
        (
            lambda: StudentT(on="sqrt"),
            "StudentT(on='sqrt', sigma=LogNormal(median=0.01, log_sd=1), "
            "nu=LogNormal(median=4, log_sd=0.5)): unknown scale on='sqrt'; "
            "expected one of ('identity', 'log', 'logit'); write on='log' for a loss",
        ),
    ],
)
def test_the_parts_of_a_law_are_checked(make, text):
    with says(text):
        make()


def test_an_end_that_the_paper_reached_belongs_to_the_support():
    repeats = Input("R", "repeats", seen=(0, 59))
    assert repeats.bounds[0] < 0 < np.nextafter(0, 1)
    assert repeats.spread(np.array([0, 0.5, 1])).tolist() == [0, 29.5, 59]
    share = Input("q", "fraction", seen=(0.1, 1), support=(0, 1))
    assert (share.bounds[0], share.bounds[1] > 1) == (0, True)
    assert Input("D", "tokens", seen=(1e9, 1e11)).spread(0.5) == pytest.approx(1e10)
    with says(
        "input 'R': seen=(0, inf) does not fit support=(0.0, inf); "
        "expected an increasing pair inside it; correct one of the two"
    ):
        Input("R", "repeats", seen=(0, np.inf))


def test_variants_change_what_is_named_and_nothing_else():
    law = declare()
    tighter = law.with_priors(alpha=LogNormal(0.3, 0.1))
    assert tighter.param("alpha").prior == LogNormal(0.3, 0.1)
    assert tighter.with_priors(alpha=LogNormal(0.35, 0.25)) == law
    pooled = law.with_pooling("partial", E={"family": "none"})
    assert [p.pool for p in pooled.params] == [(("family", "none"),), "partial", "partial"]
    assert pooled.param("E").pooling("family") == "none"
    assert pooled.param("E").pooling("seed") == "full"
    assert pooled.param("A").pooling("seed") == "partial"
    with says(
        "law 'mine': it has no param 'gama'; expected some of 'E', 'A', 'alpha'; correct the name"
    ):
        law.with_priors(gama=LogNormal(0.2, 0.5))
    with says(
        "law 'mine': it has no param 'beta'; expected some of 'E', 'A', 'alpha'; correct the name"
    ):
        law.with_pooling(beta="full")
    with says(
        "law 'mine': it has no param 'beta'; expected some of 'E', 'A', 'alpha'; correct the name"
    ):
        law.param("beta")


def test_lists_become_tuples_and_laws_are_values():
    law = declare()
    assert law == declare()
    assert hash(law) == hash(declare())
    assert law.params[1:] == tuple(WORKING["params"][1:])
    assert law.input_names == ("N", "D")
    assert law.param("sigma").pool == "partial"
    assert Estimate("a", E=1) == Estimate("a", E=1.0)
    assert repr(Estimate("a", E=1, alpha=0.35)) == "Estimate('a', E=1, alpha=0.35)"


def test_the_version_follows_what_decides_the_answer(monkeypatch):
    law = declare()
    assert re.fullmatch("[0-9a-f]{12}", law.version)
    assert law.version == declare().version
    assert replace(law, published=[Estimate("a", E=1.8, A=400, alpha=0.3)]).version == law.version
    others = [
        law.with_priors(E=LogNormal(1.7, 0.3)),
        law.with_pooling("partial"),
        declare(formula=lambda xp, N, D, *, E, A, alpha: E + A),
        declare(formula=eval("lambda xp, N, D, *, E, A, alpha: E - A")),  # no source to read
        declare(formula=eval("lambda xp, N, D, *, E, A, alpha: E * A")),
        declare(formula=eval("lambda xp, N, D, *, E, A, alpha: E * 2")),
        declare(formula=eval("lambda xp, N, D, *, E, A, alpha: E * 3")),
        declare(formula=turned_round_twice),
    ]
    before = declare(formula=turned_round_twice).version
    monkeypatch.setitem(globals(), "turned_round", misspelt)
    assert declare(formula=turned_round_twice).version != before
    assert len({law.version, *(other.version for other in others)}) == len(others) + 1


def test_a_law_reads_as_a_table():
    assert str(declare().with_pooling(E={"family": "partial", "seed": "none"})) == (
        "mine   loss [nats/token], Student-t noise on log loss\n"
        "  N      input [parameters], seen 1e6 to 1e9\n"
        "  D      input [tokens], seen 1e8 to 1e11\n"
        "  E      LogNormal(median=1.8, log_sd=0.3)"
        "                                          partial over family, none over seed\n"
        "  A      TermSize(LogNormal(median=0.4, log_sd=0.5), at={'N': 1e8}, decay='alpha')  full\n"
        "  alpha  LogNormal(median=0.35, log_sd=0.25)                                        full\n"
        "  sigma  LogNormal(median=0.01, log_sd=1)"
        "                                           partial over groups\n"
        "  nu     LogNormal(median=4, log_sd=0.5)                                            full"
    )


@pytest.mark.parametrize("law", LAWS)
def test_every_law_of_the_book_prints_all_its_priors(law):
    lines = str(law).splitlines()
    assert lines[0].startswith(f"{law.name}   {law.response.name} [{law.response.unit}], ")
    assert len(lines) == 1 + len(law.inputs) + len(law.params) + len(law.noise_params)
    assert all(repr(param.prior) in str(law) for param in law.params)


@pytest.mark.parametrize(
    ("noise", "words", "inside"),
    [
        (lawbook.StudentT(on="log"), "Student-t noise on log loss", (0, np.inf)),
        (lawbook.StudentT(on="identity"), "Student-t noise on loss", (-np.inf, np.inf)),
        (lawbook.Normal(on="logit"), "Gaussian noise on logit loss", (0, 1)),
        (lawbook.Beta(), "beta noise on loss", (0, 1)),
        (
            lawbook.Binomial("n"),
            "binomial noise on loss, trials in column 'n'",
            (-1e-12, 1 + 1e-12),
        ),
        (lawbook.NegativeBinomial(), "negative binomial noise on loss", (-1, np.inf)),
    ],
)
def test_noise_says_what_it_is_and_where_it_is_defined(noise, words, inside):
    response = Response("loss", "nats/token", noise=noise)
    assert noise.in_words("loss") == words
    assert response.support == inside


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("adversarial_success", "051c260f2787"),  # Binomial
        ("autoregressive_compute", "05da1c25e117"),  # RatioSize
        ("broken_1", "f524cbec015e"),  # priors.Normal
        ("broken_2", "1519ac9b55a4"),  # Share
        ("casehold", "7b8174090c7b"),  # StudentT on the logit
        ("densing_score", "c8e40afb0b97"),  # Normal as noise, Negative
        ("lawflow", "c33a3b675176"),  # NegativeBinomial
        ("lawma", "dc17b203bb47"),  # Beta
        ("learning_curve", "1359826768f5"),  # Discrepancy
        ("revisiting_m4", "a7d4b42f20e6"),  # HalfNormal
    ],
)
def test_laws_keep_their_versions_so_that_saved_fits_open(name, version):
    assert lawbook.load_law(name).version == version
