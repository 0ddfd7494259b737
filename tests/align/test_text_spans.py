import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.align.texts.spans import Cues, TextTimes, time_sentences
from tasks.core.times import NS_PER_S

HALF = 0.5


def cues(*rows: tuple[int, int, str]) -> Cues:
    starts, ends = (np.array([row[column] * NS_PER_S for row in rows], np.int64) for column in (0, 1))
    return Cues([row[2] for row in rows], starts, ends)


def spans_s(found: TextTimes) -> dict[int, tuple[float, float]]:
    spans = zip(found.start_ns / NS_PER_S, found.end_ns / NS_PER_S, strict=True)
    return dict(zip(found.rows.tolist(), [(float(a), float(b)) for a, b in spans], strict=True))


def test_a_sentence_begins_with_its_first_word_and_ends_with_its_last() -> None:
    found = time_sentences(
        ["Good morning, and welcome!", "The cat sat on the mat."],
        cues((0, 4, "good morning"), (5, 9, "And welcome. The"), (10, 13, "cat sat on the mat")),
        HALF,
    )
    # "and welcome" are 10 of the 13 characters of the second cue.
    assert found.start_ns.tolist() == [0, 5_000_000_000 + 4_000_000_000 * 10 // 13]
    assert found.end_ns.tolist() == [5_000_000_000 + 4_000_000_000 * 10 // 13, 13_000_000_000]
    assert found.similarity.tolist() == [1.0, 1.0]
    assert found.lost == ()
    assert found.unheard.tolist() == []


def test_a_word_heard_as_another_still_marks_the_edge_of_its_sentence() -> None:
    found = time_sentences(
        ["Thirty sailing boats came in", "and nobody saw forty of them"],
        cues((0, 1, "30"), (1, 4, "sailing boats came in"), (4, 9, "and nobody saw"), (9, 10, "40 off dem")),
        HALF,
    )
    assert spans_s(found) == {0: (0.0, 4.0), 1: (4.0, 10.0)}


def test_a_word_of_the_sentence_that_is_elsewhere_does_not_stretch_it() -> None:
    found = time_sentences(
        ["The dog ran off."],
        cues((0, 1, "the"), (1, 8, "weather will be rather mild this afternoon"), (8, 9, "dog ran off")),
        HALF,
    )
    assert spans_s(found) == {0: (8.0, 9.0)}
    assert found.unheard.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("sentence", "why", "cue", "similarity"),
    [
        ("\u2026", "no_words", -1, 0.0),
        ("Xylophone quartz", "nothing_alike", -1, 0.0),
        ("Harbour zebra quartz", "too_little_alike", 1, 7 / 18),
        ("good morning everyone", "out_of_order", 0, 11 / 19),
    ],
)
def test_a_sentence_that_is_not_found_says_what_was_nearest(
    sentence: str, why: str, cue: int, similarity: float
) -> None:
    heard = cues((0, 2, "Good morning"), (2, 4, "our little harbour"), (4, 6, "is very old"))
    found = time_sentences(["Good morning", "our little", sentence, "is very old"], heard, HALF)
    (lost,) = found.lost
    assert (lost.row, lost.why, lost.cue) == (2, why, cue)
    assert lost.similarity == pytest.approx(similarity)


def test_cues_that_no_sentence_speaks_of_are_named() -> None:
    heard = cues((0, 1, "one two"), (1, 2, "[music]"), (2, 3, "three four"), (3, 4, ""))
    assert time_sentences(["One, two.", "Three, four."], heard, HALF).unheard.tolist() == [1, 3]


def test_nothing_to_look_for_or_to_look_in_is_no_error() -> None:
    assert time_sentences([], cues((0, 1, "one")), HALF).unheard.tolist() == [0]
    (lost,) = time_sentences(["one"], cues(), HALF).lost
    assert lost.why == "nothing_alike"
    (lost,) = time_sentences(["one"], cues((0, 1, "\u266a")), HALF).lost
    assert lost.why == "nothing_alike"


def test_languages_without_spaces_are_found_by_their_characters() -> None:
    found = time_sentences(
        ["今日はいい天気です。", "明日は雨でしょう。"],
        cues((0, 3, "今日は、いい"), (3, 6, "天気です明日は"), (6, 8, "雨でしょう")),
        HALF,
    )
    assert found.similarity.tolist() == [1.0, 1.0]
    assert found.start_ns.tolist() == [0, 3 * NS_PER_S + 3 * NS_PER_S * 4 // 7]


def test_times_of_very_long_recordings_stay_exact() -> None:
    long_ns = 4 * 10**17
    heard = Cues(["a" * 50 + " " + "b" * 49], np.array([7], np.int64), np.array([7 + long_ns], np.int64))
    found = time_sentences(["b" * 49], heard, HALF)
    assert found.start_ns.tolist() == [7 + long_ns * 50 // 99]
    assert found.end_ns.tolist() == [7 + long_ns]


WORD = st.sampled_from(["sun", "moon", "harbour", "a", "lighthouse", "tide", "boat"])
TEXTS = st.lists(st.lists(WORD, max_size=6).map(" ".join), max_size=8)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(TEXTS)
def test_the_same_text_gives_the_same_times(texts: list[str]) -> None:
    starts = np.arange(len(texts), dtype=np.int64) * 1000 + 17
    found = time_sentences(texts, Cues(texts, starts, starts + 733), 1.0)
    worded = [row for row, text in enumerate(texts) if text]
    assert found.rows.tolist() == worded
    assert found.start_ns.tolist() == starts[worded].tolist()
    assert found.end_ns.tolist() == (starts[worded] + 733).tolist()
    assert {lost.why for lost in found.lost} <= {"no_words"}


@settings(deadline=None, derandomize=True, max_examples=150)
@given(TEXTS, TEXTS, st.sampled_from([0.1, 0.5, 1.0]))
def test_times_never_run_backwards_and_every_sentence_is_found_or_lost(
    sentences: list[str], heard: list[str], threshold: float
) -> None:
    starts = np.arange(len(heard), dtype=np.int64) * 1000
    found = time_sentences(sentences, Cues(heard, starts, starts + 1000), threshold)
    assert sorted([*found.rows.tolist(), *(lost.row for lost in found.lost)]) == list(range(len(sentences)))
    assert np.all(found.start_ns < found.end_ns)
    assert np.all(found.start_ns[1:] >= found.end_ns[:-1])
    assert np.all((found.similarity >= threshold) & (found.similarity <= 1))


def test_moving_all_cues_moves_all_sentences_and_nothing_else() -> None:
    heard = cues((0, 4, "good morning and"), (5, 9, "welcome to the harbour"))
    moved = Cues(heard.texts, heard.start_ns + 10**15, heard.end_ns + 10**15)
    still, after = (time_sentences(["Good morning", "welcome to"], one, HALF) for one in (heard, moved))
    assert (after.start_ns - still.start_ns).tolist() == [10**15] * 2
    assert (after.end_ns - still.end_ns).tolist() == [10**15] * 2


def heard_badly(lines: list[str], share: float, seed: int) -> tuple[Cues, list[tuple[int, int]]]:
    """A recogniser's words, that share of them wrong, missing or made up, and the true spans of the lines."""
    random = np.random.default_rng(seed)
    vocabulary = sorted({word for line in lines for word in line.split()})
    rows: list[tuple[int, int, str]] = []
    spans, now = [], 0
    for line in lines:
        first = now
        for word in line.split():
            end, other = now + int(random.integers(200, 500)), str(random.choice(vocabulary))
            kind = random.choice(4, p=[1 - share, share / 2, share / 4, share / 4])
            middle = (now + end) // 2
            heard = [[(now, end, word)], [(now, end, other)], [], [(now, middle, word), (middle, end, other)]]
            rows += heard[kind]
            now = end
        spans.append((first, now))
        now += int(random.integers(0, 600))
    starts, ends = (np.array([row[column] for row in rows], np.int64) for column in (0, 1))
    return Cues([row[2] for row in rows], starts, ends), spans


@pytest.mark.parametrize(
    ("share", "least_found", "least_exact"),
    [(0.0, 1.0, 1.0), (0.1, 0.99, 0.9), (0.2, 0.96, 0.85), (0.3, 0.9, 0.75)],
)
def test_sentences_are_found_among_the_errors_of_a_recogniser(
    share: float, least_found: float, least_exact: float
) -> None:
    vocabulary = [
        f"{first}{middle}{last}" for first in "bdfglm" for middle in ("a", "ou", "e") for last in "nrst"
    ]
    random = np.random.default_rng(5)
    lines = [" ".join(random.choice(vocabulary, random.integers(4, 14))) for _ in range(300)]
    heard, spans = heard_badly(lines, share, seed=3)
    found = time_sentences(lines, heard, HALF)
    true = np.array(spans)[found.rows]
    misses = np.abs(np.column_stack([found.start_ns, found.end_ns]) - true)
    assert len(found.rows) >= least_found * len(lines)
    assert np.mean(misses == 0) >= least_exact
    # The others are a word or two off, never in another sentence.
    assert np.mean(misses <= 1000) >= 0.98
