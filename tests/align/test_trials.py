"""A fixed draw of the trial of synchronisation by sound; `python -m benchmarks.alignment` does 500."""

import pytest

from tests.align.trials import Tally, judge_trial, make_trial

SESSIONS = 60
SECONDS = (60, 90)


@pytest.fixture(scope="module")
def total() -> Tally:
    """What comes of the draw, in seconds and in stretches."""
    found = Tally()
    for seed in range(SESSIONS):
        found.add(judge_trial(make_trial(seed, SECONDS))[0])
    return found


def test_no_moment_of_any_session_is_placed_wrongly(total: Tally) -> None:
    assert total.wrong_s == 0.0


def test_hardly_any_stretch_is_refused_where_the_evidence_suffices(total: Tally) -> None:
    assert total.stretches > SESSIONS
    assert total.refused <= 0.02 * total.stretches
