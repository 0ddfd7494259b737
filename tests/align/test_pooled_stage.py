"""Pooling as the stage does it, from batch.yaml to the files and the export."""

import io
import json
import re
import tarfile
from pathlib import Path

import numpy as np
import pytest

from tasks.core.errors import ConfigError, InvalidBatchesError
from tasks.core.pooled import PooledFile
from tasks.core.schemas import LINKS
from tasks.core.tables import read_table
from tasks.core.vectors import iterate_frames
from tests.conftest import Repository

BATCH = """\
about: words, a sensor on a clock that is two seconds behind, and marks
license: CC0-1.0
sources:
  - {kind: table, path: words.csv, text: word, id: word, time: t, duration: d, role: word}
  - {kind: table, path: sensor.csv, values: [x, y], time: t, role: sensor, clock: two}
  - {kind: table, path: marks.csv, text: said, time: t, duration: d, role: mark}
clocks: {two: {offset: 2s}}
align:
  method: timestamp
  reference: word
  pool:
    sensor: {kinds: [mean, max], steps: 2}
    mark: {kinds: [concat]}
"""
FILES = {
    "words.csv": b"word,t,d\na,10,1\nb,11,0.5\nc,90,1\n",
    "sensor.csv": b"t,x,y\n8,1,10\n8.5,2,20\n9,3,30\n9.5,4,40\n",
    "marks.csv": b"said,t,d\nclap,10.9,0.2\nlaugh,10.2,0.1\n",
}


def aligned(repository: Repository, text: str = BATCH) -> Path:
    repository.add_batch("pool", text, FILES)
    repository.run("collect", "label", "encode", "align")
    return repository.data / "aligned/pool"


def found(folder: Path, role: str) -> dict[str, object]:
    file = PooledFile(folder / f"pooled/{role}.arrow")
    rows = {word: file.find(f"pool/words.csv#{word}") for word in "abc"}
    return {word: row.tolist() if isinstance(row, np.ndarray) else row for word, row in rows.items()}


def test_frames_are_pooled_on_the_reference_clock_and_what_is_missing_is_told(repository: Repository) -> None:
    folder = aligned(repository)
    assert found(folder, "sensor") == {
        "a": [1, 10, 2, 20, 1, 10, 2, 20],
        "b": [3, 30, 3, 30, 3, 30, 3, 30],
        "c": None,
    }
    assert PooledFile(folder / "pooled/sensor.arrow").columns == (
        *("mean.0.x", "mean.0.y", "mean.1.x", "mean.1.y"),
        *("max.0.x", "max.0.y", "max.1.x", "max.1.y"),
    )
    assert found(folder, "mark") == {"a": "laugh clap", "b": "clap", "c": None}
    pooled = json.loads((folder / "coverage.json").read_text())["pooled"]
    assert pooled["sensor"] == {
        "kinds": ["mean", "max"],
        "steps": 2,
        "channels": 2,
        "names": ["x", "y"],
        "samples": 3,
        "samples_without": 1,
        "gaps": ["pool/words.csv#c"],
        "items": 4,
        "frames": 4,
        "frames_unmet": 1,
        "left_out": {},
        "left_out_examples": [],
    }
    assert (pooled["mark"]["items"], pooled["mark"]["samples_without"]) == (2, 1)
    assert (pooled["mark"]["frames"], pooled["mark"]["frames_unmet"]) == (2, 0)


def test_a_measure_holds_as_long_as_the_user_says_and_keeps_its_digits(repository: Repository) -> None:
    text = BATCH.replace("{kinds: [mean, max], steps: 2}", "{kinds: [last], hold: 80s}")
    files = {**FILES, "sensor.csv": b"t,x,y\n8,48.137154321,10\n8,48.137154322,20\n"}
    repository.add_batch("pool", text, files)
    repository.run("collect", "label", "encode", "align")
    kept = [48.137154322, 20]
    assert found(repository.data / "aligned/pool", "sensor") == {"a": kept, "b": kept, "c": None}


def test_what_has_other_channels_or_an_unknown_clock_or_no_session_is_counted_with_its_reason(
    repository: Repository,
) -> None:
    more = """\
  - {kind: table, path: narrow.csv, values: [x], time: t, role: sensor}
  - {kind: table, path: lost.csv, values: [x, y], time: t, role: sensor, clock: three}
  - {kind: table, path: away.csv, values: [x, y], time: t, role: sensor, session: elsewhere}
clocks: {three: {sync: audio}, two"""
    repository.add_batch(
        "pool",
        BATCH.replace("clocks: {two", more),
        {**FILES, "narrow.csv": b"t,x\n10,5\n", "lost.csv": b"t,x,y\n1,2,3\n", "away.csv": b"t,x,y\n1,2,3\n"},
    )
    repository.run("collect", "label", "encode", "align")
    pooled = json.loads((repository.data / "aligned/pool/coverage.json").read_text())["pooled"]["sensor"]
    assert pooled["items"] == 7
    # Whose channels are the role's is told by the first id: away.csv is before narrow.csv.
    assert pooled["left_out"] == {
        "its clock is not known": 1,
        "its session has no sample": 1,
        "it has 1 channels, and the role's first 2": 1,
    }


def test_the_sound_of_a_story_is_pooled_onto_its_phrases(repository: Repository, corpora: Path) -> None:
    fable = corpora / "elan_fable"
    sound, notes = next(fable.glob("**/*.ogg")), next(fable.glob("**/*.eaf"))
    text = f"""\
about: a story
license: CC-BY-4.0
sources: [{{kind: files, path: {sound}}}]
labels: [{{format: elan, path: {notes}, item: {sound.name}}}]
align: {{method: timestamp, reference: transcript, pool: {{audio: {{kinds: [mean, last]}}}}}}
"""
    repository.add_batch("pool", text)
    repository.run("collect", "label", "encode", "align")
    folder = repository.data / "aligned/pool"
    ((_, sequence),) = iterate_frames(repository.data / "encoded/pool/audio_frames.arrow")
    file = PooledFile(folder / "pooled/audio.arrow")
    phrases = [row for row in read_table(LINKS, folder).to_pylist() if row["method"] == "reference"]
    assert len(phrases) > 40
    for phrase in phrases:
        first = phrase["start_ns"] // sequence.step_ns
        rows = sequence.matrix[first : -(-max(phrase["end_ns"], phrase["start_ns"] + 1) // sequence.step_ns)]
        row = file.find(phrase["sample_id"])
        assert isinstance(row, np.ndarray)
        expected = np.concatenate([rows.astype(np.float64).mean(axis=0).astype(np.float32), rows[-1]])
        assert row.tolist() == expected.tolist()


def test_a_role_that_nothing_has_is_told_with_the_nearest_word(repository: Repository) -> None:
    folder = aligned(repository, BATCH.replace("    sensor:", "    sensr:"))
    assert not (folder / "pooled/sensr.arrow").exists()
    pooled = json.loads((folder / "coverage.json").read_text())["pooled"]["sensr"]
    assert "Did you mean 'sensor'?" in pooled["unknown_role"]
    assert (pooled["samples"], pooled["samples_without"]) == (3, 3)


def test_items_without_numbers_are_counted_with_their_reason(repository: Repository) -> None:
    folder = aligned(repository, BATCH.replace("mark: {kinds: [concat]}", "mark: {}"))
    pooled = json.loads((folder / "coverage.json").read_text())["pooled"]["mark"]
    assert pooled["left_out"] == {}
    assert pooled["channels"] == 512


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("steps: 2", "steps: 0", "steps: expected 1 to 10000, got 0"),
        ("[mean, max]", "[mean, mean]", "expected different ones"),
        ("[concat]", "[concat, mean]", "concat joins texts"),
        ("[mean, max]", "[maen]", "Did you mean 'mean'?"),
        ("    sensor:", "    ../sensor:", "a role names a file here"),
        ("method: timestamp", "method: key", "pooled by time"),
    ],
)
def test_a_pool_that_cannot_be_is_refused(repository: Repository, old: str, new: str, message: str) -> None:
    with pytest.raises(InvalidBatchesError, match=re.escape(message)):
        aligned(repository, BATCH.replace(old, new))


def test_building_twice_gives_the_same_bytes(repository: Repository) -> None:
    folder = aligned(repository)
    first = {path.name: path.read_bytes() for path in (folder / "pooled").iterdir()}
    repository.set_param("sound_rate_hz: 8000", "sound_rate_hz: 8050")
    assert "1 built" in repository.run("align")
    assert first == {path.name: path.read_bytes() for path in (folder / "pooled").iterdir()}


@pytest.mark.parametrize("rate_hz", [0, 3950, 11_025, 200_000])
def test_a_rate_of_sound_at_which_warped_clocks_would_stray_is_refused(
    repository: Repository, rate_hz: int
) -> None:
    repository.set_param("sound_rate_hz: 8000", f"sound_rate_hz: {rate_hz}")
    with pytest.raises(ConfigError, match=f"a multiple of 50 from 4000 to 192000.*got {rate_hz}"):
        repository.run("align")


def test_what_was_pooled_is_exported_with_its_sample_and_what_is_missing_is_not(
    repository: Repository,
) -> None:
    aligned(repository)
    repository.run("validate", "fuse", "export")
    files: dict[str, bytes] = {}
    for shard in sorted((repository.data / "exports/webdataset").glob("*.tar")):
        with tarfile.open(shard) as archive:
            files |= {f"{shard.stem}/{name.name}": archive.extractfile(name).read() for name in archive}  # type: ignore[union-attr] # they are files
    rows = {name: payload for name, payload in files.items() if ".pooled_" in name}
    vectors = sorted(np.load(io.BytesIO(row)).tolist() for name, row in rows.items() if "sensor" in name)
    assert vectors == [[1, 10, 2, 20, 1, 10, 2, 20], [3, 30, 3, 30, 3, 30, 3, 30]]
    assert sorted(row for name, row in rows.items() if "mark" in name) == [b"clap", b"laugh clap"]
