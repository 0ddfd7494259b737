"""How often synchronisation by sound is right, refuses, or is wrong, on sessions whose every moment is known.

    python -m benchmarks.trials

reads   nothing: 500 sessions are made here with fixed seeds (`tests/align/trials.py`)
writes  a line for each session that is not all right, and the sums by kind; nothing may be wrong
"""

import multiprocessing
from collections import defaultdict

from tests.align.trials import Tally, judge_trial, make_trial

SESSIONS = 500


def outcome(seed: int) -> tuple[int, str, Tally, list[str]]:
    """The seed, the kind of its session, what came of it and what is to be said of each file."""
    trial = make_trial(seed)
    tally, words = judge_trial(trial)
    return seed, f"{trial.kind}, {trial.ratio_db} dB, {trial.drift_ppm:.0f} ppm", tally, words


def main() -> None:
    """Judge all sessions, two at a time."""
    sums: dict[str, Tally] = defaultdict(Tally)
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        for seed, about, tally, words in pool.imap(outcome, range(SESSIONS)):
            for kind in (about.split(",")[0], "all"):
                sums[kind].add(tally)
            if tally.wrong_s or tally.refused:
                print(f"session {seed} ({about}): {'; '.join(words)}", flush=True)
    print(f"{'sessions':10} {'right':>9} {'wrong':>8} {'stretches':>10} {'refused':>8}")
    for kind, sum_ in sums.items():
        figures = f"{sum_.right_s:7.0f} s {sum_.wrong_s:6.2f} s {sum_.stretches:10} {sum_.refused:8}"
        print(f"{kind:10} {figures}")


if __name__ == "__main__":
    main()
