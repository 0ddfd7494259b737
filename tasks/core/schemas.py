"""Every table: its columns, types, units and key, and where it lies. No other module names a column type.

Times are int64 nanoseconds; ids are readable and stable: `<batch>/<path or native id>`. Boxes are pixels
of the upright image, origin at the top left of the top-left pixel.
"""

from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True)
class TableSpec:
    """One table: `folder` below data/, `file` in it (or in its partition), sorted and unique by `key`.

    The texts in the columns `distinct` hardly ever come twice: Parquet keeps no dictionary of them.
    """

    name: str
    folder: str
    file: str
    key: tuple[str, ...]
    schema: pa.Schema
    distinct: tuple[str, ...] = ()


def _schema(**columns: pa.DataType) -> pa.Schema:
    """A schema where every column may be null, but for those that `_required` marks."""
    return pa.schema([pa.field(name, kind) for name, kind in columns.items()])


def _required(schema: pa.Schema, *names: str) -> pa.Schema:
    for name in names:
        position = schema.get_field_index(name)
        schema = schema.set(position, schema.field(position).with_nullable(False))
    return schema


_TEXT, _TIME_NS, _COUNT, _REAL, _FLAG = pa.string(), pa.int64(), pa.int64(), pa.float64(), pa.bool_()
_SHARE = pa.float64()
# Named points of one body; visible is COCO's: 0 not labelled, 1 hidden, 2 seen, null where nobody says.
_KEYPOINT = [("name", _TEXT), ("x", _REAL), ("y", _REAL), ("visible", _COUNT)]
_KEYPOINTS = pa.list_(pa.struct([pa.field(name, kind) for name, kind in _KEYPOINT]))
_ATTRIBUTES = pa.list_(pa.struct([pa.field("name", _TEXT), pa.field("value", _TEXT)]))

RESPONSES = TableSpec(
    "responses",
    "fetched",
    "responses.parquet",
    # What the web answered, an address a row; kind is media, page, sitemap or robots, or outside: found,
    # and not asked for, as `detail` tells. `asked_by` is empty but for what a crawl found ("crawl 0": the
    # first crawl of batch.yaml). `size`, `sha256` and `media_type` are of the bytes that came,
    # `content_type` is what the server called them. `retrieved_at` (UTC) is evidence about an input, as a
    # capture time is: it is written down once, when the bytes come, and no build makes it anew.
    ("kind", "url", "asked_by"),
    _required(
        _schema(
            batch=_TEXT,
            kind=_TEXT,
            url=_TEXT,
            asked_by=_TEXT,
            final_url=_TEXT,
            redirects=pa.list_(_TEXT),
            address=_TEXT,
            status=_COUNT,
            content_type=_TEXT,
            media_type=_TEXT,
            modality=_TEXT,
            size=_COUNT,
            sha256=_TEXT,
            shard=_TEXT,
            offset=_COUNT,
            robots=_TEXT,
            robots_sha256=_TEXT,
            x_robots_tag=_TEXT,
            meta_robots=_TEXT,
            license=_TEXT,
            page=_TEXT,
            page_sha256=_TEXT,
            retrieved_at=_TEXT,
            reason=_TEXT,
            detail=_TEXT,
        ),
        *("batch", "kind", "url", "asked_by"),
    ),
)

ITEMS = TableSpec(
    "items",
    "collected",
    "items.parquet",
    ("item_id",),
    _required(
        _schema(
            batch=_TEXT,
            item_id=_TEXT,
            modality=_TEXT,
            role=_TEXT,
            session=_TEXT,
            split=_TEXT,
            clock=_TEXT,
            start_ns=_TIME_NS,
            duration_ns=_TIME_NS,
            shard=_TEXT,
            offset=_COUNT,
            size=_COUNT,
            sha256=_TEXT,
            media_type=_TEXT,
            text=_TEXT,
            width=_COUNT,
            height=_COUNT,
            orientation=_COUNT,
            sample_rate=_COUNT,
            channels=_COUNT,
            frame_rate=_REAL,
            phash=_TEXT,
            captured_at=_TEXT,
            license=_TEXT,
            source=_TEXT,
            retrieval=_TEXT,
            derived_from=_TEXT,
            readable=_FLAG,
            error=_TEXT,
        ),
        *("batch", "item_id", "modality", "role", "session", "clock", "license", "source", "readable"),
    ),
)

SMALL_PICTURES = TableSpec(
    "small_pictures",
    "collected",
    "small_pictures.parquet",
    ("item_id",),
    # Every readable picture, upright, 64 x 64 grey, a byte a pixel: by these near duplicates are found.
    _required(_schema(batch=_TEXT, item_id=_TEXT, grey=pa.binary()), "batch", "item_id", "grey"),
    distinct=("item_id",),
)

SOUND_PRINTS = TableSpec(
    "sound_prints",
    "collected",
    "sound_prints.parquet",
    ("item_id",),
    # Of readable sounds, 16 bits every 10 ms, little-endian: by these near duplicates are found.
    _required(_schema(batch=_TEXT, item_id=_TEXT, print=pa.binary()), "batch", "item_id", "print"),
    distinct=("item_id",),
)

TIES = TableSpec(
    "ties",
    "fused",
    "ties.parquet",
    ("item_id", "other_id", "kind"),
    # Items that stay on one side of a split because they are alike, the later one first; 1 is the same.
    _required(
        _schema(item_id=_TEXT, other_id=_TEXT, kind=_TEXT, nearness=_SHARE),
        *("item_id", "other_id", "kind", "nearness"),
    ),
)

FRAMES = TableSpec(
    "frames",
    "collected",
    "frames.parquet",
    ("item_id", "frame"),
    # True presentation times of the frames of every video, from the start of its item; frames count from 0.
    _required(
        _schema(batch=_TEXT, item_id=_TEXT, frame=_COUNT, time_ns=_TIME_NS),
        *("batch", "item_id", "frame", "time_ns"),
    ),
)

LABELS = TableSpec(
    "labels",
    "labels",
    "labels.parquet",
    ("label_id",),
    _required(
        _schema(
            batch=_TEXT,
            label_id=_TEXT,
            item_id=_TEXT,
            task=_TEXT,
            label=_TEXT,
            text=_TEXT,
            question=_TEXT,
            x=_REAL,
            y=_REAL,
            width=_REAL,
            height=_REAL,
            rotation=_REAL,
            polygon=pa.list_(pa.list_(_REAL)),
            mask=_TEXT,
            keypoints=_KEYPOINTS,
            track=_TEXT,
            clock=_TEXT,
            start_ns=_TIME_NS,
            end_ns=_TIME_NS,
            confidence=_SHARE,
            annotator=_TEXT,
            created_at=_TEXT,
            ground_truth=_FLAG,
            refers_to=pa.list_(_TEXT),
            attributes=_ATTRIBUTES,
            format=_TEXT,
            origin=_TEXT,
        ),
        *("batch", "label_id", "item_id", "task", "format", "origin"),
    ),
    distinct=("label_id", "origin"),
)

CONSENSUS = TableSpec(
    "consensus",
    "labels",
    "consensus.parquet",
    ("item_id", "task", "question", "region"),
    # Region 0 is the whole item; boxes and spans count from 1. A share without a label is that of those who
    # marked nothing there. `members` are the labels that voted.
    _required(
        _schema(
            batch=_TEXT,
            item_id=_TEXT,
            task=_TEXT,
            question=_TEXT,
            region=_COUNT,
            label=_TEXT,
            votes=_COUNT,
            agreement=_SHARE,
            tie=_FLAG,
            soft_label=pa.list_(pa.struct([pa.field("label", _TEXT), pa.field("share", _SHARE)])),
            x=_REAL,
            y=_REAL,
            width=_REAL,
            height=_REAL,
            start_ns=_TIME_NS,
            end_ns=_TIME_NS,
            members=pa.list_(_TEXT),
        ),
        *("batch", "item_id", "task", "question", "region", "votes", "agreement", "tie", "members"),
    ),
)

AGREEMENT = TableSpec(
    "agreement",
    "labels",
    "agreement.parquet",
    ("task", "question", "measure", "annotator", "other"),
    # Of all annotators where `other` is empty, else of two. Without a value, `undefined` says why.
    _required(
        _schema(
            batch=_TEXT,
            task=_TEXT,
            question=_TEXT,
            measure=_TEXT,
            annotator=_TEXT,
            other=_TEXT,
            value=_REAL,
            undefined=_TEXT,
            items=_COUNT,
            annotators=_COUNT,
        ),
        *("batch", "task", "question", "measure", "annotator", "other", "items", "annotators"),
    ),
)

RELABEL = TableSpec(
    "relabel",
    "labels",
    "relabel.parquet",
    ("item_id", "task", "question", "why"),
    _required(
        _schema(
            batch=_TEXT,
            item_id=_TEXT,
            task=_TEXT,
            question=_TEXT,
            why=_TEXT,
            detail=_TEXT,
            agreement=_SHARE,
        ),
        *("batch", "item_id", "task", "question", "why", "detail"),
    ),
)


def _rejects(folder: str, **more: pa.DataType) -> TableSpec:
    """What a stage left out: the row, a fixed word for the reason, and a sentence for a person."""
    columns = ("batch", "table", "row_id", "role", "expectation", "reason", "detail")
    schema = _schema(**dict.fromkeys(columns, _TEXT), **more)
    required = _required(schema, *columns)
    return TableSpec(
        f"{folder}_rejects",
        folder,
        "rejects.parquet",
        ("batch", "table", "row_id", "role", "expectation", "reason"),
        required,
    )


COLLECT_REJECTS = _rejects("collected")
# The item and the task of a label are told where they are known.
LABEL_REJECTS = _rejects("labels", item_id=_TEXT, task=_TEXT)
ENCODE_REJECTS = _rejects("encoded")
# The nearest candidate (a sample; of a text without times, a cue), null where there is none; how far it is on
# the reference clock, or how alike; and the member that took it. `start_ns` and `end_ns` are on the reference
# clock, null where that is not known.
ALIGN_REJECTS = _rejects(
    "aligned",
    session=_TEXT,
    start_ns=_TIME_NS,
    end_ns=_TIME_NS,
    candidate=_TEXT,
    candidate_distance_ns=_TIME_NS,
    candidate_similarity=_SHARE,
    taken_by=_TEXT,
)
GATE_REJECTS = _rejects("validated")
FUSE_REJECTS = _rejects("fused")
EXPORT_REJECTS = _rejects("exports")

# A link is of its member's batch; its sample is of another one where both look for candidates everywhere.
# `margin`: how much less alike the next candidate was; below 0 where an assignment gave up a better one.
LINKS = TableSpec(
    "links",
    "aligned",
    "links.parquet",
    ("sample_id", "role", "member_id"),
    _required(
        _schema(
            batch=_TEXT,
            sample_id=_TEXT,
            session=_TEXT,
            role=_TEXT,
            kind=_TEXT,
            member_id=_TEXT,
            item_id=_TEXT,
            label_id=_TEXT,
            start_ns=_TIME_NS,
            end_ns=_TIME_NS,
            lag_ns=_TIME_NS,
            overlap=_SHARE,
            similarity=_SHARE,
            margin=_REAL,
            method=_TEXT,
        ),
        *("batch", "sample_id", "session", "role", "kind", "member_id", "method"),
    ),
)

# What a clock delivered in a role, on the reference clock; no row where samples are not laid by time.
STREAMS = TableSpec(
    "streams",
    "aligned",
    "streams.parquet",
    ("session", "role", "clock"),
    _required(
        _schema(
            batch=_TEXT,
            session=_TEXT,
            role=_TEXT,
            clock=_TEXT,
            members=_COUNT,
            start_ns=_TIME_NS,
            end_ns=_TIME_NS,
        ),
        *("batch", "session", "role", "clock", "members", "start_ns", "end_ns"),
    ),
)

CLOCKS = TableSpec(
    "clocks",
    "aligned",
    "clocks.parquet",
    # A clock that jumped has several pieces, each good from `from_ns` to `to_ns` of its own time (null is
    # open). `residual_ns` is what 95 % of the `marks` (pairs, windows of sound, stamps) keep from the line,
    # null where nothing was measured, or by no more marks than tell the line; `tolerance_ns` is the most that
    # batch.yaml allows. `marks_rejected` lie on no line (those of a file are in the rejects, too).
    ("session", "clock", "piece"),
    _required(
        _schema(
            batch=_TEXT,
            session=_TEXT,
            clock=_TEXT,
            piece=_COUNT,
            reference=_TEXT,
            from_ns=_TIME_NS,
            to_ns=_TIME_NS,
            anchor_ns=_TIME_NS,
            offset_ns=_TIME_NS,
            drift_ppm=_REAL,
            method=_TEXT,
            marks=_COUNT,
            residual_ns=_TIME_NS,
            tolerance_ns=_TIME_NS,
            within_tolerance=_FLAG,
            marks_rejected=_COUNT,
            item_id=_TEXT,
            why=_TEXT,
        ),
        *("batch", "session", "clock", "piece", "reference", "method", "marks", "tolerance_ns"),
    ),
)

_MEMBERS = pa.list_(
    pa.struct([pa.field("role", _TEXT), pa.field("kind", _TEXT), pa.field("ids", pa.list_(_TEXT))])
)
_TARGETS = pa.list_(
    pa.struct(
        [pa.field(name, _TEXT) for name in ("task", "question", "label", "text", "label_id", "item_id")]
    )
)
MODALITIES = ("image", "text", "audio", "video", "signal")

SAMPLES = TableSpec(
    "samples",
    "fused",
    "samples.parquet",
    ("sample_id",),
    _required(
        _schema(
            sample_id=_TEXT,
            batch=_TEXT,
            session=_TEXT,
            group=_TEXT,
            split=_TEXT,
            targets=_TARGETS,
            members=_MEMBERS,
            presence=pa.struct([pa.field(modality, _FLAG) for modality in MODALITIES]),
        ),
        *("sample_id", "batch", "session", "group", "split", "targets", "members", "presence"),
    ),
)

# What keeps a group where it is: 64 bits of the hash of each key that its samples have, and its split.
# `split_keys` is what a build has, `released` what recorded versions had.
_SPLIT_KEYS = _required(_schema(key=pa.uint64(), split=_TEXT), "key", "split")
SPLIT_KEYS = TableSpec(
    "split_keys", "fused", "split_keys.parquet", ("key", "split"), _SPLIT_KEYS, distinct=("key",)
)
RELEASED = TableSpec(
    "released", "released", "released.parquet", ("key", "split"), _SPLIT_KEYS, distinct=("key",)
)

TABLES = (
    RESPONSES,
    ITEMS,
    SMALL_PICTURES,
    SOUND_PRINTS,
    FRAMES,
    LABELS,
    CONSENSUS,
    AGREEMENT,
    RELABEL,
    COLLECT_REJECTS,
    LABEL_REJECTS,
    ENCODE_REJECTS,
    LINKS,
    STREAMS,
    CLOCKS,
    ALIGN_REJECTS,
    GATE_REJECTS,
    SAMPLES,
    TIES,
    SPLIT_KEYS,
    RELEASED,
    FUSE_REJECTS,
    EXPORT_REJECTS,
)
