import hashlib
import os
import sys
import tarfile
from pathlib import Path

import pytest

from tasks.collect import CollectParams
from tasks.core.errors import SourceError
from tasks.core.params import load_params
from tasks.core.shards import ShardReader
from tests.collect.making import batch_yaml, errors, items, rows
from tests.conftest import BatchRefusedError, Repository
from tests.media.making import photo, saved, wav

FILES = "kind: files, path: media"


def test_every_file_gives_one_item_and_its_bytes_are_in_the_shard(repository: Repository) -> None:
    files = {
        "media/b/cut.wav": wav()[:200],
        "media/b/sound.wav": wav(),
        "media/empty.png": b"",
        "media/note.txt": "Grüße".encode(),
        "media/photo.jpg": saved(photo(), "JPEG"),
        "media/page.jpg": b"<html>not found</html>",
        "media/x.bin": b"\x00\x01\x02",
    }
    repository.add_batch("one", batch_yaml(FILES), files)
    assert repository.run("collect") == "collect: 1 built, 0 unchanged; 7 items, 4 of them unreadable"
    found = rows(repository, "one")
    assert list(found) == sorted(files)
    folder = repository.data / "collected" / "one"
    with ShardReader(folder) as shards:
        for name, payload in files.items():
            row = found[name]
            assert shards.read(str(row["shard"]), int(str(row["offset"])), int(str(row["size"]))) == payload
            assert row["sha256"] == hashlib.sha256(payload).hexdigest()
    with tarfile.open(folder / "media-00000.tar") as archive:
        assert archive.getnames() == sorted(files)
        assert {member.mtime for member in archive} == {0}


def test_an_item_says_what_it_is_and_where_it_is_from(repository: Repository) -> None:
    source = f'{FILES}, session: "{{batch}}-{{parent}}-{{stem}}", role: camera, start: 1.5s'
    repository.add_batch("one", batch_yaml(source), {"media/day/a.jpg": saved(photo(), "JPEG")})
    repository.run("collect")
    row = rows(repository, "one")["media/day/a.jpg"]
    kept = ("modality", "role", "session", "clock", "start_ns", "width", "height", "license", "source")
    assert {name: row[name] for name in kept} == {
        "modality": "image",
        "role": "camera",
        "session": "one-day-a",
        "clock": "reference",
        "start_ns": 1_500_000_000,
        "width": 120,
        "height": 80,
        "license": "CC0-1.0",
        "source": "media/day/a.jpg",
    }
    assert (row["readable"], row["error"], row["media_type"]) == (True, None, "image/jpeg")


def test_what_cannot_be_read_says_why(repository: Repository) -> None:
    files = {
        "media/a.png": b"",
        "media/b.wav": wav()[:-10],
        "media/c.jpg": b"page not found",
        "media/d.json": b"{}",
        "media/e.txt": b"\xe4rger",
        "media/f.mp4": b"\0\0\0\x18ftypmp42\0\0\0\0",
        "media/g": b"\0\0",
    }
    repository.add_batch("one", batch_yaml(FILES), files)
    repository.run("collect")
    found = rows(repository, "one")
    reasons = {name: str(row["error"]).split(":")[0] for name, row in found.items()}
    assert reasons == {
        "media/a.png": "file_empty",
        "media/b.wav": "truncated",
        "media/c.jpg": "unknown_media",
        "media/d.json": "unknown_media",
        "media/e.txt": "wrong_encoding",
        "media/f.mp4": "truncated",
        "media/g": "unknown_media",
    }
    modalities = [row["modality"] for row in found.values()]
    assert modalities == ["image", "audio", "image", "text", "text", "video", "signal"]


def test_a_file_that_is_too_large_is_left_where_it_is(repository: Repository) -> None:
    repository.set_param("largest_file_bytes: 2000000000", "largest_file_bytes: 9")
    repository.add_batch(
        "one", batch_yaml(FILES), {"media/a.txt": b"0123456789", "media/b.txt": b"012345678"}
    )
    repository.run("collect")
    found = rows(repository, "one")
    assert found["media/a.txt"]["error"] == "too_large: expected at most 9 bytes, got 10"
    assert found["media/a.txt"]["shard"] is None
    assert found["media/b.txt"]["readable"] is True


def test_any_number_of_workers_and_any_place_give_the_same_bytes(
    repository: Repository, tmp_path: Path
) -> None:
    files = {f"media/{n:03d}.txt": f"note {n}".encode() for n in range(600)}
    files["media/photo.jpg"] = saved(photo(), "JPEG")
    elsewhere = Repository(tmp_path / "a" / "clone" / "elsewhere")
    for place, workers in ((repository, "1"), (elsewhere, "2")):
        place.set_param("workers: -1", f"workers: {workers}")
        place.add_batch("one", batch_yaml(FILES), files)
        place.run("collect")
    made = [sorted((place.data / "collected" / "one").iterdir()) for place in (repository, elsewhere)]
    assert [path.name for path in made[0]] == [
        "frames.parquet",
        "items.parquet",
        "media-00000.tar",
        "partition.json",
        "rejects.parquet",
        "small_pictures.parquet",
        "sound_prints.parquet",
    ]
    assert [path.read_bytes() for path in made[0]] == [path.read_bytes() for path in made[1]]


def test_a_file_listed_twice_is_kept_once_and_the_second_listing_is_seen(repository: Repository) -> None:
    note = {"media/a.txt": b"one", "media/a.txt~2": b"two"}
    repository.add_batch("one", batch_yaml(FILES, f"{FILES}/a.txt"), note)
    repository.run("collect")
    assert errors(repository, "one") == {
        "media/a.txt": None,
        "media/a.txt~2": None,
        "media/a.txt~3": "repeated: 'media/a.txt' is listed before; this is media/a.txt",
    }


def test_a_batch_without_a_file_has_a_table_without_a_row(repository: Repository) -> None:
    (repository.add_batch("one", batch_yaml(FILES)) / "media").mkdir()
    assert repository.run("collect") == "collect: 1 built, 0 unchanged; 0 items, 0 of them unreadable"
    assert items(repository, "one").num_rows == 0


def test_a_recording_that_is_alone_begins_its_clock_and_others_need_to_be_told(
    repository: Repository,
) -> None:
    files = {
        "alone/a.wav": wav(),
        "pair/b.wav": wav(),
        "pair/c.wav": wav(),
        "alone/a.jpg": saved(photo(), "JPEG"),
    }
    voice = "kind: files, path: alone, role: voice, session: all"
    sources = (voice, "kind: files, path: pair, role: room, start: 2s, session: all")
    untold = "kind: files, path: pair, role: room, session: all"
    repository.add_batch("told", batch_yaml(*sources), files)
    repository.add_batch("untold", batch_yaml(sources[0], untold), files)
    repository.run("collect")
    told = {name: row["start_ns"] for name, row in rows(repository, "told").items()}
    assert told["alone/a.wav"] == 0
    assert told["alone/a.jpg"] is None
    assert told["pair/b.wav"] == told["pair/c.wav"] == 2_000_000_000
    starts = {name: row["start_ns"] for name, row in rows(repository, "untold").items()}
    assert (starts["alone/a.wav"], starts["pair/b.wav"], starts["pair/c.wav"]) == (0, None, None)


def test_a_file_that_grows_while_it_is_collected_stops_the_run(tmp_path: Path) -> None:
    from tasks.collect.planning import plan_pieces
    from tasks.collect.reading import Reading, read_chunk
    from tasks.core.candidate import Candidate
    from tasks.core.content import FileContent
    from tasks.core.shards import create_shards
    from tasks.media.reader import Limits

    place = tmp_path / "a.txt"
    place.write_bytes(b"one")
    pieces = plan_pieces([Candidate("a.txt", "a.txt", content=FileContent(place))], largest_file_bytes=100)
    create_shards(tmp_path, [piece.slot for piece in pieces if piece.slot])
    place.write_bytes(b"three")
    reading = Reading("batch", "CC0-1.0", Limits(1, 100))
    with pytest.raises(SourceError, match="changed while it was collected: expected 3 bytes, got 5"):
        read_chunk(reading, tmp_path, pieces)
    place.unlink()
    with pytest.raises(
        SourceError, match="was there when it was listed and cannot be read now: No such file"
    ):
        read_chunk(reading, tmp_path, pieces)


def test_chunks_are_bounded_and_lose_nothing() -> None:
    from tasks.collect.planning import LARGEST_CHUNK_PIECES, plan_pieces, to_chunks
    from tasks.core.candidate import Candidate
    from tasks.core.content import BytesContent

    large = bytes(40 * 2**20)
    candidates = [Candidate(f"{n:04d}", "t", modality="text", content=BytesContent(b"x")) for n in range(300)]
    for number in range(3):
        candidates.append(Candidate(f"large-{number}", "t", modality="text", content=BytesContent(large)))
    chunks = to_chunks(plan_pieces(candidates, largest_file_bytes=10**9))
    assert [len(chunk) for chunk in chunks] == [LARGEST_CHUNK_PIECES, 45, 1, 1]
    assert [piece.candidate for chunk in chunks for piece in chunk] == candidates


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes on this system")
def test_a_pipe_is_not_read(repository: Repository, tmp_path: Path) -> None:
    """Outside of data/batches, where DVC does not look; inside, its batch is refused."""
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "a.txt").write_bytes(b"one")
    os.mkfifo(tmp_path / "far" / "pipe.txt")
    repository.add_batch("one", batch_yaml(f"kind: files, path: {tmp_path}/far"))
    repository.run("collect")
    assert errors(repository, "one") == {
        "far/a.txt": None,
        "far/pipe.txt": "unreadable: it is not a regular file",
    }


def test_the_params_are_those_of_params_yaml(repository: Repository) -> None:
    assert load_params(repository.root, "collect", CollectParams).most_pixels == 200_000_000


def test_the_item_that_needs_an_extra_is_named(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    repository.add_batch("one", batch_yaml(FILES), {"media/a.heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"})
    expected = "^one/media/a.heic: reading HEIC and HEIF pictures needs the package 'pi-heif'"
    with pytest.raises(BatchRefusedError, match=expected):
        repository.run("collect")
