"""The three representations: fitted on training samples, there for all, and true to what they are made of."""

import json
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tasks.core.reduction import fit_reduction
from tasks.core.vectors import Frames, read_vectors
from tasks.fuse.representations import MOST_TRAINING_ROWS, FusedSample, training_samples
from tests.conftest import Repository
from tests.fuse.delivered import Delivery, put
from tests.fuse.test_samples import fused, scenes

Vector = npt.NDArray[np.float32]


def vectors_of(repository: Repository, name: str) -> dict[str, Vector]:
    vectors = read_vectors(repository.data / "fused" / f"{name}.arrow")
    return dict(zip(vectors.ids, vectors.matrix, strict=True))


def fusion_of(repository: Repository) -> dict[str, Any]:
    fusion: dict[str, Any] = json.loads((repository.data / "fused" / "fusion.json").read_text())
    return fusion


def related(name: str, count: int, seed: int) -> Delivery:
    """Pictures whose captions say what they show, up to a turn and some noise."""
    rng = np.random.default_rng(seed)
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(6, 6)))[0]
    batch = Delivery(name)
    for number in range(count):
        shown = rng.normal(size=6)
        sample = batch.sample(f"{number:03d}.png", vector=[*shown, *rng.normal(size=3)])
        told = [*(shown @ turn + 0.05 * rng.normal(size=6)), 1.0]
        batch.link(sample, batch.label(f"captions#{number}", "caption", sample, text="-", vector=told))
    return batch


def test_joint_has_a_row_per_sample_in_their_order(repository: Repository) -> None:
    put(repository, scenes("a", 5))
    put(repository, scenes("a-b", 5))
    samples = fused(repository)
    assert list(vectors_of(repository, "joint")) == list(samples)
    assert next(iter(samples)) == "a-b/000.png"


def test_joint_says_which_modalities_are_there_and_has_zeros_where_one_is_missing(
    repository: Repository,
) -> None:
    batch = scenes("a", 12)
    for number in range(6):
        sample = f"a/{number:03d}.png"
        text = batch.item(
            f"{number}.txt", "text", session=f"{number:03d}.png", text="t", vector=[1.0 * number, 2.0, 0.0]
        )
        batch.link(sample, text)
    batch.sample("blank.png")
    put(repository, batch)
    fused(repository)
    joint, columns = vectors_of(repository, "joint"), fusion_of(repository)["joint"]["columns"]
    masks = {name: vector[slice(*columns["present"])].tolist() for name, vector in joint.items()}
    assert masks["a/000.png"] == [1.0, 1.0, 0.0, 0.0, 0.0]
    assert masks["a/009.png"] == [1.0, 0.0, 0.0, 0.0, 0.0]
    assert masks["a/blank.png"] == [0.0] * 5
    assert not joint["a/009.png"][slice(*columns["text"])].any()
    assert not joint["a/blank.png"].any()


def test_representations_are_fitted_on_the_training_split_alone(repository: Repository) -> None:
    batch = scenes("a", 40)
    put(repository, batch)
    splits = {name: row["split"] for name, row in fused(repository).items()}
    before = vectors_of(repository, "joint")
    for path in (repository.data / "encoded" / "a").iterdir():
        path.unlink()
    held_out = [name for name, split in splits.items() if split != "train"]
    for name in held_out:
        batch.vectors["image"][name] = [100.0, -100.0, 50.0]
    (repository.data / "encoded" / "a").rmdir()
    (repository.data / "batches" / "a" / "batch.yaml").unlink()
    (repository.data / "batches" / "a").rmdir()
    put(repository, batch)
    fused(repository)
    after = vectors_of(repository, "joint")
    assert all(np.array_equal(before[name], after[name]) == (name not in held_out) for name in before)
    training_rows = len(splits) - len(held_out)
    assert fusion_of(repository)["fitted_on"] == {
        "split": "train",
        "rows": training_rows,
        "at_most": MOST_TRAINING_ROWS,
    }


def test_pictures_find_their_captions_in_the_coordinated_space(repository: Repository) -> None:
    put(repository, related("a", 150, seed=1))
    samples = fused(repository)
    vectors = vectors_of(repository, "coordinated")
    held_out = [name for name, row in samples.items() if row["split"] != "train"]
    images = np.stack([vectors[f"{name}#image"] for name in held_out])
    texts = np.stack([vectors[f"{name}#text"] for name in held_out])
    assert np.allclose(np.linalg.norm(images, axis=1), 1, atol=1e-6)
    found = (images @ texts.T).argmax(axis=1) == np.arange(len(held_out))
    assert len(held_out) > 20
    assert found.mean() > 0.95


def test_sounds_and_pictures_share_a_space_through_words(repository: Repository) -> None:
    batch = related("a", 60, seed=2)
    for number in range(60, 120):
        shown = np.random.default_rng(number).normal(size=6)
        sound = batch.sample(f"{number:03d}.wav", "audio", vector=[*shown, 1.0])
        spoken = batch.label(f"vtt#{number}", "caption", sound, text="-", vector=[*shown, 1.0])
        batch.link(sound, spoken)
    put(repository, batch)
    fused(repository)
    widths = {
        name.rpartition("#")[2]: len(vector) for name, vector in vectors_of(repository, "coordinated").items()
    }
    assert sorted(widths) == ["audio", "image", "text"]
    assert len(set(widths.values())) == 1
    assert fusion_of(repository)["coordinated"]["modalities"] == ["image", "text", "audio"]


def test_in_the_hierarchy_a_parent_is_the_mean_of_its_children(repository: Repository) -> None:
    batch = scenes("a", 20)
    for number in range(20):
        sample = f"a/{number:03d}.png"
        session = "first" if number < 12 else "second"
        text = batch.item(
            f"{number}.txt", "text", session=session, text="t", vector=[1.0 * (number % 4), 2.0, number % 3]
        )
        batch.link(sample, text)
    for row in batch.links:
        row["session"] = "first" if int(str(row["sample_id"])[2:5]) < 12 else "second"
    put(repository, batch)
    samples = fused(repository)
    vectors = vectors_of(repository, "hierarchy")
    for name in samples:
        children = [vectors[f"member:{name}#image"], vectors[f"member:{name}#text"]]
        assert np.allclose(vectors[f"sample:{name}"], np.mean(children, axis=0), atol=1e-5)
    for session in ("first", "second"):
        children = [vectors[f"sample:{name}"] for name, row in samples.items() if row["session"] == session]
        assert np.allclose(vectors[f"session:a/{session}"], np.mean(children, axis=0), atol=1e-5)


def test_representations_have_the_digits_that_are_meant_and_no_negative_zero(repository: Repository) -> None:
    put(repository, related("a", 30, 1))
    fused(repository)
    for name in ("joint", "coordinated", "hierarchy"):
        matrix = np.stack(list(vectors_of(repository, name).values()))
        assert np.array_equal(matrix, matrix.round(6))
        assert not np.signbit(matrix[matrix == 0]).any()


def test_sound_in_a_span_is_what_its_frames_say_on_the_item_s_own_clock(repository: Repository) -> None:
    batch = Delivery("b")
    talk = batch.item("talk.wav", "audio", session="s", clock="recorder", start_ns=5_000_000_000)
    ramp = np.arange(40, dtype=np.float32)[:, None] * [1.0, 0.0] + [0.0, 1.0]
    batch.frames[talk] = Frames(0, 100_000_000, np.asarray(ramp, np.float32))
    clock = {"batch": "b", "session": "s", "reference": "reference", "method": "given", "marks": 0}
    line = {"anchor_ns": 0, "offset_ns": 2_000_000_000, "drift_ppm": 0.0, "piece": 0}
    line |= {"tolerance_ns": 0, "within_tolerance": True}
    batch.clocks.append({**clock, "clock": "recorder", **line})
    for number in range(8):
        start_ns = 7_000_000_000 + number * 500_000_000
        spoken = batch.label(f"vtt#{number}", "transcript", talk, text="-", vector=[float(number), 1.0])
        batch.link(spoken, spoken)
        batch.link(spoken, talk, method="overlap", start_ns=start_ns, end_ns=start_ns + 500_000_000)
    put(repository, batch)
    fused(repository)
    joint, fusion = vectors_of(repository, "joint"), fusion_of(repository)["joint"]
    assert fusion["modalities"]["audio"] == {"rows": 8, "dimensions": 1, "explained_variance": 1.0}
    audio = [float(joint[f"b/vtt#{number}"][fusion["columns"]["audio"][0]]) for number in range(8)]
    # the mean frame of span n is 5 n + 2: evenly spaced, with a mean square of 1
    steps = np.diff(audio)
    assert np.allclose(np.abs(steps), 1 / np.sqrt(np.mean((np.arange(8) - 3.5) ** 2)), atol=1e-5)
    assert np.allclose(steps, steps[0], atol=1e-5)


def test_one_sample_is_enough_and_dimensions_shrink_to_none(repository: Repository) -> None:
    batch = Delivery("b")
    sample = batch.sample("a.png", session="s", vector=[1.0, 2.0])
    batch.link(sample, batch.label("captions#1", "caption", sample, text="-", vector=[3.0]))
    put(repository, batch)
    fused(repository)
    assert vectors_of(repository, "joint")[sample].tolist() == [1.0, 0.0, 0.0, 0.0, 0.0]
    assert vectors_of(repository, "coordinated") == {}
    fusion = fusion_of(repository)
    assert fusion["joint"]["modalities"]["image"]["dimensions"] == 0
    assert fusion["coordinated"] == {"dimensions": 0, "modalities": [], "pairs_with_words": {"image": 1}}
    assert fusion["hierarchy"]["dimensions"] == 0


@pytest.mark.parametrize("alike", [("image",), ("text",), ("image", "text")])
def test_vectors_that_are_all_alike_say_nothing(repository: Repository, alike: tuple[str, ...]) -> None:
    batch = scenes("a", 12)
    for modality in alike:
        batch.vectors[modality] = {name: [1.0, 0.0, 0.5] for name in batch.vectors[modality]}
    put(repository, batch)
    assert len(fused(repository)) == 12
    fusion = fusion_of(repository)
    assert (fusion["joint"]["modalities"]["image"]["dimensions"] == 0) == ("image" in alike)
    assert fusion["coordinated"]["modalities"] == []
    assert vectors_of(repository, "coordinated") == {}


def test_a_modality_that_is_only_outside_training_is_left_out_of_the_joint_space(
    repository: Repository,
) -> None:
    put(repository, scenes("a", 40))
    samples = fused(repository)
    held_out = next(row for row in samples.values() if row["split"] == "test")
    later = Delivery("b")
    sound = later.item("c.wav", "audio", vector=[1.0, 2.0])
    later.sample("c.png", sha256=f"a{int(held_out['sample_id'][2:5])}")
    later.link("b/c.png", sound)
    put(repository, later)
    assert fused(repository)["b/c.png"]["split"] == "test"
    fusion = fusion_of(repository)
    assert list(fusion["joint"]["modalities"]) == ["image"]
    assert vectors_of(repository, "joint")["b/c.png"][-5:].tolist() == [0.0, 0.0, 1.0, 0.0, 0.0]


def test_at_most_so_many_training_samples_are_fitted_on_in_whatever_order_they_come() -> None:
    samples = [FusedSample(f"b/{n}", "b", f"b/{n}", "test" if n % 5 == 0 else "train") for n in range(30_000)]
    chosen = training_samples(samples)
    assert len(chosen) == MOST_TRAINING_ROWS
    assert {sample.split for sample in chosen} == {"train"}
    assert {sample.sample_id for sample in chosen} == {s.sample_id for s in training_samples(samples[::-1])}
    few = samples[:50]
    assert training_samples(few) == [sample for sample in few if sample.split == "train"]


def test_columns_that_never_vary_are_left_out_and_the_rest_standardised() -> None:
    matrix = np.array([[1.0, 7.0, 10.0], [2.0, 7.0, 20.0], [3.0, 7.0, 30.0]], np.float32)
    reduction = fit_reduction(matrix, 5)
    assert reduction.dimensions == 1
    assert reduction.explained == 1.0
    reduced = reduction.apply(matrix)[:, 0]
    assert np.allclose(reduced, np.array([-1, 0, 1]) * np.sqrt(3), atol=1e-6)
