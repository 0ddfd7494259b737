"""How fast frames are pooled onto words, beside polars, DuckDB, pandas and CMU-MultimodalSDK in one run.

    python -m benchmarks.pooling

reads   nothing: videos are made here with a fixed seed: streams of 30 Hz x 35 and 100 Hz x 74 float32, words
        of about 0.35 s. Peers that are not installed (pip install polars duckdb) are skipped with a line.
writes  words a second on one core, and how many times the peer's that ours are. All are checked to give the
        same result, and ours to be the float64 mean of the rows, rounded once.
        Then the cost of longer streams, and the memory of more videos.
"""

import os

# Before anything is loaded that starts threads.
os.environ |= dict.fromkeys(("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")

import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable

import numpy as np

from benchmarks.pooling_peers import PEERS, Means, MissingPeerError, Peer, Video
from tasks.align.pool.pooling import FrameStream, Int64s, pool_frames
from tasks.core.times import NS_PER_MS, NS_PER_S

STREAMS = ((30, 35), (100, 74))
VIDEO_S = 60
# In whole twentieths of a second: the SDK overlooks what meets for less than a millisecond.
WORD_MS = (250, 300, 350, 400, 450)


def to_video(random: np.random.Generator, length_s: int) -> Video:
    """Words end to end, and the streams."""
    lengths_ms = random.choice(WORD_MS, length_s * 1000 // WORD_MS[0])
    edges_ns = np.concatenate([[0], np.cumsum(lengths_ms)]) * NS_PER_MS
    edges_ns = edges_ns[edges_ns <= length_s * NS_PER_S]
    return Video(edges_ns[:-1], edges_ns[1:], tuple(to_stream(random, length_s, *form) for form in STREAMS))


def to_stream(random: np.random.Generator, length_s: int, rate_hz: int, channels: int) -> FrameStream:
    """Frames end to end; frame i starts at i / rate, to the nanosecond."""
    edges_ns: Int64s = (2 * NS_PER_S * np.arange(length_s * rate_hz + 1) + rate_hz) // (2 * rate_hz)
    values = random.standard_normal((length_s * rate_hz, channels), dtype=np.float32)
    return FrameStream(edges_ns[:-1], edges_ns[1:], values)


def pool_videos(videos: list[Video]) -> Means:
    """Ours, video by video; the means of each stream."""
    pooled = [
        [pool_frames(stream, video.start_ns, video.end_ns, ("mean",)).values for stream in video.streams]
        for video in videos
    ]
    return [np.concatenate(of_stream) for of_stream in zip(*pooled, strict=True)]


def seconds(work: Callable[[], object], times: int = 5) -> float:
    """The shortest of a few runs, in time of this process's one core."""
    taken = []
    for _ in range(times):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken)


def compare_peers(videos: list[Video]) -> None:
    """Everyone on the same videos."""
    words = sum(len(video.start_ns) for video in videos)
    ours = pool_videos(videos)
    check_exact(videos[0], ours)
    rate = words / seconds(lambda: pool_videos(videos))
    print(f"\n{len(videos)} videos of {VIDEO_S} s, {words} words\n{'pool_frames':28} {rate:12,.0f} words/s")
    for peer in PEERS:
        compare_peer(peer, videos, ours, rate)


def compare_peer(peer: Peer, videos: list[Video], ours: Means, rate: float) -> None:
    """One line: its words a second, and how many times that ours are."""
    try:
        work = peer.prepare(videos)
    except MissingPeerError as missing:
        print(f"{peer.name:28} {'-':>12} {missing}")
        return
    for mine, theirs in zip(ours, work(), strict=True):
        np.testing.assert_allclose(theirs, mine, rtol=1e-4, atol=1e-5)
    words = sum(len(video.start_ns) for video in videos)
    own = words / seconds(work, times=2)
    print(f"{peer.name:28} {own:12,.0f} words/s, ours are {rate / own:8.1f} times that; equal results")


def check_exact(video: Video, ours: Means) -> None:
    """Ours of the first video are the means that float64 gives, to the last bit."""
    for stream, means in zip(video.streams, ours, strict=True):
        for word, (start, end) in enumerate(zip(video.start_ns, video.end_ns, strict=True)):
            rows = stream.values[(stream.start_ns < end) & (stream.end_ns > start)].astype(np.float64)
            np.testing.assert_array_equal(means[word], rows.mean(axis=0).astype(np.float32))


def show_length(random: np.random.Generator) -> None:
    """One video, ten times as long, a hundred times: the cost of a word stays, memory is the result's."""
    print("\nlength of the streams        words/s      beyond streams and result")
    for length_s in (VIDEO_S, 10 * VIDEO_S, 100 * VIDEO_S):
        video = to_video(random, length_s)
        rate = len(video.start_ns) / seconds(lambda video=video: pool_videos([video]))  # type: ignore[misc] # bound at once
        tracemalloc.start()
        result = pool_videos([video])
        peak = tracemalloc.get_traced_memory()[1] - sum(means.nbytes for means in result)
        tracemalloc.stop()
        print(f"{length_s:8} s {rate:26,.0f} {peak / 1e6:22.1f} MB")


def show_memory() -> None:
    """The peak of processes that pool so many videos, one after the other."""
    print("\nvideos, one after the other   peak of the process")
    for count in (50, 200, 800):
        program = (
            "import resource, numpy as np; from benchmarks.pooling import pool_one_by_one as pool;"
            f"pool({count}); print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        )
        printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        print(f"{count:8} {int(printed.stdout) / 1024:30.0f} MB")


def pool_one_by_one(count: int) -> None:
    """Pool that many videos, each made and let go."""
    random = np.random.default_rng(0)
    for video in (to_video(random, VIDEO_S) for _ in range(count)):
        pool_videos([video])


def main() -> None:
    """Print everything, the smallest memory first."""
    random = np.random.default_rng(0)
    show_memory()
    show_length(random)
    for count in (50, 200):
        compare_peers([to_video(random, VIDEO_S) for _ in range(count)])


if __name__ == "__main__":
    main()
