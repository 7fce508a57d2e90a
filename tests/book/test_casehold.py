"""Legal pre-training: gains on the logit scale, as worked out from the paper's table."""

import numpy as np
import pytest
from book_laws import printed

import lawbook

LAW = lawbook.load_law("casehold")
AT = {"a": 0.15, "b": 2.0}


def test_a_gain_of_the_paper_s_lines_moves_f1_as_worked_out():
    for gain, f1 in ((0.279948, "0.686165"), (0.393770, "0.710141")):
        assert LAW.formula(np, 0.623, 0.084, a=gain, b=0.0) == printed(f1)


def test_the_domain_model_is_no_better_at_the_break_even():
    even = LAW.quantity("break_even").formula(np, **AT)
    assert LAW.formula(np, 0.7, even, **AT) == pytest.approx(0.7)
    assert LAW.formula(np, 0.7, even + 0.01, **AT) > 0.7
