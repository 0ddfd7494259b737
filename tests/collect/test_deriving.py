"""What is taken out of videos: pictures with their true times, the sound, sensors."""

import io
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tasks.collect import taking
from tasks.collect.taking import VideoTaker
from tasks.core.candidate import MediaFacts
from tasks.core.containers import Sensed
from tasks.core.errors import InvalidBatchesError
from tasks.core.schemas import FRAMES
from tasks.core.series import unpack_series
from tasks.core.shards import ShardReader
from tasks.core.sound import read_sound
from tasks.core.source_entries import VideoOptions
from tasks.core.tables import read_table
from tests.collect.making import Row, batch_yaml, errors, rows
from tests.conftest import Repository
from tests.media.filming import GREY_STEP, Film, film, turned
from tests.media.making import photo, saved, wav

MS = 1_000_000


def source(options: str, more: str = "") -> str:
    return f"kind: files, path: media, video: {{{options}}}{more}"


def collected(repository: Repository, options: str, payload: bytes, more: str = "") -> dict[str, Row]:
    declared = "clocks: {camera: {offset: 1s}}\n" if "clock: camera" in more else ""
    repository.add_batch("one", batch_yaml(source(options, more), more=declared), {"media/a.mp4": payload})
    repository.run("collect")
    return rows(repository, "one")


def pictures(found: dict[str, Row]) -> list[tuple[int, object, object]]:
    """Number, start and duration in ms."""
    mark = "#frame-"
    return [
        (int(name.split(mark)[1]), int(str(row["start_ns"])) / MS, int(str(row["duration_ns"])) / MS)
        for name, row in found.items()
        if mark in name
    ]


def payload_of(repository: Repository, row: Row) -> bytes:
    with ShardReader(repository.data / "collected" / "one") as shards:
        return shards.read(str(row["shard"]), int(str(row["offset"])), int(str(row["size"])))


def grey_of(payload: bytes) -> float:
    return float(np.asarray(Image.open(io.BytesIO(payload)).convert("L"), np.float64).mean())


def test_at_each_tick_the_frame_that_is_shown_is_taken_with_its_own_time(repository: Repository) -> None:
    shown_ms = (0, 400, 450, 980, 1_200, 2_100)
    found = collected(repository, "frames_per_second: 2", film(Film(times_ms=shown_ms)))
    # Ticks are at 0, 0.5, 1, 1.5 and 2 s: frame 4 is shown at both 1.5 s and 2 s, and is taken once.
    assert pictures(found) == [(0, 0, 400), (2, 450, 530), (3, 980, 220), (4, 1_200, 900)]


def test_what_is_taken_says_where_it_is_from(repository: Repository) -> None:
    tags = (("copyright", "CC BY 4.0"),)
    more = ', session: "{stem}", clock: camera, role: left, start: 2s'
    found = collected(
        repository, "frames_per_second: 1, sound: true", film(Film(sound_codec="aac", tags=tags)), more
    )
    assert list(found) == ["media/a.mp4", "media/a.mp4#frame-000000", "media/a.mp4#sound"]
    kept = ("modality", "role", "session", "clock", "start_ns", "license", "source", "derived_from")
    shared = ("a", "camera", 2_000 * MS, "CC-BY-4.0", "media/a.mp4")
    assert [tuple(row[name] for name in kept) for row in found.values()] == [
        ("video", "left", *shared, None),
        ("image", "left_image", *shared, "one/media/a.mp4"),
        ("audio", "left_audio", *shared, "one/media/a.mp4"),
    ]
    assert all(row["readable"] for row in found.values())


def test_each_picture_is_the_frame_of_its_number(repository: Repository) -> None:
    found = collected(
        repository, "frames_per_second: 1000, picture: png", film(Film(times_ms=range(0, 800, 100)))
    )
    shown = [grey_of(payload_of(repository, row)) for name, row in found.items() if "#frame" in name]
    assert len(shown) == 8
    steps = np.diff(shown)
    assert np.abs(steps - GREY_STEP).max() < 4
    assert found["media/a.mp4#frame-000003"]["media_type"] == "image/png"


def test_a_rate_above_the_videos_own_takes_every_frame_once(repository: Repository) -> None:
    found = collected(repository, "frames_per_second: 240", film(Film()))
    assert pictures(found) == [(n, n * 100, 100 if n < 9 else 1) for n in range(10)]


def test_one_frame_is_one_picture(repository: Repository) -> None:
    found = collected(repository, "frames_per_second: 0.1", film(Film(times_ms=(0,))))
    assert pictures(found) == [(0, 0, 1)]


def test_pictures_stand_upright(repository: Repository) -> None:
    payload = turned(film(Film(times_ms=(0,))), (0, 1, -1, 0))
    found = collected(repository, "frames_per_second: 1, picture: png", payload)
    row = found["media/a.mp4#frame-000000"]
    assert (row["width"], row["height"], row["orientation"]) == (48, 64, None)
    assert found["media/a.mp4"]["orientation"] == 6
    upright = np.asarray(Image.open(io.BytesIO(payload_of(repository, row))).convert("L"), np.int64)
    # The darker left half has come to the top.
    assert upright[:28].mean() < upright[36:].mean() - 5


def test_sound_and_pictures_begin_where_they_begin_in_the_video(repository: Repository) -> None:
    late_picture = film(Film(times_ms=(300, 800), form="matroska", sound_codec="flac", sound_ms=1_500))
    late_sound = film(Film(form="matroska", sound_codec="flac", sound_from_ms=250, sound_ms=500))
    files = {"media/a.mkv": late_picture, "media/b.mkv": late_sound}
    options = source("frames_per_second: 2, sound: true", ', session: "{stem}", start: 1s')
    repository.add_batch("one", batch_yaml(options), files)
    repository.run("collect")
    found = rows(repository, "one")
    starts = {name: int(str(row["start_ns"])) // MS for name, row in found.items() if "#" in name}
    assert starts == {
        "media/a.mkv#frame-000000": 1_300,
        "media/a.mkv#frame-000001": 1_800,
        "media/a.mkv#sound": 1_000,
        "media/b.mkv#frame-000000": 1_000,
        "media/b.mkv#frame-000005": 1_500,
        "media/b.mkv#sound": 1_250,
    }
    assert found["media/b.mkv#sound"]["duration_ns"] == 500 * MS
    sound = read_sound(payload_of(repository, found["media/b.mkv#sound"]))
    assert (sound.sample_rate, sound.samples.shape) == (48_000, (24_000, 2))


def test_what_is_taken_out_of_a_video_without_a_start_has_none(repository: Repository) -> None:
    files = {"media/a.mp4": film(Film()), "media/b.mp4": film(Film())}
    repository.add_batch("one", batch_yaml(source("frames_per_second: 1", ", session: all")), files)
    repository.run("collect")
    assert [row["start_ns"] for row in rows(repository, "one").values()] == [None] * 4


def test_a_lone_video_begins_its_clock_and_so_does_what_is_taken_out_of_it(repository: Repository) -> None:
    found = collected(repository, "frames_per_second: 5", film(Film(times_ms=(0, 200), sound_codec="aac")))
    starts = {name.removeprefix("media/a.mp4"): row["start_ns"] for name, row in found.items()}
    assert starts == {"": 0, "#frame-000000": 0, "#frame-000001": 200 * MS}


def test_only_videos_are_taken_apart_and_a_broken_one_gives_nothing(repository: Repository) -> None:
    whole = film(Film(sound_codec="aac"))
    files = {
        "media/cut.mp4": whole[:-100],
        "media/empty.mp4": b"",
        "media/photo.jpg": saved(photo(), "JPEG"),
        "media/sound.mp4": film(Film(times_ms=(), sound_codec="aac")),
        "media/sound.wav": wav(),
    }
    repository.add_batch("one", batch_yaml(source("frames_per_second: 1, sound: true")), files)
    repository.run("collect")
    found = errors(repository, "one")
    assert list(found) == sorted(files)
    assert found["media/cut.mp4"] == "truncated: at least 100 bytes are missing at its end"
    assert rows(repository, "one")["media/sound.mp4"]["modality"] == "audio"


def test_a_name_that_is_taken_is_not_taken_twice(repository: Repository) -> None:
    files = {"media/a.mp4": film(Film()), "media/a.mp4#frame-000000": saved(photo(), "PNG")}
    repository.add_batch("one", batch_yaml(source("frames_per_second: 1")), files)
    repository.run("collect")
    assert list(errors(repository, "one")) == [
        "media/a.mp4",
        "media/a.mp4#frame-000000",
        "media/a.mp4#frame-000000~2",
    ]


def test_a_video_that_would_give_too_many_pictures_says_so(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "MOST_PICTURES", 4)
    found = collected(repository, "frames_per_second: 10", film(Film()))
    assert list(found) == ["media/a.mp4"]
    assert str(found["media/a.mp4"]["error"]).startswith("too_large: it gives more than 4 pictures; lower")


def test_the_table_of_frames_has_every_frame_of_every_readable_video(repository: Repository) -> None:
    whole = film(Film(times_ms=(0, 40, 90), codec="libx264", b_frames=2))
    files = {"media/b.mp4": whole, "media/a.mp4": whole, "media/cut.mp4": whole[:-9]}
    repository.add_batch("one", batch_yaml("kind: files, path: media"), files)
    repository.run("collect")
    table = read_table(FRAMES, repository.data / "collected" / "one").to_pylist()
    assert [(row["item_id"], row["frame"], row["time_ns"] // MS) for row in table] == [
        (f"one/media/{name}.mp4", frame, time_ms)
        for name in "ab"
        for frame, time_ms in enumerate((0, 40, 90))
    ]


def test_any_number_of_workers_gives_the_same_bytes(tmp_path: Path) -> None:
    files = {
        f"media/{n}.mp4": film(Film(times_ms=range(0, 100 * n, 50), sound_codec="aac")) for n in (4, 5, 6)
    }
    made = []
    for workers in (1, 3):
        repository = Repository(tmp_path / str(workers))
        repository.set_param("workers: -1", f"workers: {workers}")
        repository.add_batch("one", batch_yaml(source("frames_per_second: 7, sound: true")), files)
        repository.run("collect")
        folder = repository.data / "collected" / "one"
        made.append({place.name: place.read_bytes() for place in folder.iterdir()})
    assert made[0] == made[1]
    assert sorted(made[0]) == [
        "frames.parquet",
        "items.parquet",
        "media-00000.tar",
        "partition.json",
        "rejects.parquet",
        "small_pictures.parquet",
        "sound_prints.parquet",
    ]


def test_a_broken_sensor_track_is_an_item_that_says_so_and_the_rest_is_taken(tmp_path: Path) -> None:
    broken = Sensed(Fraction(0), Fraction(1), b"DEVC\0\1\xff\xff")
    with VideoTaker(tmp_path / "spool", VideoOptions(sound=True, sensors=True)) as taker:
        taker.sense(broken)
        (taken,) = taker.finish(MediaFacts("video", "video/mp4"))
    assert taken.name == "sensors"
    assert str(taken.fault).startswith("unreadable: its sensor track is broken: the entry b'DEVC' ends")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("frames_per_second: 0", "frames_per_second above 0 and up to 1000, got 0"),
        ("frames_per_second: -1", "got -1"),
        ("frames_per_second: .nan", "frames_per_second: expected a number, got '.nan'"),
        ("frames_per_second: 5000", "got 5000"),
        ("picture: png", "at least one of frames_per_second, sound and sensors"),
        ("frames_per_second: 1, picture: gif", r"expected one of \['jpeg', 'png'\], got 'gif'"),
        ("frame_per_second: 1", "Did you mean 'frames_per_second'"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(repository: Repository, options: str, message: str) -> None:
    repository.add_batch("one", batch_yaml(source(options)), {"media/a.txt": b"a"})
    with pytest.raises(InvalidBatchesError, match=message):
        repository.run("collect")


def test_a_table_of_videos_is_taken_apart_too(repository: Repository) -> None:
    table = "kind: table, path: t.csv, media: file, time: at, video: {frames_per_second: 1}"
    files = {"t.csv": b"file,at\na.mp4,5.5\n", "a.mp4": film(Film(times_ms=(0, 1_000)))}
    repository.add_batch("one", batch_yaml(table), files)
    repository.run("collect")
    starts = [row["start_ns"] for row in rows(repository, "one").values()]
    assert starts == [5_500 * MS, 5_500 * MS, 6_500 * MS]


def test_a_ride_goes_through_the_whole_pipeline(repository: Repository, corpora: Path) -> None:
    ride = corpora / "gopro_gpmf" / "samples" / "max-heromode.mp4"
    options = "frames_per_second: 2, sound: true, sensors: true"
    entry = f"- {{kind: files, path: {ride}, video: {{{options}}}}}"
    align = "align: {method: timestamp, reference: {window: 1s, hop: 1s}}"
    repository.add_batch("ride", f"about: A ride\nlicense: CC0-1.0\nsources:\n{entry}\n{align}\n")
    assert repository.run("collect") == "collect: 1 built, 0 unchanged; 31 items, 0 of them unreadable"
    stages = ("label", "encode", "align", "validate", "fuse", "export", "evaluate", "report")
    repository.run(*stages)
    found = rows(repository, "ride")
    roles = [row["role"] for row in found.values()]
    assert {role: roles.count(role) for role in sorted(set(map(str, roles)))} == {
        **{"ACCL": 1, "CORI": 1, "GPS5": 1, "GRAV": 1, "GYRO": 1, "IORI": 1, "MAGN": 1},
        **{"audio": 1, "image": 22, "video": 1},
    }
    with ShardReader(repository.data / "collected" / "ride") as shards:
        row = found["samples/max-heromode.mp4#ACCL"]
        payload = shards.read(str(row["shard"]), int(str(row["offset"])), int(str(row["size"])))
    series = unpack_series(payload)
    assert (series.channels, len(series.time_ns)) == (("x", "y", "z"), 2_082)
    assert (row["channels"], row["media_type"]) == (3, "application/vnd.apache.arrow.file")
    links = repository.data / "aligned" / "ride" / "links.parquet"
    assert links.is_file()
