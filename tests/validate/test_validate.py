"""The stage: bad batches and rows are stopped and stay visible, the others go on."""

import logging
from pathlib import Path

import pyarrow.compute as pc
import pytest
import yaml

from tasks.core.errors import ConfigError, GateStoppedError
from tasks.core.rejects import Reason, Reject
from tasks.core.schemas import GATE_REJECTS, ITEMS, LABELS, LINKS
from tasks.core.tables import read_table
from tasks.core.verdict import Verdict, read_verdict
from tests.conftest import PROJECT, Repository
from tests.validate.delivered import (
    BATCH_FILE,
    EXPORT,
    Delivered,
    delivered,
    faulty_label,
    put,
    unreadable,
)

READABLE = "items.expect_column_values_to_be_in_set(readable)"


def broken(name: str) -> Delivered:
    """Eight of twenty pictures cannot be read."""
    batch = delivered(name, 20)
    batch.items[:8] = [unreadable(name, number) for number in range(8)]
    return batch


def waived(name: str, expectation: str = READABLE, until: str = "2999-12-31") -> Delivered:
    batch = broken(name)
    batch.waiver = f"- {{expectation: '{expectation}', reason: the card broke, who: Ada, until: {until}}}\n"
    return batch


def verdict_of(repository: Repository, name: str) -> Verdict:
    return read_verdict(repository.data / "validated" / name)


def test_a_bad_batch_is_rejected_by_name_and_the_others_go_on(repository: Repository) -> None:
    put(repository, broken("2026-03-09-broken"))
    put(repository, delivered("2026-03-10-cats"))
    assert repository.run("validate") == (
        "validate: 2 built, 0 unchanged; 1 of 2 batches rejected: 2026-03-09-broken; 8 rows quarantined"
    )
    assert verdict_of(repository, "2026-03-10-cats").accepted
    assert verdict_of(repository, "2026-03-09-broken").reasons == (
        "items: 8 of 20 rows fail expect_column_values_to_be_in_set on readable (at most 10 % may):"
        " media that cannot be read train nothing, and many of them mean that the delivery itself broke;"
        " 8 truncated, for example 2026-03-09-broken/0.png: 3 bytes",
    )


def test_a_second_run_judges_nothing_again(repository: Repository) -> None:
    put(repository, delivered("cats"))
    repository.run("validate")
    assert repository.run("validate") == "validate: 0 built, 1 unchanged; none of 1 batches rejected"


def test_stop_ends_the_run_after_every_verdict_is_written(repository: Repository) -> None:
    repository.set_param("on_rejected: quarantine", "on_rejected: stop")
    put(repository, broken("a-broken"))
    put(repository, delivered("b-cats"))
    with pytest.raises(
        GateStoppedError,
        match=r"(?s)1 of 2 batches rejected: a-broken, and validate.on_rejected is stop; .*waiver.yaml"
        r".*\n  a-broken: items: 8 of 20 rows fail",
    ):
        repository.run("validate")
    assert [verdict_of(repository, name).accepted for name in ("a-broken", "b-cats")] == [False, True]


def test_rows_in_are_rows_out_and_rows_quarantined(repository: Repository) -> None:
    batch = delivered("cats", 40)
    batch.items[7] = unreadable("cats", 7)
    batch.items[9]["width"] = 2
    batch.labels[5]["confidence"] = 80.0
    batch.links[3]["similarity"] = float("nan")
    put(repository, batch)
    repository.run("validate")
    verdict = verdict_of(repository, "cats")
    rejects = read_table(GATE_REJECTS, repository.data / "validated" / "cats").to_pylist()
    assert [(row["table"], row["row_id"], row["reason"], row["detail"]) for row in rejects] == [
        ("items", "cats/7.png", "expectation_failed", "readable is False, error is 'truncated: 3 bytes'"),
        ("items", "cats/9.png", "expectation_failed", "width is 2"),
        ("labels", "cats/cats.json#5", "expectation_failed", "confidence is 80.0, origin is 'cats.json#5'"),
        ("links", "cats/1.png|caption|cats/cats.json#1", "expectation_failed", "similarity is nan"),
    ]
    assert verdict.rows == {"batches": 1, "items": 40, "labels": 40, "links": 80}
    assert verdict.quarantined == {"batches": 0, "items": 2, "labels": 1, "links": 1}
    for spec in (ITEMS, LABELS, LINKS):
        table = read_table(spec, repository.data / spec.folder / "cats")
        ids = pc.binary_join_element_wise(*(table[name] for name in spec.key), "|").to_pylist()
        out = set(ids) - {row["row_id"] for row in rejects if row["table"] == spec.name}
        assert len(ids) == len(out) + verdict.quarantined[spec.name]


def test_a_batch_whose_labels_are_mostly_faulty_is_rejected(repository: Repository) -> None:
    batch = delivered("cats", 4)
    batch.label_rejects = [faulty_label("cats", number) for number in range(6)]
    put(repository, batch)
    repository.run("validate")
    (reason,) = verdict_of(repository, "cats").reasons
    assert reason.startswith(
        "batches: expect_column_max_to_be_between on share_labels_faulty found 0.6, expected max_value 0.1:"
    )


def test_a_lag_is_judged_where_it_is_between_neighbours_and_not_where_one_holds_the_other(
    repository: Repository,
) -> None:
    batch = delivered("cats", 100)
    two_minutes_ns = 120_000_000_000
    batch.links[0] |= {"method": "nearest", "lag_ns": two_minutes_ns}
    batch.links[1] |= {"method": "overlap", "lag_ns": -two_minutes_ns, "overlap": 1.0}
    put(repository, batch)
    repository.run("validate")
    rejects = read_table(GATE_REJECTS, repository.data / "validated" / "cats")
    assert rejects["detail"].to_pylist() == ["lag_ns is 120000000000, start_ns is None"]


@pytest.mark.parametrize(("batch_file", "accepted"), [(BATCH_FILE, True), (BATCH_FILE + EXPORT, False)])
def test_labels_are_asked_for_only_where_they_are_declared(
    repository: Repository, batch_file: str, accepted: bool
) -> None:
    batch = delivered("cats", 4)
    batch.batch_file, batch.labels = batch_file, []
    put(repository, batch)
    repository.run("validate")
    assert verdict_of(repository, "cats").accepted == accepted


@pytest.mark.parametrize("emptied", ["items", "links"])
def test_an_empty_table_rejects_the_batch(repository: Repository, emptied: str) -> None:
    batch = delivered("cats", 4)
    setattr(batch, emptied, [])
    put(repository, batch)
    repository.run("validate")
    (reason,) = verdict_of(repository, "cats").reasons
    assert reason.startswith(f"{emptied}: expect_table_row_count_to_be_between found 0, expected min_value 1")


def test_a_waiver_lets_the_batch_pass_and_the_verdict_shows_it(repository: Repository) -> None:
    put(repository, waived("cats"))
    assert repository.run("validate").endswith("none of 1 batches rejected; 8 rows quarantined")
    shown = [outcome.waiver for outcome in verdict_of(repository, "cats").outcomes if outcome.waiver]
    assert [(one.expectation, one.reason, one.who, one.until) for one in shown] == [
        (READABLE, "the card broke", "Ada", "2999-12-31")
    ]


def test_a_waiver_that_is_not_needed_is_named(repository: Repository) -> None:
    batch = waived("cats", "items.expect_column_values_to_be_unique", until="2020-01-01")
    batch.items = delivered("cats", 20).items
    put(repository, batch)
    assert repository.run("validate").endswith(
        "cats does not need its waiver of items.expect_column_values_to_be_unique"
    )


def test_a_waiver_of_what_is_not_judged_rejects_its_batch_and_no_other(repository: Repository) -> None:
    put(repository, waived("cats", "items.expect_column_values_to_be_in_set(redable)"))
    put(repository, delivered("dogs"))
    assert "1 of 2 batches rejected: cats" in repository.run("validate")
    verdict = verdict_of(repository, "cats")
    assert verdict.reasons[0].startswith(
        "refused at validate: data/batches/cats/waiver.yaml:1:"
        " 'items.expect_column_values_to_be_in_set(redable)' is not judged for this batch."
        " Did you mean 'items.expect_column_values_to_be_in_set(readable)'?"
    )
    assert verdict.reasons[1].startswith("items: 8 of 20 rows fail")


def test_every_rejection_and_warning_is_said_where_the_stage_runs(
    repository: Repository, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "modalweave")
    cats = delivered("cats", 4)
    cats.label_rejects = [faulty_label("cats", number) for number in range(2)] + [
        faulty_label("cats", 2, Reason.ZERO_AREA)
    ]
    dogs = delivered("dogs", 4)
    dogs.links = dogs.links[:2]
    missed = "expected a role or task 'imge': no candidate. Did you mean 'image'?"
    dogs.align_rejects = [
        Reject("dogs", "items", f"dogs/{number}.png", Reason.NO_REFERENCE, missed) for number in range(1, 4)
    ]
    put(repository, cats)
    put(repository, dogs)
    for _ in range(2):
        caplog.clear()
        repository.run("validate")
        said = [line for line in caplog.messages if " is rejected: " in line or ", a warning: " in line]
        assert [line.split(" on ")[0] for line in said] == [
            "validate: cats is rejected: batches: expect_column_max_to_be_between",
            "validate: cats, a warning: batches: expect_column_max_to_be_between",
            "validate: dogs, a warning: batches: expect_column_min_to_be_between",
        ]
        assert said[0].endswith(
            "; 2 item_not_found, for example cats/cats.json#lost0: no such picture;"
            " 1 zero_area, for example cats/cats.json#lost2: no such picture"
        )
        assert said[2].endswith(f"; 3 no_reference, for example dogs/1.png: {missed}")


def test_a_waiver_past_its_last_day_ends_the_run_and_names_its_file(repository: Repository) -> None:
    put(repository, waived("cats", until="2020-01-01"))
    message = r"cats/waiver.yaml: the waiver of '.*readable\)' by Ada was good until 2020-01-01; renew it"
    for _ in range(2):
        with pytest.raises(ConfigError, match=message):
            repository.run("validate")


def timed(name: str, *, within_tolerance: bool) -> Delivered:
    """Pictures aligned by time, on a clock that was told by metadata to half a second."""
    batch = delivered(name)
    batch.batch_file = batch.batch_file.replace("method: key", "method: timestamp")
    batch.clocks = [
        {
            **{"batch": name, "session": "all", "clock": "camera", "piece": 0, "reference": "reference"},
            **{"anchor_ns": 0, "offset_ns": 5, "drift_ppm": 0.0, "method": "metadata", "marks": 1},
            **{"residual_ns": 500_000_000, "tolerance_ns": 20_000_000, "within_tolerance": within_tolerance},
        }
    ]
    return batch


def test_a_clock_that_strays_further_than_its_tolerance_rejects_the_batch(repository: Repository) -> None:
    put(repository, timed("coarse", within_tolerance=False))
    put(repository, timed("fine", within_tolerance=True))
    repository.run("validate")
    assert verdict_of(repository, "fine").accepted
    assert (
        "expect_column_values_to_be_in_set on within_tolerance" in verdict_of(repository, "coarse").reasons[0]
    )
    (reject,) = read_table(GATE_REJECTS, repository.data / "validated" / "coarse").to_pylist()
    assert (reject["table"], reject["row_id"]) == ("clocks", "all|camera|0")
    assert "method is 'metadata', marks is 1, residual_ns is 500000000" in reject["detail"]


def test_a_clock_of_whose_error_nothing_is_known_is_said_and_does_not_reject(repository: Repository) -> None:
    batch = timed("two-marks", within_tolerance=True)
    (clock,) = batch.clocks
    batch.clocks = [{**clock, "method": "events", "marks": 2, "residual_ns": None}]
    put(repository, batch)
    repository.run("validate")
    verdict = verdict_of(repository, "two-marks")
    assert verdict.accepted
    (failed,) = [outcome for outcome in verdict.outcomes if not outcome.success]
    assert (failed.severity, failed.suite, failed.expectation, failed.column) == (
        "warning",
        "clocks",
        "expect_column_values_to_not_be_null",
        "residual_ns",
    )


def test_a_person_can_overrule_a_straying_clock(repository: Repository) -> None:
    batch = timed("coarse", within_tolerance=False)
    expectation = "clocks.expect_column_values_to_be_in_set(within_tolerance)"
    batch.waiver = (
        f"- {{expectation: '{expectation}', reason: slides last minutes, who: Ada, until: 2999-12-31}}\n"
    )
    put(repository, batch)
    repository.run("validate")
    assert verdict_of(repository, "coarse").accepted


def test_the_same_batch_gives_the_same_bytes(tmp_path: Path) -> None:
    written = []
    for name in ("one", "two"):
        repository = Repository(tmp_path / name)
        put(repository, waived("cats"))
        repository.run("validate")
        folder = repository.data / "validated" / "cats"
        written.append([(folder / file).read_bytes() for file in ("verdict.json", "rejects.parquet")])
    assert written[0] == written[1]


def test_dvc_yaml_lists_the_suites_that_are_judged() -> None:
    stages = yaml.safe_load((PROJECT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    listed = {dep for dep in stages["validate"]["deps"] if dep.startswith("expectations/")}
    judged = ("batches", "clocks", "items", "labels", "links")
    assert listed == {f"expectations/{name}.json" for name in judged}
