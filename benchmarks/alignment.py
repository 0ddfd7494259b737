"""How fast the mathematics of align is, beside pandas, polars and numpy in the same run.

    python -m benchmarks.alignment

Long recordings have a benchmark of their own: `benchmarks/sound.py`.

reads   nothing: streams and sound are made here with a fixed seed
writes  one line per figure to the terminal; ratios, because machines are noisy
"""

import multiprocessing
import resource
import time
from collections import Counter
from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.by_time.aligning import align_by_time
from tasks.align.by_time.closest_pairs import closest_pairs
from tasks.align.by_time.matching import Int64s, nearest_index, nearest_pairs, overlapping_pairs
from tasks.align.members import MEMBERS
from tasks.core.align_entry import Align
from tests.align.sessions import judge, make_session

STAMPS = 1_000_000
SPREAD_NS = 10**12
TOLERANCE_NS = 10**6
SESSIONS = 200
SIZES = (100_000, 1_000_000, 3_000_000)
TOLERANCES_NS = {"most meet": 20_000_000, "nearly none meets": 100_000}


def seconds(work: Callable[[], object], times: int = 3) -> float:
    """The shortest of a few runs."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def compare_matching(random: np.random.Generator) -> None:
    """Stamps a second, one million with as many, and the ratio to pandas."""
    left, right = (np.sort(random.integers(0, SPREAD_NS, STAMPS)) for _ in range(2))
    frames = pd.DataFrame({"time": left}), pd.DataFrame({"time": right, "row": range(STAMPS)})
    peer_s = seconds(lambda: pd.merge_asof(*frames, on="time", direction="nearest", tolerance=TOLERANCE_NS))
    print_rate("pandas merge_asof, nearest", peer_s, peer_s)
    print_rate("numpy searchsorted alone", seconds(lambda: np.searchsorted(right, left)), peer_s)
    compare_polars(left, right, peer_s)
    print_rate("nearest_index", seconds(lambda: nearest_index(left, right)), peer_s)
    print_rate("nearest_pairs", seconds(lambda: nearest_pairs(left, right, TOLERANCE_NS)), peer_s)
    print_rate(
        "nearest_pairs, wide tolerance", seconds(lambda: nearest_pairs(left, right, SPREAD_NS)), peer_s
    )
    chain = np.cumsum(np.arange(2 * STAMPS, 0, -1, dtype=np.int64))
    chain_s = seconds(lambda: nearest_pairs(chain[::2], chain[1::2], 2 * STAMPS))
    print_rate("nearest_pairs, one chain of conflicts", chain_s, peer_s)
    compare_spans(left, right, peer_s)


def compare_polars(left: Int64s, right: Int64s, peer_s: float) -> None:
    """Its join, on columns that it is told are sorted, where it is installed (pip install polars)."""
    try:
        import polars
    except ImportError:
        print("polars is not installed")
        return
    frames = polars.DataFrame({"time": left}), polars.DataFrame({"time": right, "row": np.arange(STAMPS)})
    ordered = [frame.set_sorted("time") for frame in frames]
    taken_s = seconds(
        lambda: ordered[0].join_asof(ordered[1], on="time", strategy="nearest", tolerance=TOLERANCE_NS)
    )
    print_rate("polars join_asof, nearest", taken_s, peer_s)


def compare_spans(left: Int64s, right: Int64s, peer_s: float) -> None:
    """One million spans with as many, about six matches each."""
    overlap_s = seconds(lambda: overlapping_pairs(left, left + 5 * TOLERANCE_NS, right, right + TOLERANCE_NS))
    print_rate("overlapping_pairs, 6 matches each", overlap_s, peer_s)


def print_rate(name: str, taken_s: float, peer_s: float) -> None:
    """A line with stamps a second and the ratio to the peer."""
    print(f"{name:40} {STAMPS / taken_s / 1e6:8.2f} M/s {peer_s / taken_s:8.2f} x merge_asof")


def compare_sizes() -> None:
    """Aligning two streams by time with all of its tables, over three sizes, each in a process of its own."""
    print(f"{'align_by_time':24} {'members':>8} {'ns a member':>12} {'bytes a member':>15} {'left out':>9}")
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        for name, tolerance_ns in TOLERANCES_NS.items():
            for size in SIZES:
                print(f"{name:24}", pool.apply(measure_members, (size, tolerance_ns)), flush=True)


def measure_members(size: int, tolerance_ns: int) -> str:
    """Processor time of aligning once more, and by how much aligning first raised the peak of memory."""
    members, align = make_members(size), Align("timestamp", "rgb", tolerance=tolerance_ns)
    closest_pairs(np.arange(1), np.arange(1), 0, worth_compiling=0)  # so that Numba is loaded
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    left_out = align_by_time(members, align, "b").left_out.num_rows
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb
    start = time.process_time()
    align_by_time(members, align, "b")
    taken_ns = (time.process_time() - start) * 1e9
    rows = 2 * size
    return f"{rows:8} {taken_ns / rows:12.0f} {1024 * grown_kb / rows:15.0f} {left_out / rows:9.2f}"


def make_members(size: int) -> pa.Table:
    """So many members of two roles in fifty sessions, 33 ms apart, each stream at random times of its own."""
    random = np.random.default_rng(0)
    sessions = pa.array([f"session{number:02}" for number in range(SESSIONS // 4)])
    roles = []
    for role in ("depth", "rgb"):
        start_ns = np.sort(random.integers(0, 33_000_000 * size, size))
        numbers = pc.utf8_lpad(pa.array(np.arange(size)).cast(pa.string()), 7, "0")
        names = pc.binary_join_element_wise(f"batch/{role}/", numbers, ".png", "")
        columns = {
            **{"role": pa.repeat(role, size), "kind": pa.repeat("item", size)},
            **{"member_id": names, "item_id": names, "label_id": pa.nulls(size, pa.string())},
            "session": sessions.take(pa.array(np.arange(size) * len(sessions) // size)),
            **{"modality": pa.repeat("image", size), "clock": pa.repeat("reference", size)},
            **{"start_ns": start_ns, "end_ns": start_ns},
        }
        roles.append(pa.table(columns, MEMBERS))
    return pa.concat_tables(roles)


def count_sessions() -> None:
    """What comes of 200 sessions whose clocks are known, by kind and noise; nothing may be wrong."""
    outcomes: Counter[tuple[str, int, str]] = Counter()
    for seed in range(SESSIONS):
        session = make_session(seed)
        outcome, figures = judge(session)
        outcomes[session.kind, session.ratio_db, outcome] += 1
        if outcome != "solved":
            print(f"session {seed} ({session.kind}, {session.ratio_db} dB): {outcome}, {figures}")
    print(f"{'sessions':18} {'noise':>6} {'solved':>7} {'refused':>8} {'wrong':>6}")
    for kind, ratio_db in sorted({key[:2] for key in outcomes}):
        counts = [outcomes[kind, ratio_db, outcome] for outcome in ("solved", "refused", "wrong")]
        print(f"{kind:18} {ratio_db:3} dB {counts[0]:7} {counts[1]:8} {counts[2]:6}")
    solved = sum(count for key, count in outcomes.items() if key[2] == "solved")
    print(f"{solved} of {SESSIONS} sessions solved to 2 ms and 2 ppm")


def main() -> None:
    """Print everything."""
    count_sessions()
    compare_matching(np.random.default_rng(0))
    compare_sizes()


if __name__ == "__main__":
    main()
