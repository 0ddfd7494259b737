"""Encode: a vector for everything that was collected or said in words.

reads   collected (items and media), labels
writes  encoded: <modality>.arrow   a vector per readable image, text, audio and signal item, by item id;
                                    text.arrow also one per label text (captions, transcripts, ...), by label
                                    id, and one per distinct question about an item, by `<item_id>?<question>`
                                    (ten answers share one question; what they answer is a class, not a text)
                 audio_frames.arrow the sequence within each audio item, where the encoder gives one
                 rejects.parquet    items without a vector: not readable, or no encoder for their modality
        A file is there when it holds at least one vector; its rows are sorted by id.
params  encode.image, .text, .audio, .signal: the name of an encoder in tasks/encoders, or the name of one in
        tasks/trained_encoders and its weights below models/: {encoder: clip, weights: models/clip}
"""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from tasks.core.digests import Digests
from tasks.core.encoder import Encoder
from tasks.core.rejects import Reject
from tasks.core.schemas import ENCODE_REJECTS, ITEMS, LABELS
from tasks.core.stage import DATA_FOLDER, Stage, StageInput
from tasks.core.tables import TableBuilder, read_table, write_table
from tasks.encode.choice import EncodeParams, chosen_encoders, named_weights, refuse_wrong_choices
from tasks.encode.entries import entries_of, unusable_items
from tasks.encode.vector_files import Media, write_modality


def prepare(inputs: StageInput, params: EncodeParams) -> Mapping[str, Encoder]:
    """The encoder of each modality, with its weights, found once a run; an error where one cannot be had."""
    digests = Digests(inputs.root / DATA_FOLDER)
    return inputs.once.made("encoders", lambda: chosen_encoders(inputs.root, params, digests))


def build(inputs: StageInput, params: EncodeParams, output: Path) -> None:
    """Write the vectors of one batch."""
    encoders = prepare(inputs, params)
    items, labels = inputs.table(ITEMS, inputs.batch), inputs.table(LABELS, inputs.batch)
    media = Media(inputs.folder("collected", inputs.batch), inputs.workers)
    rejects = list(unusable_items(items, frozenset(encoders)))
    for modality, encoder in encoders.items():
        entries = entries_of(modality, items, labels)
        rejects += write_modality(encoder, entries, media, output)
    write_table(ENCODE_REJECTS, _reject_table(rejects, inputs.batch.name), output)


def conclude(inputs: StageInput, params: EncodeParams) -> str:
    """How many items have no vector."""
    left_out = sum(
        read_table(ENCODE_REJECTS, inputs.folder("encoded", batch)).num_rows for batch in inputs.batches
    )
    return f"{left_out} items without a vector" if left_out else ""


def _reject_table(rejects: list[Reject], batch: str) -> pa.Table:
    builder = TableBuilder(ENCODE_REJECTS)
    for reject in rejects:
        builder.append({**reject.row(), "batch": batch})
    return builder.finish()


STAGE = Stage(
    "encode",
    EncodeParams,
    reads=("collected", "labels"),
    writes=("encoded",),
    scope="batch",
    build=build,
    conclude=conclude,
    beside=named_weights,
    prepare=prepare,
    refuse_params=refuse_wrong_choices,
)
