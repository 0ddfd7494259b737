"""Pictures of a batch, small, with their boxes and words, as data URLs.

reads   items (with their media), labels, consensus, links
"""

import base64
import io
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.batch import Batch
from tasks.core.decoder_noise import DecoderNoise
from tasks.core.rgb_pictures import read_upright
from tasks.core.rounds import companions, whole_round
from tasks.core.schemas import CONSENSUS, ITEMS, LABELS, LINKS
from tasks.core.shards import ShardReader
from tasks.core.stage import StageInput

WIDTH_PIXELS = 220
BOX_COLOURS = ("#e4572e", "#2e86ab", "#f3a712", "#5c9ead", "#8f2d56", "#3b7a57")
MOST_WORDS = 3
POINT_PIXELS = 6
LABEL_COLUMNS = ("item_id", "task", "label", "text", "question", "x", "y", "width", "height")


@dataclass(frozen=True)
class Picture:
    """One picture as a data URL, with what is said of it."""

    url: str
    name: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class _Said:
    """What is known of a batch's items."""

    labels: pa.Table
    consensus: pa.Table
    links: pa.Table
    texts: pa.Table


def contact_sheet(inputs: StageInput, batch: Batch, most: int) -> list[Picture]:
    """Up to `most` readable pictures, evenly picked over the batch."""
    items = inputs.table(ITEMS, batch, ("item_id", "modality", "readable", "shard", "offset", "size"))
    said = _Said(
        inputs.table(LABELS, batch, LABEL_COLUMNS),
        _decided(inputs.table(CONSENSUS, batch, ("item_id", "question", "label", "task", "region"))),
        *_links_and_texts(inputs, batch),
    )
    shown = _evenly(items.filter(pc.and_(pc.equal(items["modality"], "image"), items["readable"])), most)
    with ShardReader(inputs.folder("collected", batch)) as shards:
        return [_picture(item, said, shards) for item in shown.to_pylist()]


def _links_and_texts(inputs: StageInput, batch: Batch) -> tuple[pa.Table, pa.Table]:
    """The links and text items of the batch and, where it is of a round, of the others in it."""
    together = whole_round(batch, companions(batch, inputs.batches))

    def read() -> tuple[pa.Table, pa.Table]:
        links = [inputs.table(LINKS, one, ("sample_id", "member_id")) for one in together]
        items = [inputs.table(ITEMS, one, ("item_id", "text")) for one in together]
        texts = pa.concat_tables(items)
        return pa.concat_tables(links), texts.filter(pc.is_valid(texts["text"]))

    return inputs.once.made(tuple(one.name for one in together), read) if len(together) > 1 else read()


def _decided(consensus: pa.Table) -> pa.Table:
    """What the annotators agreed on of the picture as a whole."""
    return consensus.filter(pc.and_(pc.equal(consensus["region"], 0), pc.is_valid(consensus["label"])))


def _evenly(items: pa.Table, most: int) -> pa.Table:
    count = min(most, items.num_rows)
    return items.take(pa.array([position * items.num_rows // count for position in range(count)], pa.int64()))


def _picture(item: dict[str, Any], said: _Said, shards: ShardReader) -> Picture:
    own = said.labels.filter(pc.equal(said.labels["item_id"], item["item_id"])).to_pylist()
    voted = said.consensus.filter(pc.equal(said.consensus["item_id"], item["item_id"])).to_pylist()
    payload = shards.read(item["shard"], item["offset"], item["size"])
    words = [*_words(own, voted), *_texts_beside(item["item_id"], said)]
    with DecoderNoise() as noise:
        url = _thumbnail_url(payload, own)
        noise.tell(item["item_id"])
    return Picture(url, item["item_id"], tuple(dict.fromkeys(words))[:MOST_WORDS])


def _words(labels: list[dict[str, Any]], voted: list[dict[str, Any]]) -> list[str]:
    """What is said of the picture as a whole; where several annotators spoke, what they agreed on."""
    disputed = {(vote["task"], vote["question"]) for vote in voted}
    alone = [
        label["text"] or f"{label['question'] or ''} {label['label'] or ''}".strip()
        for label in labels
        if label["x"] is None and (label["task"], label["question"] or "") not in disputed
    ]
    return [*filter(None, alone), *(f"{vote['question']} {vote['label']}".strip() for vote in voted)]


def _texts_beside(item_id: str, said: _Said) -> list[str]:
    """The text items that share a sample with the picture."""
    links, texts = said.links, said.texts
    samples = links.filter(pc.equal(links["member_id"], item_id))["sample_id"]
    members = links.filter(pc.is_in(links["sample_id"], samples.combine_chunks()))["member_id"]
    spoken: list[str] = texts.filter(pc.is_in(texts["item_id"], members.combine_chunks()))["text"].to_pylist()
    return spoken


def _thumbnail_url(payload: bytes, labels: list[dict[str, Any]]) -> str:
    from PIL import Image, ImageDraw

    upright = read_upright(payload)
    scale = min(1.0, WIDTH_PIXELS / upright.width)
    size = (max(1, round(upright.width * scale)), max(1, round(upright.height * scale)))
    small = upright.resize(size, Image.Resampling.LANCZOS)
    draw = ImageDraw.Draw(small)
    for number, corners in enumerate(_regions(labels)):
        colour = BOX_COLOURS[number % len(BOX_COLOURS)]
        draw.rectangle([round(edge * scale) for edge in corners], outline=colour, width=2)
    encoded = io.BytesIO()
    small.save(encoded, "JPEG", quality=82)
    return "data:image/jpeg;base64," + base64.b64encode(encoded.getvalue()).decode("ascii")


def _regions(labels: list[dict[str, Any]]) -> list[tuple[float, float, float, float]]:
    """Left, top, right, bottom of every box in pixels; a point is a small box around it."""
    boxes = []
    for label in labels:
        if label["x"] is None or label["y"] is None:
            continue
        x, y, width, height = label["x"], label["y"], label["width"], label["height"]
        if width is None or height is None:
            x, y, width, height = x - POINT_PIXELS / 2, y - POINT_PIXELS / 2, POINT_PIXELS, POINT_PIXELS
        boxes.append((x, y, x + width, y + height))
    return boxes
