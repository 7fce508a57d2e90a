"""Laws are found by words, and each says in which of its parts a word stands."""

import json

import pytest
from commands import run

import lawbook
from lawbook import LawError
from lawbook.laws.searching import nothing_found, search


@pytest.mark.parametrize("metric", ["elo", "accuracy", "reward"])
def test_rising_metrics_are_found_first_by_their_name(metric):
    first = lawbook.find(metric)[0]
    assert first.name == first.response.name == metric
    assert first.response.better == "higher"
    assert lawbook.find(response=metric)[0].response.name == metric


def test_a_response_is_looked_for_in_responses_alone():
    rising = lawbook.find(response="rising")
    assert {law.name for law in rising} == {
        law.name for law in lawbook.all_laws() if law.response.better == "higher"
    }
    assert all(law.response.name == "accuracy" for law in lawbook.find(response="accuracy"))
    legal = lawbook.find("legal", response="rising accuracy")
    assert [law.name for law in legal] == ["lawma", "lawma_compute"]
    with pytest.raises(LawError, match="the text has no words"):
        lawbook.find(response=" ")


def test_where_a_word_stands_is_said():
    found = {law.name: where for law, where in search("translation bleu")}
    assert found["nmt_quality"] == {"translation": "domain", "bleu": "response"}
    ranks = [law.name for law, _ in search("vocabulary size")]
    assert ranks[:3] == ["vocabulary", "vocabulary_derivative", "vocabulary_isoflop"]


@pytest.mark.parametrize(
    ("words", "response", "message"),
    [
        (
            "chinchila",
            "",
            "find('chinchila'): no law of the book has the word 'chinchila' anywhere; expected "
            "words of names, responses, domains, symbols, units or pages; did you mean "
            "'chinchilla'?",
        ),
        (
            "",
            "acuracy",
            "find('acuracy'): no law of the book has the word 'acuracy' in its response; expected "
            "words of names, responses, domains, symbols, units or pages; did you mean 'accuracy'?",
        ),
        (
            "zqx",
            "",
            "find('zqx'): no law of the book has the word 'zqx' anywhere; expected words of names, "
            "responses, domains, symbols, units or pages; try another word",
        ),
        (
            "legal vocabulary",
            "",
            "find('legal vocabulary'): no law of the book has all of 'legal', 'vocabulary'; "
            "expected words of one law; leave some out",
        ),
    ],
)
def test_what_is_not_found_is_said_with_the_nearest_words(words, response, message):
    assert lawbook.find(words, response=response) == ()
    assert str(nothing_found(words, response)) == message
    options = ["--response", response] if response else []
    done = run("find", *words.split(), *options)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"error: {message}\n")


def test_the_command_line_finds_the_same():
    told = json.loads(run("find", "accuracy", "--json").stdout)
    assert [row["name"] for row in told] == [law.name for law in lawbook.find("accuracy")]
    assert told[0] == {
        "name": "accuracy",
        "domain": "downstream",
        "inputs": ["C"],
        "response": "accuracy",
        "unit": "share",
        "better": "higher",
        "found_in": {"accuracy": "name"},
    }
    shown = run("find", "elo").stdout
    assert "elo [Elo points], higher is better" in shown
    assert "elo: name" in shown
    assert run("find").returncode == 2
