"""Parquet as Hugging Face datasets writes it: rows are samples, media {bytes, path}, features in the footer.

writes  <split>-00000.parquet ..., each of about `shard_bytes` at most; row groups of at most 16 MiB of media

image, audio and text are the leading members of their modalities, chosen as in webdataset.py; `texts` has
every text, `media` every other member (pictures, sounds, video, signals). `path` is the member's id.
`datasets.load_dataset("parquet", data_files={"train": "train-*.parquet"})` decodes images and sound itself.
"""

import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tasks.core.exporter import Exporter, ExportMember, ExportPlace, ExportSample, WrittenFile
from tasks.core.schemas import MODALITIES

ROW_GROUP_BYTES = 16 * 1024 * 1024
ROW_GROUP_ROWS = 1_024
_TARGET_FIELDS = ("task", "question", "label", "text", "label_id", "item_id")
_MEDIA_FIELDS = ("role", "modality", "media_type", "path")
_STORED = pa.struct([pa.field("bytes", pa.binary()), pa.field("path", pa.string())])

_Row = dict[str, object]


class _TableWriter:
    """Gathers rows into row groups, and starts the next file where a row group would not fit."""

    def __init__(self, place: ExportPlace) -> None:
        self._place = place
        self._schema = parquet_schema(place.joint_dimensions)
        self._rows: list[_Row] = []
        self._rows_bytes = 0
        self._file: pq.ParquetWriter | None = None
        self._file_bytes = 0
        self._file_rows = 0
        self._done: list[WrittenFile] = []

    def add(self, sample: ExportSample) -> None:
        row_bytes = sum(len(member.payload) for member in sample.members)
        group_bytes = min(ROW_GROUP_BYTES, self._place.shard_bytes)
        if (self._rows and self._rows_bytes + row_bytes > group_bytes) or len(self._rows) >= ROW_GROUP_ROWS:
            self._write_row_group()
        self._rows.append(to_row(sample))
        self._rows_bytes += row_bytes

    def close(self) -> list[WrittenFile]:
        self._write_row_group()
        self._finish_file()
        return self._done

    def _write_row_group(self) -> None:
        if not self._rows:
            return
        if self._file_bytes + self._rows_bytes > self._place.shard_bytes:
            self._finish_file()
        if self._file is None:
            path = self._place.folder / self._file_name()
            self._file = pq.ParquetWriter(path, self._schema, compression="snappy")
        rows = [{name: row.get(name) for name in self._schema.names} for row in self._rows]
        self._file.write_table(pa.Table.from_pylist(rows, schema=self._schema))
        self._file_bytes += self._rows_bytes
        self._file_rows += len(self._rows)
        self._rows, self._rows_bytes = [], 0

    def _finish_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._done.append(WrittenFile(self._file_name(), self._file_rows))
            self._file, self._file_bytes, self._file_rows = None, 0, 0

    def _file_name(self) -> str:
        return f"{self._place.split}-{len(self._done):05d}.parquet"


def to_row(sample: ExportSample) -> _Row:
    """The sample as one row of the table."""
    image, audio, text = (sample.leading(modality) for modality in ("image", "audio", "text"))
    texts = [_text(member) for member in sample.members if member.modality == "text"]
    others = [
        member for member in sample.members if member not in (image, audio) and member.modality != "text"
    ]
    return {
        "sample_id": sample.sample_id,
        "batch": sample.batch,
        "session": sample.session,
        "group": sample.group,
        "image": _stored(image),
        "audio": _stored(audio),
        "text": text and _text(text),
        "texts": texts,
        "media": [_described(member) for member in others],
        "targets": [dict(target) for target in sample.targets],
        "presence": dict(sample.presence),
        "joint": None if sample.joint is None else sample.joint.tolist(),
    }


def parquet_schema(joint_dimensions: int) -> pa.Schema:
    """The columns, with the features in the metadata where Hugging Face datasets looks for them."""
    columns: dict[str, pa.DataType] = {
        name: pa.string() for name in ("sample_id", "batch", "session", "group")
    }
    columns |= {"image": _STORED, "audio": _STORED, "text": pa.string(), "texts": pa.list_(pa.string())}
    media = [pa.field(name, pa.string()) for name in _MEDIA_FIELDS]
    columns["media"] = pa.list_(pa.struct([*media, pa.field("bytes", pa.binary())]))
    columns["targets"] = pa.list_(pa.struct([pa.field(name, pa.string()) for name in _TARGET_FIELDS]))
    columns["presence"] = pa.struct([pa.field(name, pa.bool_()) for name in MODALITIES])
    if joint_dimensions:
        columns["joint"] = pa.list_(pa.float32(), joint_dimensions)
    features = {"info": {"features": {name: _feature(name, kind) for name, kind in columns.items()}}}
    return pa.schema(columns, metadata={"huggingface": json.dumps(features)})


def _feature(name: str, kind: pa.DataType) -> Any:
    """A column's type as Hugging Face datasets spells it (tried with 5.2)."""
    if kind == _STORED:
        return {"_type": name.title()}
    if pa.types.is_fixed_size_list(kind):
        value = _feature(name, kind.value_type)
        return {"feature": value, "length": kind.list_size, "_type": "Sequence"}
    if pa.types.is_list(kind):
        return [_feature(name, kind.value_type)]
    if pa.types.is_struct(kind):
        return {field.name: _feature(field.name, field.type) for field in kind}
    return {"dtype": {"float": "float32"}.get(str(kind), str(kind)), "_type": "Value"}


def _stored(member: ExportMember | None) -> _Row | None:
    return None if member is None else {"bytes": member.payload, "path": member.member_id}


def _described(member: ExportMember) -> _Row:
    return {
        "role": member.role,
        "modality": member.modality,
        "media_type": member.media_type,
        "path": member.member_id,
        "bytes": member.payload,
    }


def _text(member: ExportMember) -> str:
    return member.payload.decode("utf-8", "replace")


EXPORTER = Exporter("parquet", _TableWriter)
