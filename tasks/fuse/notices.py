"""What is said of groups and splits: batches of one group, empty splits, shares far off, crossings.

reads   samples (in memory), how many of them came with a split, crossings
writes  sentences, each with what to write

Far is a share more than 10 percentage points off, or less than half of what was asked. Only samples whose
split was drawn count there: nobody asked for shares of those that came with a split.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.splits import SPLITS, TRAIN
from tasks.fuse.params import FuseParams
from tasks.fuse.splits import Crossing

_FAR = 0.1
_MOST_NAMED = 3
_SAY_SESSION = (
    'say in batch.yaml what belongs together: at each source session: "{stem}" (the name of a file), or a'
    ' column of a table, session: "{id}"'
)


@dataclass(frozen=True)
class _Whole:
    """The samples of one batch that are one group."""

    batch: str
    samples: int
    sessions: int
    split: str


def notices_of(
    samples: pa.Table, params: FuseParams, given: Mapping[str, int], crossings: Sequence[Crossing]
) -> list[str]:
    """Every sentence; none for a dataset of many groups whose splits are as asked."""
    if not samples.num_rows:
        return []
    return [
        *_of_one_group(samples),
        *_of_empty_splits(samples, params),
        *_of_shares(samples, params, given),
        *_of_crossings(crossings),
    ]


def _of_one_group(samples: pa.Table) -> Iterator[str]:
    wholes = [whole for whole in _wholes(samples) if whole.samples > 1]
    batches, groups = (pc.count_distinct(samples[name]).as_py() for name in ("batch", "group"))
    if groups == 1 and (batches > 1 or not wholes):
        yield f"the dataset is one group of {samples.num_rows} samples: nothing independent can be held out"
    sessions = [whole for whole in wholes if whole.sessions == 1]
    if sessions:
        yield (
            f"{_named(sessions)}: all samples are one session, and a session never leaves its split. That is"
            f" right for one recording; where they are many independent things, {_SAY_SESSION}"
        )
    tied = [whole for whole in wholes if whole.sessions > 1]
    if tied:
        yield (
            f"{_named(tied)}: all samples are one group, since their sessions share media, long texts or the"
            " looks of pictures; data/fused/samples.parquet names each sample's group"
        )


def _wholes(samples: pa.Table) -> list[_Whole]:
    by_batch = samples.group_by("batch", use_threads=False).aggregate(
        [("group", "count_distinct"), ("session", "count_distinct"), ("group", "count"), ("split", "min")]
    )
    return [
        _Whole(row["batch"], row["group_count"], row["session_count_distinct"], row["split_min"])
        for row in by_batch.sort_by("batch").to_pylist()
        if row["group_count_distinct"] == 1
    ]


def _named(wholes: Sequence[_Whole]) -> str:
    named = [f"{whole.batch} ({whole.samples} samples, in {whole.split})" for whole in wholes[:_MOST_NAMED]]
    more = len(wholes) - len(named)
    return ", ".join(named) + (f" and {more} more batches, each by itself" if more else "")


def _of_empty_splits(samples: pa.Table, params: FuseParams) -> Iterator[str]:
    counts, groups = _counts(samples), pc.count_distinct(samples["group"]).as_py()
    empty = [split for split in SPLITS if _asked(params)[split] > 0 and not counts[split]]
    if not empty:
        return
    lacking = "nothing can be learned" if TRAIN in empty else "no figure can be trusted that needs it"
    yield (
        f"no sample is in {' or '.join(empty)}, so {lacking}: the {samples.num_rows} samples are {groups}"
        f" groups, and a group is drawn into one split; deliver more that is independent, or {_SAY_SESSION};"
        " a split that you have already is kept by split: at its source"
    )


def _of_shares(samples: pa.Table, params: FuseParams, given: Mapping[str, int]) -> Iterator[str]:
    drawn = {split: max(0, count - given.get(split, 0)) for split, count in _counts(samples).items()}
    total, asked = sum(drawn.values()), _asked(params)
    if not total or all(_is_near(drawn[split] / total, asked[split]) for split in SPLITS):
        return
    sizes = pc.value_counts(samples["group"]).field("counts")
    yield (
        f"the splits hold {_shares({split: drawn[split] / total for split in SPLITS})} of the {total} samples"
        f" whose split is drawn, asked are {_shares(asked)} (fuse in params.yaml): there are {len(sizes)}"
        f" groups, the largest has {pc.max(sizes).as_py()} samples; more and smaller groups come nearer"
    )


def _is_near(share: float, asked: float) -> bool:
    return abs(share - asked) <= _FAR and share >= asked / 2


def _shares(shares: Mapping[str, float]) -> str:
    return ", ".join(f"{split} {shares[split]:.0%}" for split in SPLITS)


def _asked(params: FuseParams) -> dict[str, float]:
    first = (params.train_share, params.validation_share)
    return dict(zip(SPLITS, (*first, max(0.0, round(1 - sum(first), 9))), strict=True))


def _counts(samples: pa.Table) -> dict[str, int]:
    found = {pair["values"]: pair["counts"] for pair in pc.value_counts(samples["split"]).to_pylist()}
    return {split: found.get(split, 0) for split in SPLITS}


def _of_crossings(crossings: Sequence[Crossing]) -> Iterator[str]:
    kept = [crossing for crossing in crossings if crossing.split in crossing.given]
    moved = [crossing for crossing in crossings if crossing.given and crossing not in kept]
    tied = [crossing for crossing in crossings if not crossing.given]
    if kept:
        yield (
            "samples that share media, text or a session with another split stay in the one that they were"
            f" delivered with (split_ties: report): {_examples(kept)}"
        )
    if moved:
        yield (
            "samples whose source now says another split than the one they were released in stay there:"
            f" {_examples(moved)}"
        )
    if tied:
        yield (
            "released samples that were found to share media, text or a session with another split stay where"
            f" they are: {_examples(tied)}"
        )


def _examples(crossings: Sequence[Crossing]) -> str:
    shown = [f"{c.sample_id} in {c.split} (and {', '.join(c.others)})" for c in crossings[:_MOST_NAMED]]
    return f"{len(crossings)}, such as {', '.join(shown)}"
