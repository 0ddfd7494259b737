"""Rounds as a whole, with real files: which batches meet, what is made anew, and that bytes stay the same."""

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tasks.core.schemas import ALIGN_REJECTS, ITEMS, LABELS, LINKS
from tasks.core.tables import read_table
from tests.conftest import Repository

PICTURES = """\
about: pictures, of one size
license: CC0-1.0
sources: [{kind: files, path: media/, role: %s, session: "{stem}"}]
align: {method: content, reference: large, by: picture_hash, threshold: 0.9, candidates: %s}
"""
TEXTS = """\
about: texts of one kind
license: CC0-1.0
sources: [{kind: table, path: texts.csv, text: text, id: id, role: %s, session: "{id}"}]
align: {method: content, reference: head, by: text, threshold: 0.2, candidates: everywhere}
"""
KNOWN = """\
about: shapes and words for them, which are known to belong together
license: CC0-1.0
sources:
  - {kind: table, path: words.csv, text: text, id: id, role: word, session: all}
  - {kind: table, path: rows.csv, values: [x, y, z], id: id, role: reading, session: all}
align:
  {method: content, reference: lone, by: coordinated, threshold: 0.5, pairing: threshold, pairs: pairs.csv,
   candidates: everywhere}
"""
LEARNING = """\
{method: content, reference: lone, by: coordinated, threshold: 0.5, pairing: threshold,
  candidates: everywhere}"""
LONE = f"""\
about: words for a shape
license: CC0-1.0
sources: [{{kind: table, path: lone.csv, text: text, id: id, role: lone, session: all}}]
align: {LEARNING}
"""
MORE = f"""\
about: one more shape
license: CC0-1.0
sources: [{{kind: table, path: rows.csv, values: [x, y, z], id: id, role: reading, session: all}}]
align: {LEARNING}
"""
KINDS = ("red square", "green circle", "blue line")
TO_ALIGN = ("collect", "label", "encode", "align")


def picture(seed: int, side_px: int) -> bytes:
    tiles = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(tiles).resize((side_px, side_px), Image.Resampling.BICUBIC).save(file, "PNG")
    return file.getvalue()


def table(*rows: tuple[object, ...]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def deliver(
    repository: Repository, name: str, role: str, side_px: int, *seeds: int, candidates: str = ""
) -> None:
    files = {f"media/{seed}.png": picture(seed, side_px) for seed in seeds}
    repository.add_batch(name, PICTURES % (role, candidates or "everywhere"), files)


def links_of(repository: Repository) -> dict[str, set[tuple[str, str]]]:
    """Sample and member of the links by content, batch by batch; nobody vanishes."""
    found = {}
    for folder in sorted((repository.data / "aligned").iterdir()):
        links, rejects = (read_table(spec, folder).to_pylist() for spec in (LINKS, ALIGN_REJECTS))
        came_in = [
            read_table(spec, repository.data / spec.folder / folder.name).num_rows for spec in (ITEMS, LABELS)
        ]
        assert len({row["member_id"] for row in links} | {row["row_id"] for row in rejects}) == sum(came_in)
        assert len({row["member_id"] for row in links}) + len(rejects) == sum(came_in)
        found[folder.name] = {
            (row["sample_id"], row["member_id"]) for row in links if row["method"] == "content"
        }
    return found


def rejects_of(repository: Repository, batch: str) -> dict[str, dict[str, Any]]:
    rows = read_table(ALIGN_REJECTS, repository.data / "aligned" / batch).to_pylist()
    return {row["row_id"]: row for row in rows}


def bytes_of(repository: Repository) -> dict[str, bytes]:
    folder = repository.data / "aligned"
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def three(repository: Repository) -> None:
    """Large pictures, small copies of them in two batches, and a batch that looks at itself alone."""
    deliver(repository, "large", "large", 240, 0, 1, 2)
    deliver(repository, "small", "small", 120, 0, 9)
    deliver(repository, "tiny", "small", 90, 2)
    deliver(repository, "apart", "large", 200, 1, 9, candidates="batch")


def test_small_copies_meet_the_pictures_of_another_batch(repository: Repository) -> None:
    three(repository)
    repository.run(*TO_ALIGN)
    assert links_of(repository) == {
        "apart": set(),
        "large": set(),
        "small": {("large/media/0.png", "small/media/0.png")},
        "tiny": {("large/media/2.png", "tiny/media/2.png")},
    }
    (lost,) = rejects_of(repository, "small").values()
    assert (lost["row_id"], lost["reason"]) == ("small/media/9.png", "below_threshold")
    assert lost["candidate"].startswith("large/")


def test_coverage_counts_what_other_batches_bring(repository: Repository) -> None:
    three(repository)
    repository.run(*TO_ALIGN)
    large, small = (
        json.loads((repository.data / "aligned" / name / "coverage.json").read_text())
        for name in ("large", "small")
    )
    assert large["companions"] == ["small", "tiny"]
    assert large["samples"] == 3
    told = {name: large["roles"]["small"][name] for name in ("members", "links", "guests", "samples_without")}
    assert told == {"members": 0, "links": 0, "guests": 2, "samples_without": 1}
    assert large["roles"]["small"]["samples_without_examples"] == ["large/media/1.png"]
    assert small["samples"] == 0
    assert {name: small["roles"]["small"][name] for name in ("members", "matched", "unmatched")} == {
        "members": 2,
        "matched": 1,
        "unmatched": 1,
    }


def test_texts_meet_those_of_other_batches_by_their_words(repository: Repository) -> None:
    heads = table(("id", "text"), ("h1", "Storm closes the harbour"), ("h2", "Bakery wins a prize"))
    repository.add_batch("heads", TEXTS % "head", {"texts.csv": heads})
    first = table(("id", "text"), ("s1", "The harbour was closed by the storm all day"))
    repository.add_batch("first", TEXTS % "story", {"texts.csv": first})
    second = table(("id", "text"), ("s2", "A prize went to the bakery"), ("s4", "Nothing rhymes"))
    repository.add_batch("second", TEXTS % "story", {"texts.csv": second})
    repository.run(*TO_ALIGN)
    found = links_of(repository)
    assert found["first"] == {("heads/texts.csv#h1", "first/texts.csv#s1")}
    assert found["second"] == {("heads/texts.csv#h2", "second/texts.csv#s2")}


def test_a_space_is_learned_from_the_pairs_that_any_batch_of_the_round_knows(repository: Repository) -> None:
    random = np.random.default_rng(3)
    words: list[tuple[object, ...]] = [("id", "text")]
    readings: list[tuple[object, ...]] = [("id", "x", "y", "z")]
    pairs: list[tuple[object, ...]] = [("member", "reference")]
    for number in range(24):
        words.append((f"w{number}", KINDS[number % 3]))
        row = np.round(5 * np.eye(3)[number % 3] + random.normal(0, 0.1, 3), 3)
        readings.append((f"r{number}", *row))
        pairs.append((f"rows.csv#r{number}", f"words.csv#w{number}"))
    files = {"words.csv": table(*words), "rows.csv": table(*readings), "pairs.csv": table(*pairs)}
    repository.add_batch("known", KNOWN, files)
    repository.add_batch("lone", LONE, {"lone.csv": table(("id", "text"), ("only", "green circle"))})
    more = table(("id", "x", "y", "z"), ("green", 0.02, 5.01, -0.03), ("red", 5.02, 0.01, 0.03))
    repository.add_batch("more", MORE, {"rows.csv": more})
    repository.run(*TO_ALIGN)
    found = links_of(repository)
    assert found["more"] == {("lone/lone.csv#only", "more/rows.csv#green")}
    green = {f"known/rows.csv#r{number}" for number in range(24) if number % 3 == 1}
    assert {member for _, member in found["known"] if "rows.csv" in member} == green
    assert rejects_of(repository, "more")["more/rows.csv#red"]["reason"] == "below_threshold"


def test_a_batch_that_comes_changes_or_goes_has_just_its_round_made_anew(repository: Repository) -> None:
    three(repository)
    assert repository.run(*TO_ALIGN).startswith("align: 4 built, 0 unchanged")
    deliver(repository, "new", "small", 100, 1)
    assert repository.run(*TO_ALIGN).startswith("align: 4 built, 1 unchanged")
    assert links_of(repository)["new"] == {("large/media/1.png", "new/media/1.png")}
    (repository.data / "batches/new/media/1.png").unlink()
    (repository.data / "batches/new/media/0.png").write_bytes(picture(0, 100))
    assert repository.run(*TO_ALIGN).startswith("align: 4 built, 1 unchanged")
    assert links_of(repository)["small"] == set()
    assert rejects_of(repository, "small")["small/media/0.png"]["reason"] == "ambiguous"
    shutil.rmtree(repository.data / "batches/new")
    assert repository.run(*TO_ALIGN).startswith("align: 3 built, 1 unchanged, removed ['new']")
    assert links_of(repository)["small"] == {("large/media/0.png", "small/media/0.png")}
    deliver(repository, "beside", "large", 200, 5, candidates="batch")
    assert repository.run(*TO_ALIGN).startswith("align: 1 built, 4 unchanged")


def test_whatever_was_there_before_the_bytes_are_the_same(repository: Repository, tmp_path: Path) -> None:
    three(repository)
    repository.run(*TO_ALIGN)
    whole = bytes_of(repository)
    for name in ("small", "large"):  # as a killed run leaves them
        shutil.rmtree(repository.data / "aligned" / name)
        assert repository.run("align").startswith("align: 1 built, 3 unchanged")
        assert bytes_of(repository) == whole
    (tmp_path / "other").mkdir()
    other = Repository(tmp_path / "other")
    other.set_param("workers: -1", "workers: 1")
    for name, role, side_px, seeds, candidates in (
        ("tiny", "small", 90, (2,), ""),
        ("apart", "large", 200, (1, 9), "batch"),
        ("small", "small", 120, (0, 9), ""),
        ("large", "large", 240, (0, 1, 2), ""),
    ):
        deliver(other, name, role, side_px, *seeds, candidates=candidates)
        other.run(*TO_ALIGN)
    assert bytes_of(other) == whole


@pytest.mark.parametrize("pairing", ["mutual", "assignment", "threshold"])
def test_a_round_gives_the_links_of_one_batch_that_holds_everything(
    repository: Repository, pairing: str
) -> None:
    words = (PICTURES % ("large", "everywhere")).replace("threshold:", f"pairing: {pairing}, threshold:")
    repository.add_batch("a", words, {f"media/{seed}.png": picture(seed, 200) for seed in range(4)})
    small = words.replace("role: large", "role: small")
    repository.add_batch("b", small, {f"media/{seed}.png": picture(seed, 90) for seed in (0, 1, 7)})
    repository.add_batch("c", small, {f"media/{seed}.png": picture(seed, 110) for seed in (1, 2)})
    together = words.replace("everywhere", "batch").replace(
        "sources: [", 'sources: [{kind: files, path: b/, role: small, session: "{stem}"},'
    )
    together = together.replace("path: media/", "path: a/").replace(
        "sources: [", 'sources: [{kind: files, path: c/, role: small, session: "{stem}"},'
    )
    delivered = {
        path.relative_to(repository.data / "batches").as_posix().replace("/media", ""): path.read_bytes()
        for path in (repository.data / "batches").rglob("*.png")
    }
    repository.add_batch("z", together, delivered)
    repository.run(*TO_ALIGN)
    found = links_of(repository)
    short = {
        (sample.replace("/media", ""), member.replace("/media", ""))
        for name in "abc"
        for sample, member in found[name]
    }
    alone = {(sample.removeprefix("z/"), member.removeprefix("z/")) for sample, member in found["z"]}
    assert short == alone
    assert alone
