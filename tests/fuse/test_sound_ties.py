"""Sounds that are one recording are tied whatever was done to them, and strangers are not."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from tasks.core.schemas import SAMPLES, TIES
from tasks.core.tables import read_table
from tasks.fuse.ties.sounds import Sound, sound_ties
from tasks.media.sound_print import sound_print
from tests.conftest import Repository
from tests.media.making import facts
from tests.test_architecture import STAGES

Samples = NDArray[np.float64]
LEAST = 0.8
CLIPS = 50


def spoken(corpora: Path) -> dict[str, tuple[Samples, int]]:
    """Digits by several speakers, several takes each: the same word twice is no duplicate."""
    return {place.stem: soundfile.read(place) for place in sorted((corpora / "fsdd").rglob("*.wav"))}


def packed(samples: Samples, rate_hz: int, form: str = "WAV", subtype: str = "PCM_16") -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, np.clip(samples, -1, 1), rate_hz, format=form, subtype=subtype)
    return buffer.getvalue()


def noisy(samples: Samples, rate_hz: int) -> Samples:
    noise = np.random.default_rng(rate_hz).normal(0, 1, len(samples))
    heard: Samples = samples + noise * np.sqrt((samples**2).mean()) * 10 ** (-30 / 20)
    return heard


def padded(samples: Samples, rate_hz: int) -> Samples:
    return np.concatenate([np.zeros(rate_hz // 8), samples, np.zeros(rate_hz // 5)])


CHANGES: dict[str, Callable[[Samples, int], bytes]] = {
    "quieter": lambda samples, rate_hz: packed(samples / 4, rate_hz),
    "louder and clipped": lambda samples, rate_hz: packed(samples * 2, rate_hz),
    "Vorbis": lambda samples, rate_hz: packed(samples, rate_hz, "OGG", "VORBIS"),
    "24 bits": lambda samples, rate_hz: packed(samples, rate_hz, "FLAC", "PCM_24"),
    "twice the rate": lambda samples, rate_hz: packed(
        np.interp(np.arange(2 * len(samples)) / 2, np.arange(len(samples)), samples), 2 * rate_hz
    ),
    "two channels": lambda samples, rate_hz: packed(np.stack([samples, samples], axis=1), rate_hz),
}


def sound_of(name: str, payload: bytes) -> Sound:
    found = facts(payload, f"{name}.ogg" if payload.startswith(b"OggS") else f"{name}.wav").sound_print
    assert found is not None, f"{name} has no fingerprint"
    return Sound(name, found)


@pytest.mark.parametrize("change", CHANGES)
def test_fifty_of_fifty_spoken_words_are_tied_to_their_changed_copies(corpora: Path, change: str) -> None:
    chosen = list(spoken(corpora).items())[::12][:CLIPS]
    sounds = [sound_of(name, packed(*clip)) for name, clip in chosen]
    copies = [sound_of(f"copy of {name}", CHANGES[change](*clip)) for name, clip in chosen]
    tied = {(tie.item_id, tie.other_id) for tie in sound_ties([*sounds, *copies], LEAST)}
    assert {(f"copy of {name}", name) for name, _ in chosen} <= tied


@pytest.mark.parametrize(("change", "fewest"), [(padded, 20), (noisy, 18)], ids=["padded", "noise at 30 dB"])
def test_words_of_half_a_second_are_tied_with_silence_around_them_and_nearly_all_with_noise(
    corpora: Path, change: Callable[[Samples, int], Samples], fewest: int
) -> None:
    long = [clip for clip in spoken(corpora).values() if len(clip[0]) > clip[1] / 2][:20]
    pairs = [
        (packed(samples, rate_hz), packed(change(samples, rate_hz), rate_hz)) for samples, rate_hz in long
    ]
    tied = [list(sound_ties([sound_of("one", one), sound_of("copy", copy)], LEAST)) for one, copy in pairs]
    assert len([found for found in tied if found]) >= fewest


def test_strangers_are_not_tied_even_where_one_speaker_says_the_word_again(corpora: Path) -> None:
    found = {name: facts(packed(*clip), "a.wav").sound_print for name, clip in spoken(corpora).items()}
    sounds = [Sound(name, own) for name, own in found.items() if own is not None]
    assert len(sounds) > 0.95 * len(found)
    pairs = len(sounds) * (len(sounds) - 1) // 2
    assert len(list(sound_ties(sounds, LEAST))) <= pairs / 10_000


def test_two_recordings_with_a_jingle_in_common_are_strangers() -> None:
    draw = np.random.default_rng(3)
    jingle, one, other = (draw.normal(0, 0.1, seconds * 8000).astype(np.float32) for seconds in (5, 20, 20))
    prints = [sound_print(np.concatenate([jingle, event]), 8000) for event in (one, other)]
    assert not list(sound_ties([Sound(f"{row}", own or b"") for row, own in enumerate(prints)], LEAST))


@pytest.mark.parametrize(
    "samples", [np.zeros(8000), np.zeros(0), np.full(400, 0.5)], ids=["silent", "none", "short"]
)
def test_where_there_is_too_little_sound_there_is_no_fingerprint(samples: Samples) -> None:
    assert sound_print(samples.astype(np.float32), 8000) is None


def test_a_quieter_copy_goes_to_the_side_of_its_original_and_is_told(
    repository: Repository, corpora: Path
) -> None:
    batch = """\
about: words, and quieter copies of them
license: CC-BY-SA-4.0
sources: [{kind: files, path: words/}]
align: {method: key, reference: audio}
"""
    chosen = list(spoken(corpora).items())[::60]
    files = {f"words/{name}.wav": packed(*clip) for name, clip in chosen}
    files |= {f"words/quiet-{name}.wav": packed(clip[0] / 3, clip[1]) for name, clip in chosen}
    repository.add_batch("one", batch, files)
    repository.run(*STAGES[: STAGES.index("fuse") + 1])
    fused = repository.data / "fused"
    split_of = {row["sample_id"]: row["split"] for row in read_table(SAMPLES, fused).to_pylist()}
    sides = {name: split_of[f"one/words/{name}.wav"] for name, _ in chosen}
    assert {name: split_of[f"one/words/quiet-{name}.wav"] for name, _ in chosen} == sides
    ties = read_table(TIES, fused).to_pylist()
    assert {row["kind"] for row in ties} == {"sounds"}
    assert len(ties) == len(chosen)
