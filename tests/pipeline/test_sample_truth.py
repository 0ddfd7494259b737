"""The bundled sample is made by a program, so the truth about it is known: the build must find it."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tasks.core.clock_line import ClockLine, to_reference_ns
from tasks.core.schemas import (
    ALIGN_REJECTS,
    CLOCKS,
    CONSENSUS,
    FUSE_REJECTS,
    GATE_REJECTS,
    ITEMS,
    LABEL_REJECTS,
    LABELS,
    LINKS,
    SAMPLES,
    TableSpec,
)
from tasks.core.tables import read_table
from tests.conftest import PROJECT
from tests.pipeline.conftest import Checkout

TRUTH: dict[str, Any] = json.loads((PROJECT / "tests" / "sample_truth.json").read_text(encoding="utf-8"))
SCENES = ("2026-03-02-scenes-a", "2026-03-03-scenes-b")
SLIDESHOW, REVIEWS, PICTURES, BROKEN = (
    "2026-03-04-slideshow",
    "2026-03-05-reviews",
    "2026-03-06-pictures",
    "2026-03-09-broken",
)
TOLERANCE_NS = 5_000_000


def table(built: Checkout, spec: TableSpec, batch: str = "") -> pa.Table:
    return read_table(spec, built.root / "data" / spec.folder / batch)


def metrics(built: Checkout, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((built.root / "data/metrics" / f"{name}.json").read_text())
    return found


@pytest.mark.parametrize("clock", ["recorder", "transcript"])
def test_clocks_are_recovered_to_5_ms_from_start_to_end(bundled: Checkout, clock: str) -> None:
    clocks = {row["clock"]: row for row in table(bundled, CLOCKS, SLIDESHOW).to_pylist()}
    row, true = clocks[clock], TRUTH[SLIDESHOW]["clocks"][clock]
    times_ns = np.arange(0, TRUTH[SLIDESHOW]["duration_ns"], 10**9)
    line = ClockLine(row["anchor_ns"], row["offset_ns"], row["drift_ppm"], 0, 0, 0)
    true_line = ClockLine(0, true["offset_ns"], true["drift_ppm"], 0, 0, 0)
    assert np.abs(to_reference_ns(times_ns, line) - to_reference_ns(times_ns, true_line)).max() < TOLERANCE_NS


def test_every_cue_meets_the_slide_that_was_shown(bundled: Checkout) -> None:
    links = table(bundled, LINKS, SLIDESHOW)
    cues = links.filter(pc.equal(links["role"], "transcript")).sort_by("start_ns").to_pylist()
    truth = TRUTH[SLIDESHOW]["cues"]
    slides = links.filter(pc.and_(pc.equal(links["role"], "slide"), pc.greater(links["overlap"], 0.5)))
    shown = dict(zip(slides["sample_id"].to_pylist(), slides["item_id"].to_pylist(), strict=True))
    assert len(cues) == len(truth)
    for cue, (_, true) in zip(cues, sorted(truth.items()), strict=True):
        assert abs(cue["start_ns"] - true["start_ns"]) < TOLERANCE_NS
        assert abs(cue["end_ns"] - true["end_ns"]) < TOLERANCE_NS
        expected = f"{SLIDESHOW}/{true['slide']}" if true["slide"] else None
        assert shown.get(cue["sample_id"]) == expected


def test_thumbnails_meet_their_originals_and_strays_meet_nothing(bundled: Checkout) -> None:
    links = table(bundled, LINKS, PICTURES)
    found = links.filter(pc.equal(links["role"], "thumbnail"))
    pairs = dict(zip(found["member_id"].to_pylist(), found["sample_id"].to_pylist(), strict=True))
    truth = TRUTH[PICTURES]
    assert pairs == {
        f"{PICTURES}/{thumbnail}": f"{PICTURES}/{picture}"
        for thumbnail, picture in truth["picture_of_thumbnail"].items()
    }
    strays = table(bundled, ALIGN_REJECTS, PICTURES)["row_id"].to_pylist()
    assert strays == sorted(f"{PICTURES}/{stray}" for stray in truth["strays"])


def test_every_review_is_with_its_photo_and_sentiment(bundled: Checkout) -> None:
    links = table(bundled, LINKS, REVIEWS)
    members: dict[str, dict[str, str]] = {}
    for row in links.to_pylist():
        members.setdefault(row["session"], {})[row["role"]] = row["member_id"]
    sentiments = {row["label_id"]: row["label"] for row in table(bundled, LABELS, REVIEWS).to_pylist()}
    assert {
        session: {
            "photo": roles["image"].removeprefix(f"{REVIEWS}/"),
            "sentiment": sentiments[roles["sentiment"]],
        }
        for session, roles in members.items()
    } == TRUTH[REVIEWS]["reviews"]


@pytest.mark.parametrize("batch", SCENES)
def test_ten_voices_agree_on_the_true_answer(bundled: Checkout, batch: str) -> None:
    labels = table(bundled, LABELS, batch)
    answers = TRUTH[batch]["answers"]
    assert pc.sum(pc.equal(labels["task"], "vqa")).as_py() == 10 * len(answers)
    consensus = table(bundled, CONSENSUS, batch)
    voted = consensus.filter(pc.equal(consensus["task"], "vqa"))
    assert sorted(voted["label"].to_pylist()) == sorted(answers.values())
    assert set(voted["votes"].to_pylist()) == {10}


def test_baselines_answer_above_chance(bundled: Checkout) -> None:
    tasks = metrics(bundled, "tasks")
    for task in ("classification", "sentiment", "vqa"):
        assert tasks[task]["accuracy"] > tasks[task]["chance"], task
    for direction, figures in metrics(bundled, "retrieval").items():
        if direction != "not_evaluated":
            assert figures["recall_at_10"] > figures["chance_at_10"], direction


def test_the_broken_batch_is_stopped_and_all_that_is_wrong_with_it_is_named(bundled: Checkout) -> None:
    truth = TRUTH[BROKEN]
    verdict = json.loads((bundled.root / "data/validated" / BROKEN / "verdict.json").read_text())
    assert verdict["accepted"] is False
    assert verdict["reasons"]
    items = table(bundled, ITEMS, BROKEN)
    unreadable = items.filter(pc.invert(items["readable"]))["item_id"].to_pylist()
    assert unreadable == sorted(f"{BROKEN}/{file}" for file in truth["files"])
    quarantined = table(bundled, GATE_REJECTS, BROKEN)
    assert set(unreadable) <= set(quarantined["row_id"].to_pylist())
    rejects = table(bundled, LABEL_REJECTS, BROKEN).to_pylist()
    words = {
        "file_not_there": "item_not_found",
        "zero_area_box": "zero_area",
        "box_outside_image": "box_outside_image",
        "unknown_category": "unknown_category",
    }
    found = sorted((row["table"], row["row_id"].rsplit(":", 1)[1], row["reason"]) for row in rejects)
    # A picture that is listed without an annotation is a declared negative, also one that is not there.
    listed = [row for row in found if row[1].startswith("images/")]
    assert {(table_name, reason) for table_name, _, reason in listed} == {
        ("instances.json", "item_not_found")
    }
    assert [row for row in found if row not in listed] == sorted(
        (export, name, words[reason])
        for export, wrong in truth["labels"].items()
        for name, reason in wrong.items()
    )


def test_no_sample_of_the_broken_batch_goes_further_and_each_is_listed(bundled: Checkout) -> None:
    links = table(bundled, LINKS, BROKEN)
    assert BROKEN not in table(bundled, SAMPLES)["batch"].to_pylist()
    rejects = table(bundled, FUSE_REJECTS)
    listed = rejects.filter(pc.equal(rejects["reason"], "batch_rejected"))["row_id"].to_pylist()
    assert sorted(listed) == sorted(set(links["sample_id"].to_pylist()))


def test_the_other_batches_are_accepted_and_every_sample_is_kept_or_named(bundled: Checkout) -> None:
    batches = sorted(path.name for path in (bundled.root / "data/aligned").iterdir())
    linked = {name for batch in batches for name in table(bundled, LINKS, batch)["sample_id"].to_pylist()}
    kept = table(bundled, SAMPLES)["sample_id"].to_pylist()
    samples_left_out = [
        row["row_id"] for row in table(bundled, FUSE_REJECTS).to_pylist() if row["table"] == "samples"
    ]
    assert len(kept) + len(samples_left_out) == len(linked)
    assert set(kept) | set(samples_left_out) == linked
    for batch in batches:
        verdict = json.loads((bundled.root / "data/validated" / batch / "verdict.json").read_text())
        assert verdict["accepted"] is (batch != BROKEN)


def test_the_audit_finds_that_no_row_is_lost(bundled: Checkout) -> None:
    printed = bundled.run(sys.executable, "-m", "tasks.audit").splitlines()
    assert "LOST" not in {line[:4] for line in printed}
    assert printed[-1] == f"audit: {len(printed) - 1} accounts, all add up"


def test_the_report_stands_alone_and_names_every_batch(bundled: Checkout) -> None:
    page = (bundled.root / "data/report/index.html").read_text(encoding="utf-8")
    for batch in TRUTH:
        assert batch in page
    assert str(Path(bundled.root)) not in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page
    assert "<svg" in page
    assert "data:image/jpeg;base64," in page
    assert "item_not_found" in page
