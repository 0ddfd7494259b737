"""The stages with trained encoders: one space for two modalities, and samples by what their media mean."""

import numpy as np
import pytest

from tasks.core.schemas import ALIGN_REJECTS, LINKS, SAMPLES
from tasks.core.tables import read_table
from tasks.core.vectors import read_vectors, vector_space
from tasks.core.verdict import read_verdict
from tests.conftest import Repository
from tests.encode import tiny_weights
from tests.encode.test_encode import Payloads, collected, item
from tests.encode.test_encoders import half, picture, png, sound

tiny_weights.skip_without_the_extra()

MEDIA: Payloads = {
    f"b/{number:03d}.png": ("image", png(picture(f"rgb({number}, 9, 200)"))) for number in range(140)
}


@pytest.fixture
def seeing(repository: Repository) -> Repository:
    """A repository with pictures and texts for CLIP."""
    texts = tuple(item(f"b/{number}.txt", "text", text=f"text {number}") for number in range(3))
    collected(repository, {**MEDIA, "b/torn.png": ("image", b"no picture")}, texts)
    tiny_weights.save_clip(repository.root / "models" / "clip")
    repository.set_param("image: picture_layout", "image: {encoder: clip, weights: models/clip}")
    repository.set_param("text: hashed_words", "text: {encoder: clip, weights: models/clip}")
    repository.set_param("workers: -1", "workers: 1")
    return repository


def test_the_stage_writes_both_modalities_into_one_space(seeing: Repository) -> None:
    assert seeing.run("encode") == "encode: 1 built, 0 unchanged; 1 items without a vector"
    folder = seeing.data / "encoded" / "b"
    images, texts = read_vectors(folder / "image.arrow"), read_vectors(folder / "text.arrow")
    assert (images.matrix.shape, texts.matrix.shape) == ((140, 16), (3, 16))
    space = vector_space(folder / "image.arrow")
    assert space is not None
    assert space.startswith("clip ")
    assert vector_space(folder / "text.arrow") == space


def test_any_number_of_workers_gives_the_same_bytes(seeing: Repository) -> None:
    folder = seeing.data / "encoded" / "b"
    made = []
    for old, new in (("workers: 1", "workers: 2"), ("workers: 2", "workers: 1")):
        seeing.set_param(old, new)
        seeing.run("encode")
        made.append({path.name: path.read_bytes() for path in folder.iterdir()})
        (folder / "partition.json").unlink()
    assert made[0] == made[1]


def test_other_weights_at_the_same_place_encode_anew(seeing: Repository) -> None:
    seeing.run("encode")
    assert seeing.run("encode").startswith("encode: 0 built, 1 unchanged")
    before = read_vectors(seeing.data / "encoded" / "b" / "image.arrow").matrix.copy()
    tiny_weights.save_clip(seeing.root / "models" / "clip", seed=1)
    assert seeing.run("encode").startswith("encode: 1 built, 0 unchanged")
    after = read_vectors(seeing.data / "encoded" / "b" / "image.arrow").matrix
    assert not np.isclose(before, after).all()


ALIGNED = """
about: media of one kind, and captions for most of them
license: CC0-1.0
sources:
  - {{kind: files, path: media/, role: {role}}}
  - {{kind: table, path: captions.csv, text: text, id: id, role: caption, session: "{{id}}"}}
align: {{method: content, reference: caption, by: vectors, pairing: mutual, threshold: 0.6}}
"""
PICTURES = {
    "red.png": (png(picture("red")), "a red wall"),
    "flag.png": (png(half("navy", "orange")), "blue and orange"),
    "night.png": (png(picture("black")), "it is night"),
    "snow.png": (png(half("white", "silver")), "fresh snow"),
}
SOUNDS = {
    "low.wav": (sound(110, 1.0), "a deep hum"),
    "tone.wav": (sound(880, 0.4), "someone whistles"),
    "high.wav": (sound(3000, 0.7), "an alarm"),
    "beep.wav": (sound(5000, 0.1, channels=2), "a beep"),
}


STRAYS = {"image": ("stray.png", png(picture("lime"))), "audio": ("stray.wav", sound(300, 0.2))}


@pytest.mark.parametrize(
    ("name", "modality", "plain", "pairs"),
    [("clip", "image", "picture_layout", PICTURES), ("clap", "audio", "mel_statistics", SOUNDS)],
)
def test_media_and_captions_become_samples_by_what_they_mean(
    repository: Repository, name: str, modality: str, plain: str, pairs: dict[str, tuple[bytes, str]]
) -> None:
    weights = tiny_weights.SAVED[name](repository.root / "models" / name)
    media = {file: payload for file, (payload, _) in pairs.items()} | dict([STRAYS[modality]])
    tiny_weights.teach(weights, name, [*media.values()], [caption for _, caption in pairs.values()])
    for kind, usual in ((modality, plain), ("text", "hashed_words")):
        repository.set_param(f"{kind}: {usual}", f"{kind}: {{encoder: {name}, weights: models/{name}}}")
    captions = "".join(f"{file},{caption}\n" for file, (_, caption) in pairs.items())
    files = {f"media/{file}": payload for file, payload in media.items()}
    files["captions.csv"] = f"id,text\n{captions}".encode()
    repository.add_batch("b", ALIGNED.format(role=modality), files)
    repository.run("collect", "label", "encode", "align", "validate", "fuse")
    assert read_verdict(repository.data / "validated" / "b").accepted
    samples = read_table(SAMPLES, repository.data / "fused").to_pylist()
    assert {
        row["sample_id"]: {member["role"]: member["ids"] for member in row["members"]} for row in samples
    } == {
        f"b/captions.csv#{file}": {"caption": [f"b/captions.csv#{file}"], modality: [f"b/media/{file}"]}
        for file in pairs
    }
    links = read_table(LINKS, repository.data / "aligned" / "b").to_pylist()
    assert [row["similarity"] > 0.6 for row in links if row["method"] == "content"] == [True] * len(pairs)
    rejects = read_table(ALIGN_REJECTS, repository.data / "aligned" / "b").to_pylist()
    assert [row["row_id"] for row in rejects] == [f"b/media/{STRAYS[modality][0]}"]
