"""How others pool frames onto words: the mean over every frame that a word's interval meets.

reads   videos (see benchmarks/pooling.py), given to each peer beforehand in the form that it likes best
writes  by stream the means, (words, channels), in the order of the words; MissingPeerError where one is not
        installed

By a range join, or by two joins to the word before: one of a frame's start and one of its end. The two find
all the words that a frame meets only as long as no word is shorter than a frame, which is so here.
"""

import contextlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from tasks.align.pool.pooling import Float32s, FrameStream, Int64s

Means = list[Float32s]


@dataclass(frozen=True)
class Video:
    """Words on one clock, and the streams that are pooled onto them."""

    start_ns: Int64s
    end_ns: Int64s
    streams: tuple[FrameStream, ...]


class MissingPeerError(Exception):
    """A peer is not installed."""


@dataclass(frozen=True)
class Peer:
    """`prepare` is not timed; what it gives back is."""

    name: str
    prepare: Callable[[list[Video]], Callable[[], Means]]


def long_words(videos: list[Video]) -> pd.DataFrame:
    """All words: word (its number), video, start and end."""
    counts = [len(video.start_ns) for video in videos]
    columns = {
        "video": np.repeat(np.arange(len(videos)), counts),
        "word_start": np.concatenate([video.start_ns for video in videos]),
        "word_end": np.concatenate([video.end_ns for video in videos]),
    }
    return pd.DataFrame({"word": np.arange(sum(counts)), **columns})


def long_frames(videos: list[Video], stream: int) -> pd.DataFrame:
    """All frames of one stream: video, start, end, and a column per channel."""
    streams = [video.streams[stream] for video in videos]
    values = np.concatenate([one.values for one in streams])
    columns: dict[str, Any] = {
        "video": np.repeat(np.arange(len(videos)), [len(one.values) for one in streams]),
        "start": np.concatenate([one.start_ns for one in streams]),
        "end": np.concatenate([one.end_ns for one in streams]),
    }
    columns |= {f"c{number}": np.ascontiguousarray(column) for number, column in enumerate(values.T)}
    return pd.DataFrame(columns)


def channels_of(frames: pd.DataFrame) -> list[str]:
    """The names of its channels, in order."""
    return [name for name in frames.columns if name.startswith("c")]


def _found(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise MissingPeerError(f"{name} is not installed") from error


def _polars(videos: list[Video], pool: Callable[[Any, Any, Any, list[str]], Any]) -> Callable[[], Means]:
    polars = _found("polars")
    words = polars.from_pandas(long_words(videos)).sort("video", "word_start")
    streams = []
    for number in range(len(videos[0].streams)):
        frames = long_frames(videos, number)
        streams.append((polars.from_pandas(frames).rechunk(), channels_of(frames)))

    def work() -> Means:
        return [
            pool(polars, words, frames, names).sort("word").select(names).to_numpy()
            for frames, names in streams
        ]

    return work


def _polars_join_where(polars: Any, words: Any, frames: Any, names: list[str]) -> Any:
    column = polars.col
    met = words.lazy().join_where(
        frames.lazy(),
        column("video") == column("video_right"),
        column("word_start") < column("end"),
        column("word_end") > column("start"),
    )
    return met.group_by("word").agg(column(names).mean()).collect()


def _polars_join_asof(polars: Any, words: Any, frames: Any, names: list[str]) -> Any:
    column = polars.col
    met = frames.lazy().with_columns(last=column("end") - 1)
    for time, word in (("start", "word"), ("last", "last_word")):
        meant = words.lazy().select("video", "word_start", "word_end", column("word").alias(word))
        met = met.join_asof(
            meant, left_on=time, right_on="word_start", by="video", check_sortedness=False
        ).with_columns(polars.when(column(time) < column("word_end")).then(column(word)).alias(word))
        met = met.drop("word_start", "word_end")
    met = met.collect().lazy()
    crossing = met.filter(column("last_word").ne_missing(column("word"))).with_columns(word="last_word")
    both = polars.concat([met.select("word", *names), crossing.select("word", *names)])
    return both.drop_nulls("word").group_by("word").agg(column(names).mean()).collect()


def _duckdb(videos: list[Video]) -> Callable[[], Means]:
    database = _found("duckdb").connect()
    database.execute("SET threads = 1")
    database.register("words", pa.Table.from_pandas(long_words(videos)))
    queries = []
    for number in range(len(videos[0].streams)):
        frames = long_frames(videos, number)
        database.register(f"frames_{number}", pa.Table.from_pandas(frames))
        means = ", ".join(f"avg({name}) AS {name}" for name in channels_of(frames))
        queries.append(
            f"SELECT {means} FROM frames_{number} AS f JOIN words AS w ON f.video = w.video"  # noqa: S608 # our names
            " AND f.start < w.word_end AND f.end > w.word_start GROUP BY w.word ORDER BY w.word"
        )

    def work() -> Means:
        return [
            np.column_stack(list(database.execute(query).fetchnumpy().values())).astype(np.float32)
            for query in queries
        ]

    return work


def _pandas_merge_asof(videos: list[Video]) -> Callable[[], Means]:
    words = long_words(videos).sort_values("word_start", kind="stable")
    streams = [
        long_frames(videos, number).sort_values("start", kind="stable", ignore_index=True)
        for number in range(len(videos[0].streams))
    ]

    def words_at(frames: pd.DataFrame, times: pd.Series) -> pd.Series:
        asked = pd.DataFrame({"video": frames["video"], "time": times})
        met = pd.merge_asof(asked, words, left_on="time", right_on="word_start", by="video")
        return met["word"].where(met["time"] < met["word_end"])

    def pool(frames: pd.DataFrame) -> Float32s:
        names = channels_of(frames)
        first, last = words_at(frames, frames["start"]), words_at(frames, frames["end"] - 1)
        crossing = last.notna() & (first != last)
        rows = pd.concat([frames[names], frames.loc[crossing, names]])
        found: Float32s = rows.groupby(pd.concat([first, last[crossing]]).to_numpy()).mean().to_numpy()
        return found

    return lambda: [pool(frames) for frames in streams]


def _sdk(videos: list[Video]) -> Callable[[], Means]:
    """Its own `align`, on arrays in memory; what it does with the result afterwards is not timed."""
    sdk = _found("mmsdk.mmdatasdk")
    dataset = object.__new__(sdk.mmdataset)
    names = [f"stream {number}" for number in range(len(videos[0].streams))]
    dataset.computational_sequences = {
        "words": _sequence([(video.start_ns, video.end_ns, video.start_ns[:, None]) for video in videos])
    }
    for number, name in enumerate(names):
        streams = [video.streams[number] for video in videos]
        rows = [(one.start_ns, one.end_ns, one.values) for one in streams]
        dataset.computational_sequences[name] = _sequence(rows)
    kept: dict[str, Any] = {}
    dataset._mmdataset__set_computational_sequences = kept.update

    def work() -> Means:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            dataset.align("words", collapse_functions=[lambda _, features: np.average(features, axis=0)])
        words = [
            f"{video}[{word}]" for video in range(len(videos)) for word in range(len(videos[video].start_ns))
        ]
        return [np.concatenate([kept[name][word]["features"] for word in words]) for name in names]

    return work


@dataclass
class _Sequence:
    data: dict[str, dict[str, Any]]


def _sequence(videos: list[tuple[Int64s, Int64s, Any]]) -> _Sequence:
    return _Sequence(
        {
            f"{number}": {"intervals": np.column_stack([start, end]) / 1e9, "features": features}
            for number, (start, end, features) in enumerate(videos)
        }
    )


PEERS = (
    Peer("polars join_where", lambda videos: _polars(videos, _polars_join_where)),
    Peer("polars join_asof, twice", lambda videos: _polars(videos, _polars_join_asof)),
    Peer("DuckDB range join", _duckdb),
    Peer("pandas merge_asof, twice", _pandas_merge_asof),
    Peer("CMU-MultimodalSDK align", _sdk),
)
