"""Aligning by content as a whole: what batch.yaml may ask for, from delivery to links."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tasks.core.batch import read_batches
from tasks.core.errors import InvalidBatchesError
from tasks.core.schemas import ALIGN_REJECTS, ITEMS, LABELS, LINKS
from tasks.core.tables import read_table
from tests.conftest import Repository

TEXTS = """\
about: headlines and the stories below them
license: CC0-1.0
sources:
  - {kind: table, path: heads.csv, text: text, id: id, role: head, session: "{day}"}
  - {kind: table, path: stories.csv, text: text, id: id, role: story, session: "{day}"}
align: {method: content, reference: head, by: text, threshold: 0.2%s}
"""
HEADS = "id,day,text\nh1,1,Storm closes the harbour\nh2,1,Bakery wins a prize\nh3,2,Storm closes the school\n"
STORIES = (
    "id,day,text\n"
    "s1,1,The harbour was closed by the storm all day\n"
    "s2,1,A prize went to the bakery on Mill Lane\n"
    "s3,2,The school stays closed after the storm\n"
    "s4,2,Nothing rhymes\n"
)
PICTURES = """\
about: drawings and small copies of them
license: CC0-1.0
sources:
  - {kind: files, path: large/, role: large, session: all}
  - {kind: files, path: small/, role: small, session: all}
align: {method: content, reference: large, by: picture_hash, pairing: %s, threshold: 0.9}
"""
PAIRED = """\
about: shapes and words for them, some of which are known to belong together
license: CC0-1.0
sources:
  - {kind: table, path: words.csv, text: text, id: id, role: word, session: all}
  - {kind: table, path: rows.csv, values: [x, y, z], id: id, role: reading, session: all}
align: {method: content, reference: word, by: coordinated, threshold: 0.5, pairs: pairs.csv, margin: 0.01}
"""
Found = dict[str, str]
Rejects = dict[str, dict[str, Any]]
KINDS = ("red square", "green circle", "blue line")


def table(*rows: tuple[object, ...]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def picture(seed: int, side_px: int) -> bytes:
    tiles = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(tiles).resize((side_px, side_px), Image.Resampling.BICUBIC).save(file, "PNG")
    return file.getvalue()


def align(repository: Repository, batch_file: str, files: dict[str, bytes]) -> tuple[Found, Rejects]:
    """Sample per member of the links by content, and the rejects by row; nobody vanishes."""
    repository.add_batch("b", batch_file, files)
    repository.run("collect", "label", "encode", "align")
    folder = repository.data / "aligned/b"
    links, rejects = read_table(LINKS, folder).to_pylist(), read_table(ALIGN_REJECTS, folder).to_pylist()
    came_in = [read_table(spec, repository.data / spec.folder / "b").num_rows for spec in (ITEMS, LABELS)]
    assert len({row["member_id"] for row in links}) + len(rejects) == sum(came_in)
    found = {row["member_id"]: row["sample_id"] for row in links if row["method"] == "content"}
    return found, {row["row_id"].rpartition("#")[2].rpartition("/")[2]: row for row in rejects}


def short(found: dict[str, str]) -> dict[str, str]:
    return {name.rpartition("#")[2]: sample.rpartition("#")[2] for name, sample in found.items()}


def test_texts_meet_by_their_words(repository: Repository) -> None:
    files = {"heads.csv": HEADS.encode(), "stories.csv": STORIES.encode()}
    found, rejects = align(repository, TEXTS % "", files)
    assert short(found) == {"s1": "h1", "s2": "h2", "s3": "h3"}
    assert rejects["s4"]["reason"] in ("below_threshold", "ambiguous")


def test_texts_in_files_of_their_own_meet_by_their_words_too(repository: Repository) -> None:
    stories = '  - {kind: table, path: stories.csv, text: text, id: id, role: story, session: "{day}"}'
    batch_file = TEXTS.replace(stories, "  - {kind: files, path: stories/, role: story, session: all}")
    files = {"heads.csv": HEADS.encode(), "stories/s1.txt": b"The harbour was closed by the storm all day\n"}
    found, _ = align(repository, batch_file % "", files)
    assert found == {"b/stories/s1.txt": "b/heads.csv#h1"}


def test_a_candidate_is_of_the_same_session_where_that_is_asked_for(repository: Repository) -> None:
    stories = STORIES.replace("s1,1,", "s1,2,")
    files = {"heads.csv": HEADS.encode(), "stories.csv": stories.encode()}
    found, rejects = align(repository, TEXTS % ", candidates: session", files)
    assert short(found) == {"s2": "h2", "s3": "h3"}
    assert (rejects["s1"]["reason"], rejects["s1"]["candidate"]) == ("not_mutual", "b/heads.csv#h3")
    assert "but that is more like b/stories.csv#s3" in rejects["s1"]["detail"]
    assert 0.2 <= rejects["s1"]["candidate_similarity"] < 1


@pytest.mark.parametrize("pairing", ["mutual", "assignment", "threshold"])
def test_small_copies_of_pictures_meet_them_by_their_looks(repository: Repository, pairing: str) -> None:
    files = {f"large/{name}.png": picture(seed, 240) for seed, name in enumerate("abc")}
    files |= {f"small/{name}.png": picture(seed, 120) for seed, name in ((0, "x"), (2, "y"), (9, "stray"))}
    found, rejects = align(repository, PICTURES % pairing, files)
    assert found == {"b/small/x.png": "b/large/a.png", "b/small/y.png": "b/large/c.png"}
    assert {name: row["reason"] for name, row in rejects.items()} == {"stray.png": "below_threshold"}
    assert "below the threshold of 0.9" in rejects["stray.png"]["detail"]


def test_of_two_copies_of_one_picture_no_one_to_one_pairing_chooses(repository: Repository) -> None:
    files = {"large/a.png": picture(0, 240), "small/x.png": picture(0, 120), "small/y.png": picture(0, 120)}
    found, rejects = align(repository, PICTURES % "mutual", files)
    assert found == {}
    assert {row["reason"] for row in rejects.values()} == {"ambiguous"}
    assert "and so is b/small/y.png" in rejects["x.png"]["detail"]


def paired_files(known: int) -> dict[str, bytes]:
    """Forty readings and forty words, three kinds of each; the pairs of the first ones are known."""
    random = np.random.default_rng(3)
    words: list[tuple[object, ...]] = [("id", "text")]
    readings: list[tuple[object, ...]] = [("id", "x", "y", "z")]
    pairs: list[tuple[object, ...]] = [("member", "reference")]
    for number in range(known):
        kind = number % 3
        words.append((f"w{number}", KINDS[kind]))
        readings.append((f"r{number}", *np.round(5 * np.eye(3)[kind] + random.normal(0, 0.1, 3), 3)))
        pairs.append((f"rows.csv#r{number}", f"b/words.csv#w{number}"))
    readings.append(("loose", 0.02, 5.01, -0.03))
    return {"words.csv": table(*words), "rows.csv": table(*readings), "pairs.csv": table(*pairs)}


def test_modalities_without_a_common_space_meet_in_one_that_is_learned(repository: Repository) -> None:
    source = "  - {kind: table, path: lone.csv, text: text, id: id, role: lone, session: all}\n"
    batch_file = PAIRED.replace("sources:\n", f"sources:\n{source}").replace(
        "reference: word", "reference: lone"
    )
    files = paired_files(24) | {"lone.csv": b"id,text\nonly,green circle\n"}
    found, rejects = align(repository, batch_file.replace("margin: 0.01", "pairing: threshold"), files)
    green = {f"r{number}" for number in range(24) if number % 3 == 1}
    assert short(found) == dict.fromkeys({*green, "loose"}, "only")
    assert rejects["r0"]["reason"] == "below_threshold"


def test_too_few_known_pairs_are_told(repository: Repository) -> None:
    found, rejects = align(repository, PAIRED, paired_files(5))
    assert found == {}
    assert rejects["loose"]["reason"] == "not_comparable"
    assert "at least 20 known pairs of signal and text, there are 5" in rejects["loose"]["detail"]


def test_a_pair_of_what_is_not_there_is_told_with_its_line(repository: Repository) -> None:
    files = paired_files(24)
    files["pairs.csv"] += b"rows.csv#r99,words.csv#w1\n"
    _, rejects = align(repository, PAIRED, files)
    assert rejects["loose"]["detail"] == (
        "pairs.csv: line 26: expected member,reference: ids of items or labels of the batch, got"
        " ['rows.csv#r99']: no candidate"
    )


def test_the_order_of_delivery_changes_no_byte(repository: Repository) -> None:
    files = {"heads.csv": HEADS.encode(), "stories.csv": STORIES.encode()}
    align(repository, TEXTS % "", files)
    folder = repository.data / "aligned/b"
    before = {path.name: path.read_bytes() for path in sorted(folder.glob("*.parquet"))}
    head, *rows = STORIES.splitlines(keepends=True)
    (repository.data / "batches/b/stories.csv").write_text("".join([head, *reversed(rows)]))
    repository.run("collect", "label", "encode", "align")
    assert {path.name: path.read_bytes() for path in sorted(folder.glob("*.parquet"))} == before


def test_coverage_counts_what_was_ambiguous(repository: Repository) -> None:
    files = {"large/a.png": picture(0, 240), "small/x.png": picture(0, 120), "small/y.png": picture(0, 120)}
    align(repository, PICTURES % "mutual", files)
    coverage = json.loads((repository.data / "aligned/b/coverage.json").read_text())
    assert coverage["roles"]["small"]["reasons"] == {"ambiguous": 2}


@pytest.mark.parametrize(
    ("align_options", "message"),
    [
        ("method: key, reference: a, margin: 0.1", "margin has a meaning only with method: content"),
        ("method: key, reference: a, match: nearest", "match has a meaning only with method: timestamp"),
        (
            "method: content, reference: a, least_share: 0.5",
            "least_share has a meaning only with method: timestamp",
        ),
        ("method: content, reference: a, pairs: p.csv", "pairs has a meaning only with by: coordinated"),
        ("method: content, reference: a, threshold: 2", "expected a threshold from -1 to 1"),
        (
            "method: key, reference: a, candidates: everywhere",
            r"b/batch.yaml:4: .*candidates has a meaning only with method: content",
        ),
        ("method: content, reference: a, by: vector", r"expected one of \['vectors'.*Did you mean 'vectors'"),
        ("method: content, reference: a, by: coordinated, pairs: p.csv", "the path 'p.csv' does not exist"),
    ],
)
def test_what_has_no_meaning_is_refused_before_any_work(
    repository: Repository, align_options: str, message: str
) -> None:
    text = f"about: x\nlicense: CC0-1.0\nsources: [{{kind: files, path: m/}}]\nalign: {{{align_options}}}\n"
    repository.add_batch("b", text, {"m/a.txt": b"a"})
    with pytest.raises(InvalidBatchesError, match=message):
        read_batches(Path(repository.data / "batches"))
