"""Pooling of whole batches whose clocks are told by stamps, and by sound of a recorder that paused."""

import datetime
import io
import json
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

from tasks.core.pooled import PooledFile
from tasks.core.schemas import CLOCKS
from tasks.core.tables import read_table
from tasks.core.times import NS_PER_S
from tasks.core.vectors import VectorFile
from tests.align.sessions import RATE_HZ, Float32s, babble, noisy, recorded
from tests.conftest import Repository
from tests.media.making import photo, saved
from tests.media.test_exif import EXIF, TAKEN, TAKEN_FRACTION, TAKEN_OFFSET

STAGES = ("collect", "label", "encode", "align")
STAMPED = """\
about: words in seconds since 1970, and photos of two cameras that say when they were taken
license: CC0-1.0
sources:
  - {kind: table, path: words.csv, text: word, id: word, time: t, duration: d, role: word, clock: camera}
  - {kind: files, path: camera, clock: camera, role: wide}
  - {kind: table, path: phone.csv, media: path, id: path, time: t, clock: phone, role: close}
clocks: {camera: reference, phone: {sync: metadata}}
align: {method: timestamp, reference: word, pool: {close: {kinds: [last]}}}
"""
BEGIN = datetime.datetime(2024, 2, 29, 23, 59, 50, tzinfo=datetime.UTC)


def taken(seconds: int) -> bytes:
    """A photo taken so long after BEGIN, by a camera in another zone; no two are alike."""
    local = BEGIN + datetime.timedelta(hours=2, seconds=seconds)
    stamp = {TAKEN: local.strftime("%Y:%m:%d %H:%M:%S"), TAKEN_FRACTION: "000", TAKEN_OFFSET: "+02:00"}
    exif = Image.Exif()
    exif.get_ifd(EXIF).update(stamp)
    return saved(photo(seed=seconds), "JPEG", exif=exif)


def pooled(folder: Path, role: str, samples: list[str]) -> list[list[float] | None]:
    file = PooledFile(folder / f"pooled/{role}.arrow")
    rows = [file.find(sample) for sample in samples]
    return [row.tolist() if isinstance(row, np.ndarray) else None for row in rows]


def coverage(folder: Path, role: str) -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / "coverage.json").read_text())["pooled"][role]
    return found


def test_photos_that_have_no_start_are_pooled_where_their_stamps_say(repository: Repository) -> None:
    words = "".join(
        f"{word},{BEGIN.timestamp() + at},0.5\n"
        for word, at in (("before", -9), ("a", 0.6), ("b", 2.6), ("c", 4.6))
    )
    files = {
        "words.csv": f"word,t,d\n{words}".encode(),
        "camera/wide.jpg": taken(1),
        # One shows 100 s on the phone's own clock; the others have no time but that of their stamps.
        "phone.csv": b"path,t\na.jpg,100\nb.jpg,\nc.jpg,\n",
        **{f"{name}.jpg": taken(seconds) for name, seconds in (("a", 0), ("b", 2), ("c", 4))},
    }
    repository.add_batch("pool", STAMPED, files)
    repository.run(*STAGES)
    folder = repository.data / "aligned/pool"
    vectors = VectorFile(repository.data / "encoded/pool/image.arrow")
    places = {name: place for place, name in enumerate(vectors.ids.to_pylist())}
    expected = [vectors.vector(places[f"pool/{name}.jpg"]).tolist() for name in "abc"]
    found = pooled(folder, "close", [f"pool/words.csv#{word}" for word in ("before", "a", "b", "c")])
    assert expected[0] != expected[1] != expected[2] != expected[0]
    assert found == [None, *expected]
    report = coverage(folder, "close")
    assert (report["items"], report["frames"], report["frames_unmet"], report["left_out"]) == (3, 3, 0, {})


PAUSED = """\
about: two recorders of one event, of which one paused, and a sensor beside that one
license: CC0-1.0
sources:
  - {kind: files, path: hall.wav, clock: hall, role: hall}
  - {kind: files, path: stage.wav, clock: stage, role: stage}
  - {kind: table, path: sensor.csv, values: [x], time: t, duration: d, clock: stage, role: sensor}
  - {kind: table, path: words.csv, text: word, id: word, time: t, duration: d, clock: hall, role: word}
clocks: {hall: reference, stage: {sync: audio}}
align: {method: timestamp, reference: word, pool: {sensor: {kinds: [sum]}}}
"""
OFFSET_S, PAUSED_AT_S, PAUSE_S = 8, 45, 6


def sound_file(sound: Float32s) -> bytes:
    stored = io.BytesIO()
    soundfile.write(stored, sound / np.abs(sound).max(), RATE_HZ, format="WAV", subtype="PCM_16")
    return stored.getvalue()


def paused_batch() -> dict[str, bytes]:
    """The stage's recorder began 8 s after the hall's, and stood still for 6 s when it showed 45 s."""
    event = babble(125, seed=1)
    whole = recorded(event, 80, OFFSET_S)
    after = (PAUSED_AT_S + PAUSE_S) * RATE_HZ
    paused = np.concatenate([whole[: PAUSED_AT_S * RATE_HZ], whole[after:]])
    readings = "".join(f"{second}.4,0.2,{second + 1}\n" for second in range(74))
    words = "".join(f"w{second},{second}.1,0.8\n" for second in range(8, 88))
    return {
        "hall.wav": sound_file(noisy(recorded(event, 110, 0), 20, 7)),
        "stage.wav": sound_file(noisy(paused, 20, 8)),
        "sensor.csv": f"t,d,x\n{readings}".encode(),
        "words.csv": f"word,t,d\n{words}".encode(),
    }


def test_frames_on_both_sides_of_a_pause_are_in_the_spans_that_they_were_taken_in(
    repository: Repository,
) -> None:
    repository.add_batch("pool", PAUSED, paused_batch())
    repository.run(*STAGES)
    folder = repository.data / "aligned/pool"
    clocks = [row for row in read_table(CLOCKS, folder).to_pylist() if row["clock"] == "stage"]
    assert [round(row["offset_ns"] / NS_PER_S, 2) for row in clocks] == [OFFSET_S, OFFSET_S + PAUSE_S]
    found = pooled(folder, "sensor", [f"pool/words.csv#w{second}" for second in range(8, 88)])
    # The reading n + 1 was taken in second n of the stage's recorder; where its clock jumps none is placed.
    true = {second: [second - OFFSET_S + 1.0] for second in range(8, PAUSED_AT_S + OFFSET_S)}
    paused = range(PAUSED_AT_S + OFFSET_S, PAUSED_AT_S + OFFSET_S + PAUSE_S)
    later = range(paused.stop, 88)
    true |= {second: [second - OFFSET_S - PAUSE_S + 1.0] for second in later}
    lost = {word for word in true if found[word - 8] is None}
    assert lost <= {paused.start - 1, paused.stop}
    assert {second: found[second - 8] for second in true if second not in lost} == {
        second: value for second, value in true.items() if second not in lost
    }
    assert [found[second - 8] for second in paused] == [None] * PAUSE_S
    report = coverage(folder, "sensor")
    assert (report["samples_without"], report["frames_unmet"]) == (PAUSE_S + len(lost), 0)
    assert report["left_out"] == ({"frames where its clock jumps or is not known": len(lost)} if lost else {})
    assert report["frames"] == len(true) - len(lost)
