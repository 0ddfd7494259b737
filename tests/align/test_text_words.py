import pytest

from tasks.align.texts.words import to_words


def words(text: str) -> list[str]:
    (found,), vocabulary = to_words([text])
    return [vocabulary[row] for row in found.ids.tolist()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Good morning, WORLD!", ["good", "morning", "world"]),
        ("Don't, don\u2019t", ["dont", "dont"]),
        ("well-known light\u2014house", ["well", "known", "light", "house"]),
        ("exam-\n  ple, soft\u00adly", ["example", "softly"]),
        ("1,000,000 and 3.14 of 2,5", ["1000000", "and", "3", "14", "of", "2", "5"]),
        ("Stra\u00dfe STRASSE \ufb01sh", ["strasse", "strasse", "fish"]),
        ("cafe\u0301 caf\u00e9", ["caf\u00e9", "caf\u00e9"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("今日は、AIの日。", ["今", "日", "は", "ai", "の", "日"]),
        ("ที่นี่", ["ที่", "นี่"]),
        ("\u2014 \u2026 _ !", []),
        ("", []),
    ],
)
def test_two_people_who_write_the_same_words_write_the_same(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_a_word_knows_its_text_and_its_place_in_it_by_characters_of_words() -> None:
    (left, right), vocabulary = to_words(["One, two", "", "two"], ["two"])
    assert vocabulary == ["one", "two"]
    assert left.ids.tolist() == [0, 1, 1]
    assert left.owner.tolist() == [0, 0, 2]
    assert list(zip(left.before.tolist(), left.until.tolist(), left.total.tolist(), strict=True)) == [
        (0, 3, 6),
        (3, 6, 6),
        (0, 3, 3),
    ]
    assert right.ids.tolist() == [1]
