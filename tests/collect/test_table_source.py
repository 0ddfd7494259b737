from collections import Counter
from pathlib import Path

import pytest

from tests.collect.making import batch_yaml, errors, items, rows
from tests.conftest import Repository

TEXTS = 'kind: table, path: t.csv, text: said, id: id, time: at, duration: for, session: "{who}-{batch}"'


def test_a_row_is_a_text_with_its_exact_times_and_session(repository: Repository) -> None:
    table = b"id,said,at,for,who\nr1,Hello,1305031452.791720,0.1,ada\nr2,Bye,,,bo\n"
    repository.add_batch("one", batch_yaml(TEXTS), {"t.csv": table})
    repository.run("collect")
    found = rows(repository, "one")
    kept = ("text", "modality", "session", "start_ns", "duration_ns", "source")
    assert [tuple(found[name][column] for column in kept) for name in ("t.csv#r1", "t.csv#r2")] == [
        ("Hello", "text", "ada-one", 1_305_031_452_791_720_000, 100_000_000, "t.csv:2"),
        ("Bye", "text", "bo-one", None, None, "t.csv:3"),
    ]


def test_a_broken_row_is_an_item_that_says_what_is_wrong(repository: Repository) -> None:
    lines = [
        "id,said,at,for,who",
        "r1,Hello,soon,1,ada",
        "r2,,1,1,ada",
        "r3,Hello,1,1",
        ",Hello,1,1,ada",
        "r5,Hello,1,-1,ada",
        "r7,Hello,9e9,9e9,ada",
        "r6,Hello,1,1,",
        "r4,Hello,1,1,ada",
        "r4,Again,1,1,ada",
    ]
    repository.add_batch("one", batch_yaml(TEXTS), {"t.csv": "\n".join(lines).encode()})
    repository.run("collect")
    assert errors(repository, "one") == {
        "t.csv#r1": "not_a_number: column 'at': expected a number, got 'soon'",
        "t.csv#r2": "file_empty: the row has no text",
        "t.csv#line 4": "malformed: expected 5 cells, got 4",
        "t.csv#line 5": None,
        "t.csv#r5": "malformed: the duration -1 s is negative",
        "t.csv#r7": "malformed: the duration 9000000000 s ends more than 292 years after the clock's zero",
        "t.csv#r6": "malformed: the session needs a value in the column 'who'",
        "t.csv#r4": None,
        "t.csv#r4~2": "repeated: 't.csv#r4' is listed before; this is t.csv:10",
    }
    found = rows(repository, "one")
    assert found["t.csv#r1"]["text"] == "Hello"
    assert {found[name]["duration_ns"] for name in ("t.csv#r5", "t.csv#r7")} == {None}
    assert [name for name, row in found.items() if row["shard"] is None] == ["t.csv#line 4", "t.csv#r2"]


def test_a_row_names_a_file_that_must_be_in_the_batch(
    repository: Repository, tmp_path_factory: pytest.TempPathFactory
) -> None:
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.txt"
    secret.write_text("secret")
    cells = [
        "a.txt",
        "./b.txt",
        "../shared/c.txt",
        "gone.png",
        "",
        "../../two/d.txt",
        str(secret),
        "link.txt",
    ]
    table = "file\tn\n" + "".join(f"{cell}\t{number}\n" for number, cell in enumerate(cells))
    files = {"in/t.tsv": table.encode(), "in/a.txt": b"a", "in/b.txt": b"b", "shared/c.txt": b"c"}
    folder = repository.add_batch("one", batch_yaml("kind: table, path: in/t.tsv, media: file"), files)
    (folder / "in" / "link.txt").symlink_to(secret)
    repository.run("collect")
    out = "leads out of the batch; deliver the file itself"
    assert errors(repository, "one") == {
        "in/a.txt": None,
        "in/b.txt": None,
        "shared/c.txt": None,
        "in/gone.png": "file_missing: there is no such file",
        "in/t.tsv#line 6": "file_missing: the row names no file",
        "in/t.tsv#line 7": f"unreadable: '../../two/d.txt' {out}",
        "in/t.tsv#line 8": "unreadable: the path is absolute and leads out of the batch",
        "in/t.tsv#line 9": f"unreadable: 'link.txt' {out}",
    }
    assert rows(repository, "one")["in/gone.png"]["modality"] == "image"


def test_numbers_are_kept_as_they_were_written(repository: Repository) -> None:
    source = (
        "kind: table, path: p.txt, values: [x, y], delimiter: ' ', comment: '#', columns: [t, x, y], time: t"
    )
    repository.add_batch("one", batch_yaml(source), {"p.txt": b"# pose\n1.5 1.2300 -0e1\n1.6 nan 2\n1.7 1\n"})
    repository.run("collect")
    found = rows(repository, "one")
    row = found["p.txt#line 2"]
    assert (row["modality"], row["media_type"], row["channels"]) == ("signal", "text/csv", 2)
    shard = (repository.data / "collected" / "one" / "media-00000.tar").read_bytes()
    offset, size = int(str(row["offset"])), int(str(row["size"]))
    assert shard[offset : offset + size] == b"1.2300,-0e1"
    assert found["p.txt#line 3"]["error"] == "not_a_number: expected a number, got 'nan'"
    assert found["p.txt#line 4"]["error"] == "malformed: expected 3 cells, got 2"


def test_a_table_without_the_column_is_one_unreadable_item_that_names_the_nearest_word(
    repository: Repository,
) -> None:
    repository.add_batch(
        "one", batch_yaml("kind: table, path: t.csv, text: txt"), {"t.csv": b"id,text\n1,a\n"}
    )
    repository.run("collect")
    (error,) = errors(repository, "one").values()
    assert error == "malformed: expected a column 'txt', there are ['id', 'text']. Did you mean 'text'?"


def test_a_table_of_text_and_pictures_gives_both(repository: Repository) -> None:
    table = b"id,photo,said\nr1,p.txt,Hello\n"
    sources = (
        "kind: table, path: t.csv, text: said, id: id",
        "kind: table, path: t.csv, media: photo, id: id",
    )
    repository.add_batch("one", batch_yaml(*sources), {"t.csv": table, "p.txt": b"stands for a picture"})
    repository.run("collect")
    assert errors(repository, "one") == {"p.txt": None, "t.csv#r1": None}


def test_camera_depth_and_pose_of_a_real_recording(repository: Repository, corpora: Path) -> None:
    folder = corpora / "tum_fr1_desk_mini"
    listed = "delimiter: ' ', comment: '#', columns: [t, path], media: path, time: t"
    pose = "[t, tx, ty, tz, qx, qy, qz, qw]"
    sources = [f"kind: table, path: {folder}/{name}.txt, {listed}, role: {name}" for name in ("rgb", "depth")]
    sources.append(
        f"kind: table, path: {folder}/groundtruth.txt, delimiter: ' ', comment: '#', columns: {pose},"
        " values: [tx, ty, tz, qx, qy, qz, qw], time: t, role: pose"
    )
    repository.add_batch("desk", batch_yaml(*sources))
    repository.run("collect")
    found = items(repository, "desk")
    counted = Counter(zip(found["role"].to_pylist(), found["readable"].to_pylist(), strict=True))
    assert counted == {
        ("rgb", True): 9,
        ("rgb", False): 604,
        ("depth", True): 9,
        ("depth", False): 586,
        ("pose", True): 2_335,
    }
    assert found["start_ns"].null_count == 0
    row = rows(repository, "desk")["tum_fr1_desk_mini/depth/1305031453.374112.png"]
    assert (row["start_ns"], row["width"]) == (1_305_031_453_374_112_000, 640)
    assert set(found.filter(found["shard"].is_null())["error"].to_pylist()) == {
        "file_missing: there is no such file"
    }
