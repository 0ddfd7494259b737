"""The encode stage: a vector for every readable item, label text and question; everything else in rejects."""

import io
import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tasks.core.digests import Digests
from tasks.core.encoder import Encoder
from tasks.core.errors import ConfigError, UnknownNameError
from tasks.core.partition import seal
from tasks.core.schemas import ENCODE_REJECTS, ITEMS, LABELS
from tasks.core.shards import create_shards, fill_slot, plan_shards
from tasks.core.tables import read_table, to_table, write_table
from tasks.core.vectors import Frames, Matrix, iterate_frames, read_vectors
from tasks.encode import STAGE
from tasks.encode.entries import Entry
from tasks.encode.vector_files import Media, write_modality
from tasks.encoders import hashed_words, mel_statistics, picture_layout, plain_values
from tests.conftest import BatchRefusedError, Repository
from tests.encode.test_encoders import half, picture, png, sound

BATCH_FILE = """
about: a batch
license: CC0-1.0
sources:
  - {kind: files, path: .}
align: {method: key, reference: image}
"""
Payloads = dict[str, tuple[str, bytes]]


def item(name: str, modality: str, **columns: object) -> dict[str, object]:
    constant = {"batch": "b", "session": "all", "clock": "reference", "license": "CC0-1.0", "source": "files"}
    return {**constant, "item_id": name, "modality": modality, "role": modality, "readable": True, **columns}


def label(name: str, task: str, item_id: str, **columns: object) -> dict[str, object]:
    constant = {"batch": "b", "format": "coco", "origin": "1"}
    return {**constant, "label_id": name, "item_id": item_id, "task": task, **columns}


def collected(
    repository: Repository,
    media: Payloads,
    items: tuple[dict[str, object], ...] = (),
    labels: tuple[dict[str, object], ...] = (),
) -> Path:
    """Write what collect and label would have: media items in a shard, further items, labels."""
    repository.add_batch("b", BATCH_FILE)
    folder = repository.data / "collected" / "b"
    folder.mkdir(parents=True)
    slots = plan_shards([(name, len(payload)) for name, (_, payload) in media.items()])
    create_shards(folder, slots)
    rows = list(items)
    for slot in slots:
        modality, payload = media[slot.name]
        fill_slot(folder, slot, payload)
        rows.append(item(slot.name, modality, shard=slot.shard, offset=slot.offset, size=slot.size))
    write_table(ITEMS, to_table(ITEMS, rows), folder)
    write_table(LABELS, to_table(LABELS, labels), repository.data / "labels" / "b")
    for stage in ("collected", "labels"):
        seal(repository.data / stage / "b", "made", Digests(repository.data))
    return repository.data / "encoded" / "b"


MEDIA: Payloads = {
    "b/z.png": ("image", png(picture("red"))),
    "b/a.png": ("image", png(half("red", "blue"))),
    "b/tone.wav": ("audio", sound(440, 0.25)),
    "b/pose.csv#1": ("signal", b"1,2"),
    "b/pose.csv#2": ("signal", b",".join([b"1"] * 20)),
}
ITEM_ROWS = (
    item("b/note.txt", "text", text="a note"),
    item("b/clip.mp4", "video", shard="media-00000.tar", offset=0, size=0),
    item("b/torn.png", "image", readable=False, error="truncated: it ends early"),
)
LABEL_ROWS = (
    label("b/captions#1", "caption", "b/a.png", text="red and blue"),
    label("b/vqa#1", "vqa", "b/a.png", question="what colour?", label="red", text="red"),
    label("b/vqa#2", "vqa", "b/a.png", question="what colour?", label="blue", text="blue"),
    label("b/vqa#3", "vqa", "b/z.png", question="what colour?", label="red", text="red"),
    label("b/classes#1", "classification", "b/a.png", label="flag"),
)


@pytest.fixture
def encoded(repository: Repository) -> Path:
    folder = collected(repository, MEDIA, ITEM_ROWS, LABEL_ROWS)
    assert repository.run("encode") == "encode: 1 built, 0 unchanged; 3 items without a vector"
    return folder


def test_every_readable_item_has_the_vector_of_its_encoder(encoded: Path) -> None:
    images, audio = read_vectors(encoded / "image.arrow"), read_vectors(encoded / "audio.arrow")
    signals = read_vectors(encoded / "signal.arrow")
    assert images.ids == ["b/a.png", "b/z.png"]
    expected = picture_layout.encode([MEDIA["b/a.png"][1], MEDIA["b/z.png"][1]])
    assert np.array_equal(images.matrix, expected)
    assert audio.ids == ["b/tone.wav"]
    assert np.array_equal(audio.matrix, mel_statistics.encode([MEDIA["b/tone.wav"][1]]))
    assert signals.ids == ["b/pose.csv#1"]
    assert np.array_equal(signals.matrix, plain_values.encode([b"1,2"]))


def test_texts_are_those_of_items_captions_and_distinct_questions(encoded: Path) -> None:
    texts = read_vectors(encoded / "text.arrow")
    assert texts.ids == ["b/a.png?what colour?", "b/captions#1", "b/note.txt", "b/z.png?what colour?"]
    expected = hashed_words.encode([b"what colour?", b"red and blue", b"a note", b"what colour?"])
    assert np.array_equal(texts.matrix, expected)


def test_a_sound_has_a_sequence_too(encoded: Path) -> None:
    ((name, frames),) = iterate_frames(encoded / "audio_frames.arrow")
    assert (name, frames.start_ns, frames.step_ns) == ("b/tone.wav", 0, 100_000_000)
    assert np.array_equal(frames.matrix, mel_statistics.frames(MEDIA["b/tone.wav"][1]).matrix)


def test_items_without_a_vector_are_rejects_with_a_reason(encoded: Path) -> None:
    rejects = read_table(ENCODE_REJECTS, encoded).select(["row_id", "reason", "detail"]).to_pylist()
    assert rejects == [
        {
            "row_id": "b/clip.mp4",
            "reason": "no_encoder",
            "detail": "no encoder for video; there are ['audio', 'image', 'signal', 'text']",
        },
        {
            "row_id": "b/pose.csv#2",
            "reason": "not_readable",
            "detail": "plain_values: expected at most 16 numbers, got 20",
        },
        {"row_id": "b/torn.png", "reason": "not_readable", "detail": "truncated: it ends early"},
    ]


def test_items_in_are_vectors_and_rejects_out(encoded: Path) -> None:
    item_ids = {*MEDIA, *(str(row["item_id"]) for row in ITEM_ROWS)}
    vectors = [
        name
        for path in encoded.glob("*.arrow")
        if "frames" not in path.name
        for name in read_vectors(path).ids
    ]
    rejected = read_table(ENCODE_REJECTS, encoded)["row_id"].to_pylist()
    assert sorted([name for name in vectors if name in item_ids] + rejected) == sorted(item_ids)


def test_a_modality_without_a_vector_has_no_file(repository: Repository) -> None:
    folder = collected(
        repository, {"b/long": ("signal", b",".join([b"1"] * 17)), "b/no.wav": ("audio", b"no")}
    )
    repository.run("encode")
    assert sorted(path.name for path in folder.iterdir()) == ["partition.json", "rejects.parquet"]
    assert read_table(ENCODE_REJECTS, folder).num_rows == 2


def test_any_number_of_workers_gives_the_same_bytes(repository: Repository) -> None:
    many = {f"b/{shade:03d}.png": ("image", png(picture(f"rgb({shade}, 9, 200)"))) for shade in range(140)}
    folder = collected(repository, {**MEDIA, **many}, ITEM_ROWS, LABEL_ROWS)
    made = []
    for old, new in (("workers: -1", "workers: 2"), ("workers: 2", "workers: 1")):
        repository.set_param(old, new)
        repository.run("encode")
        made.append({path.name: path.read_bytes() for path in folder.iterdir()})
        (folder / "partition.json").unlink()
    assert made[0] == made[1]


def test_chunks_are_written_in_order_with_a_bad_one_among_them(repository: Repository) -> None:
    rows = {f"b/{number:03d}": ("signal", f"{number}".encode()) for number in range(300)}
    rows["b/150"] = ("signal", b"inf")
    folder = collected(repository, rows)
    repository.set_param("workers: -1", "workers: 1")
    repository.run("encode")
    vectors = read_vectors(folder / "signal.arrow")
    kept = [number for number in range(300) if number != 150]
    assert vectors.ids == [f"b/{number:03d}" for number in kept]
    assert vectors.matrix[:, 0].tolist() == kept
    assert read_table(ENCODE_REJECTS, folder)["row_id"].to_pylist() == ["b/150"]


def test_an_id_of_two_texts_is_refused(repository: Repository) -> None:
    texts = (item("b/t.csv#2", "text", text="an item"),)
    collected(repository, {}, texts, (label("b/t.csv#2", "caption", "b/t.csv#2", text="a caption"),))
    with pytest.raises(
        BatchRefusedError, match=r"the id 'b/t.csv#2' is that of two texts, an item's and a label's"
    ):
        repository.run("encode")


def test_an_encoder_of_another_modality_is_refused(repository: Repository) -> None:
    collected(repository, {})
    repository.set_param("image: picture_layout", "image: hashed_words")
    with pytest.raises(
        ConfigError, match=r"encode.image: 'hashed_words' encodes text; choose one of \['picture"
    ):
        repository.run("encode")


def test_a_misspelt_encoder_is_refused_with_the_nearest_word(repository: Repository) -> None:
    collected(repository, {})
    repository.set_param("text: hashed_words", "text: hashed_word")
    with pytest.raises(UnknownNameError, match="Did you mean 'hashed_words'"):
        repository.run("encode")


def test_the_stage_reads_and_writes_what_it_declares() -> None:
    assert (STAGE.reads, STAGE.writes, STAGE.scope) == (("collected", "labels"), ("encoded",), "batch")


def float_wav(*samples: float) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, np.array(samples, np.float32), 16_000, format="WAV", subtype="FLOAT")
    return file.getvalue()


@pytest.mark.parametrize("wild", [1e25, 3e38, math.inf, math.nan])
def test_samples_that_cannot_be_meant_have_no_vector_and_spare_the_others(
    repository: Repository, wild: float
) -> None:
    media: Payloads = {
        "b/tone.wav": ("audio", sound(440, 0.25)),
        "b/wild.wav": ("audio", float_wav(*[wild] * 50)),
    }
    folder = collected(repository, media)
    repository.run("encode")
    (reject,) = read_table(ENCODE_REJECTS, folder).to_pylist()
    assert (reject["row_id"], reject["reason"]) == ("b/wild.wav", "not_readable")
    assert "expected finite samples of at most 2147483648" in reject["detail"]
    assert read_vectors(folder / "audio.arrow").ids == ["b/tone.wav"]
    assert [name for name, _ in iterate_frames(folder / "audio_frames.arrow")] == ["b/tone.wav"]


def broken(number: float, row: int) -> Callable[[Sequence[bytes]], Matrix]:
    """An encoder that gives that number for payloads of `row` bytes."""
    return lambda payloads: np.array(
        [[1.0, number if len(one) == row else 2.0] for one in payloads], np.float32
    )


@pytest.mark.parametrize("number", [math.nan, -math.inf, 1e16])
def test_a_vector_that_is_not_finite_or_too_large_is_a_reject_whatever_the_encoder(
    tmp_path: Path, number: float
) -> None:
    encoder = Encoder("odd", "text", 2, broken(number, 3))
    entries = [Entry("b/1", "b", text="abc"), Entry("b/2", "b", text="ab")]
    (reject,) = write_modality(encoder, entries, Media(tmp_path, 1), tmp_path)
    assert (reject.row_id, reject.reason) == ("b/1", "not_readable")
    assert reject.detail.startswith("odd: expected finite numbers of at most 1e+15, got ")
    assert read_vectors(tmp_path / "text.arrow").ids == ["b/2"]


def test_a_sequence_that_is_not_finite_takes_its_vector_along(tmp_path: Path) -> None:
    def frames(payload: bytes) -> Frames:
        return Frames(0, 1, np.full((2, 1), math.nan if payload == b"abc" else 1.0, np.float32))

    encoder = Encoder("odd", "text", 2, broken(0, 0), frames=frames, frame_dimensions=1)
    entries = [Entry("b/1", "b", text="abc"), Entry("b/2", "b", text="ab")]
    (reject,) = write_modality(encoder, entries, Media(tmp_path, 1), tmp_path)
    assert reject.row_id == "b/1"
    assert read_vectors(tmp_path / "text.arrow").ids == ["b/2"]
    assert [name for name, _ in iterate_frames(tmp_path / "text_frames.arrow")] == ["b/2"]
