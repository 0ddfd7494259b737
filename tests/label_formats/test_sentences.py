"""Where sentences of running text end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.label_formats.reading.sentences import sentence_spans

TITLES = ("Mr", "Dr", "z.B")


def sentences(text: str) -> list[str]:
    return [text[begin:stop] for begin, stop in sentence_spans(text, TITLES)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Go up. And down!  Why?\nSo.", ["Go up.", "And down!", "Why?", "So."]),
        ("no marks at all", ["no marks at all"]),
        ("It rained... Then it did not.", ["It rained...", "Then it did not."]),
        # Quotes and brackets that close belong to the sentence, those that open to the next.
        ('"Go!" (They went.) "Stay."', ['"Go!"', "(They went.)", '"Stay."']),
        ("\u201cWhat now?\u201d he said. She left.", ["\u201cWhat now?\u201d he said.", "She left."]),
        # A full stop that ends nothing.
        ("Mr. Lee met Dr. Poe. They ate.", ["Mr. Lee met Dr. Poe.", "They ate."]),
        ("J. S. Bach, z. B. Fugen. Gut.", ["J. S. Bach, z. B. Fugen.", "Gut."]),
        ("Some, e.g. figs, cost 3.50 each. See a.txt.", ["Some, e.g. figs, cost 3.50 each.", "See a.txt."]),
        ("Gut, z.B. Fugen.", ["Gut, z.B. Fugen."]),
        ("1. Go up. 2. Go down.", ["1. Go up.", "2. Go down."]),
        # What the rules say of their own limit.
        ("At 3 p.m. He left. So.", ["At 3 p.m. He left.", "So."]),
        # Other scripts.
        (
            "\u4eca\u65e5\u306f\u3002\u300c\u306f\u3044\uff01\u300d\u3068",
            ["\u4eca\u65e5\u306f\u3002", "\u300c\u306f\u3044\uff01\u300d", "\u3068"],
        ),
        ("\u0915\u092e\u0932\u0964 \u0918\u0930\u0964", ["\u0915\u092e\u0932\u0964", "\u0918\u0930\u0964"]),
        ("\u00bfQu\u00e9? \u00a1Ven!", ["\u00bfQu\u00e9?", "\u00a1Ven!"]),
        (" \n ", []),
        ("...", ["..."]),
    ],
)
def test_a_sentence_ends_with_its_marks_and_what_closes_after_them(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@given(st.text(alphabet="aB1 .!?\"')(\n\u3002\u4eca\u2026"))
def test_no_character_but_blanks_is_lost_and_none_is_there_twice(text: str) -> None:
    spans = list(sentence_spans(text, TITLES))
    edges = [0, *(edge for span in spans for edge in span), len(text)]
    assert edges == sorted(edges)
    between = [text[begin:stop] for begin, stop in zip(edges[::2], edges[1::2], strict=True)]
    assert "".join(between).strip() == ""
    assert all(text[begin:stop].strip() == text[begin:stop] != "" for begin, stop in spans)
