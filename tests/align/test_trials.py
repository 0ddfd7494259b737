"""A fixed draw of the trial of synchronisation by sound; `python -m benchmarks.trials` does 500 sessions."""

import pytest

from tests.align.trials import Tally, judge_trial, make_trial

SECONDS = (60, 90)


# Sixty sessions; of the long stretches that both recorders heard at most one in fifty may have no place.
@pytest.mark.parametrize("first", range(0, 60, 6))
def test_no_moment_is_placed_wrongly_and_no_stretch_of_enough_sound_is_refused(first: int) -> None:
    found, words = Tally(), []
    for seed in range(first, first + 6):
        tally, said = judge_trial(make_trial(seed, SECONDS))
        found.add(tally)
        words += [f"{seed}: {word}" for word in said]
    assert (found.wrong_s, found.refused) == (0.0, 0), "\n".join(words)
