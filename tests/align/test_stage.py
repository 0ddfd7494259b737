"""The stage as a whole, on batches that the stages before it have prepared."""

import json
from pathlib import Path

import pytest

from tasks.core.schemas import ALIGN_REJECTS, CLOCKS, ITEMS, LABELS, LINKS
from tasks.core.tables import read_table
from tests.conftest import Repository

BATCH = """\
about: sensor rows on two clocks
license: CC0-1.0
sources:
  - {kind: table, path: left.csv, values: [x], time: t, role: left, clock: one}
  - {kind: table, path: right.csv, values: [x], time: t, role: right, clock: two}
labels: [{format: table, path: left.csv, item: id, label: x, task: classification}]
clocks: {one: reference, two: {offset: 2s}}
align: {method: timestamp, reference: left, tolerance: 100ms}
"""
FILES = {
    "left.csv": b"id,t,x\nl1,10,1\nl2,11,2\nl3,,3\n",
    "right.csv": b"t,x\n8.05,1\n9.5,2\n",
}
BEFORE = ("collect", "label", "encode")


@pytest.fixture
def aligned(repository: Repository) -> Path:
    text = BATCH.replace("time: t, role: left", "time: t, id: id, role: left")
    repository.add_batch("rows", text, FILES)
    repository.run(*BEFORE, "align")
    return repository.data / "aligned/rows"


def test_links_are_on_the_reference_clock_with_their_lag(aligned: Path) -> None:
    rows = read_table(LINKS, aligned).to_pylist()
    found = {(row["sample_id"], row["role"]): (row["start_ns"], row["lag_ns"], row["method"]) for row in rows}
    assert found["rows/left.csv#l1", "right"] == (10_050_000_000, 50_000_000, "nearest")
    assert found["rows/left.csv#l2", "left"] == (11_000_000_000, None, "reference")
    assert ("rows/left.csv#l2", "right") not in found
    assert [row["method"] for row in rows if row["role"] == "classification"] == ["item", "item"]


def test_the_clocks_say_how_they_were_told(aligned: Path) -> None:
    rows = read_table(CLOCKS, aligned).select(["clock", "offset_ns", "method"]).to_pylist()
    assert rows == [
        {"clock": "one", "offset_ns": 0, "method": "reference"},
        {"clock": "two", "offset_ns": 2_000_000_000, "method": "given"},
    ]


def test_a_mark_on_no_line_is_a_reject_with_its_file_and_line(repository: Repository) -> None:
    text = BATCH.replace("{offset: 2s}", "{sync: events, path: marks.csv}")
    marks = b"clock_s,reference_s\n0,2\n10,12\n20,27\n30,32\n40,42\n"
    repository.add_batch("rows", text, {**FILES, "marks.csv": marks})
    summary = repository.run(*BEFORE, "align")
    rejects = read_table(ALIGN_REJECTS, repository.data / "aligned/rows").to_pylist()
    assert [(row["row_id"], row["reason"]) for row in rejects if row["table"] == "marks"] == [
        ("marks.csv:4", "mark_off_line")
    ]
    assert "1 marks of clocks on no line" in summary


def test_a_role_that_is_not_there_is_said_where_a_person_looks(
    repository: Repository, caplog: pytest.LogCaptureFixture
) -> None:
    text = BATCH.replace("100ms}", "100ms, roles: {rigth: {match: previous}}}")
    repository.add_batch("rows", text, FILES)
    with caplog.at_level("WARNING", logger="modalweave"):
        repository.run(*BEFORE, "align")
    said = json.loads((repository.data / "aligned/rows/coverage.json").read_text())["unknown_roles"]
    assert said == [
        "align.roles.rigth: the batch has ['left', 'right'], so that it says nothing. Did you mean 'right'?"
    ]
    assert said[0] in caplog.text


def test_what_found_no_place_is_named_and_counted(aligned: Path, repository: Repository) -> None:
    rejects = read_table(ALIGN_REJECTS, aligned).to_pylist()
    assert {(row["row_id"], row["reason"]) for row in rejects} == {
        ("rows/left.csv#l3", "no_time"),
        ("rows/left.csv:4", "item_not_aligned"),
        ("rows/right.csv#line 3", "no_match_in_tolerance"),
    }
    coverage = json.loads((aligned / "coverage.json").read_text())
    assert coverage["samples"] == 2
    right = coverage["roles"]["right"]
    assert (right["matched"], right["unmatched"], right["ambiguous"]) == (1, 1, 0)
    assert right["samples_without_examples"] == ["rows/left.csv#l2"]
    gap = {"session": "all", "from_ns": 11_000_000_000, "to_ns": 11_000_000_000, "samples": 1}
    assert (right["covered_share"], right["gaps"]) == (0.5, [gap])
    assert right["lag_ms"]["median"] == 50.0
    members = sum(role["members"] for role in coverage["roles"].values())
    came_in = [read_table(spec, repository.data / spec.folder / "rows").num_rows for spec in (ITEMS, LABELS)]
    assert members == sum(came_in)


def test_a_reference_that_nothing_has_leaves_all_out_and_names_the_nearest_word(
    repository: Repository,
) -> None:
    repository.add_batch("rows", BATCH.replace("reference: left", "reference: lfet"), FILES)
    repository.run(*BEFORE, "align")
    rejects = read_table(ALIGN_REJECTS, repository.data / "aligned/rows").to_pylist()
    assert {row["reason"] for row in rejects} == {"no_reference"}
    assert "Did you mean 'left'?" in rejects[0]["detail"]


def test_a_clock_that_cannot_be_told_leaves_out_what_is_on_it(repository: Repository) -> None:
    repository.add_batch("rows", BATCH.replace("{offset: 2s}", "{sync: audio}"), FILES)
    repository.run(*BEFORE, "align")
    rejects = read_table(ALIGN_REJECTS, repository.data / "aligned/rows").to_pylist()
    (reason, detail) = next((row["reason"], row["detail"]) for row in rejects if row["role"] == "right")
    assert reason == "clock_unknown"
    assert "needs a readable recording on clock 'two'" in detail
