"""Pictures of a batch, small, with their boxes and words, as data URLs.

reads   items (with their media), labels, links
"""

import base64
import io
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.batch import Batch
from tasks.core.schemas import ITEMS, LABELS, LINKS
from tasks.core.shards import ShardReader
from tasks.core.stage import StageInput

WIDTH_PIXELS = 220
BOX_COLOURS = ("#e4572e", "#2e86ab", "#f3a712", "#5c9ead", "#8f2d56", "#3b7a57")
MOST_WORDS = 3


@dataclass(frozen=True)
class Picture:
    """One picture as a data URL, with what is said of it."""

    url: str
    name: str
    words: tuple[str, ...]


def contact_sheet(inputs: StageInput, batch: Batch, most: int) -> list[Picture]:
    """Up to `most` readable pictures, evenly picked over the batch."""
    items, labels = inputs.table(ITEMS, batch), inputs.table(LABELS, batch)
    links = inputs.table(LINKS, batch).select(["sample_id", "item_id", "member_id"])
    shown = _evenly(items.filter(pc.and_(pc.equal(items["modality"], "image"), items["readable"])), most)
    with ShardReader(inputs.folder("collected", batch)) as shards:
        return [
            _picture(item, labels, _texts_beside(item["item_id"], links, items), shards)
            for item in shown.to_pylist()
        ]


def _evenly(items: pa.Table, most: int) -> pa.Table:
    count = min(most, items.num_rows)
    return items.take(pa.array([position * items.num_rows // count for position in range(count)], pa.int64()))


def _texts_beside(item_id: str, links: pa.Table, items: pa.Table) -> list[str]:
    """The text items that share a sample with the picture."""
    samples = links.filter(pc.equal(links["member_id"], item_id))["sample_id"]
    members = links.filter(pc.is_in(links["sample_id"], samples.combine_chunks()))["member_id"]
    texts = items.filter(pc.is_in(items["item_id"], members.combine_chunks()))["text"]
    spoken: list[str] = texts.drop_null().to_pylist()
    return spoken


def _picture(item: dict[str, Any], labels: pa.Table, beside: list[str], shards: ShardReader) -> Picture:
    own = labels.filter(pc.equal(labels["item_id"], item["item_id"])).to_pylist()
    payload = shards.read(item["shard"], item["offset"], item["size"])
    return Picture(_thumbnail_url(payload, own), item["item_id"], _words(own, beside))


def _words(labels: list[dict[str, Any]], beside: list[str]) -> tuple[str, ...]:
    """What is said of the picture as a whole and beside it, each thing once."""
    spoken = [
        f"{label['question']} {label['label']}" if label["question"] else label["text"] or label["label"]
        for label in labels
        if label["x"] is None and (label["text"] or label["label"])
    ]
    return tuple(dict.fromkeys([*spoken, *beside]))[:MOST_WORDS]


def _thumbnail_url(payload: bytes, labels: list[dict[str, Any]]) -> str:
    from PIL import Image, ImageDraw, ImageOps

    with Image.open(io.BytesIO(payload)) as opened:
        upright = ImageOps.exif_transpose(opened)
        scale = min(1.0, WIDTH_PIXELS / upright.width)
        size = (max(1, round(upright.width * scale)), max(1, round(upright.height * scale)))
        layers = upright.convert("RGBA").resize(size, Image.Resampling.LANCZOS)
    small = Image.new("RGB", size, "white")
    small.paste(layers, mask=layers)
    draw = ImageDraw.Draw(small)
    for number, label in enumerate(label for label in labels if label["x"] is not None):
        corners = (label["x"], label["y"], label["x"] + label["width"], label["y"] + label["height"])
        left, top, right, bottom = (edge * scale for edge in corners)
        if right >= left and bottom >= top:
            draw.rectangle(
                (left, top, right, bottom), outline=BOX_COLOURS[number % len(BOX_COLOURS)], width=2
            )
    encoded = io.BytesIO()
    small.save(encoded, "JPEG", quality=82)
    return "data:image/jpeg;base64," + base64.b64encode(encoded.getvalue()).decode("ascii")
