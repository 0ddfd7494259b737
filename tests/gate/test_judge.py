"""Verdicts over tiny tables: what rejects, what is quarantined, and what the reasons say."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest

from tasks.core.errors import SuiteError
from tasks.core.verdict import Waiver, read_verdict, write_verdict
from tasks.gate import Judgement, judge
from tests.gate.suite_files import Entry, entry, readable, suite

BETWEEN = "expect_column_values_to_be_between"
BIG = 2**60 + 1


def items(**columns: Sequence[object]) -> pa.Table:
    rows = len(next(iter(columns.values())))
    return pa.table(
        {"batch": ["b1"] * rows, "item_id": [f"b1/{n}" for n in range(rows)], **columns}
        if rows
        else {"item_id": pa.array([], pa.string()), "readable": pa.array([], pa.bool_())}
    )


def judged(folder: Path, table: pa.Table, *entries: Entry, waivers: tuple[Waiver, ...] = ()) -> Judgement:
    return judge("b1", {"items": table}, suite(folder, "items", *entries), waivers)


def test_a_batch_that_meets_everything_is_accepted(tmp_path: Path) -> None:
    judgement = judged(tmp_path, items(readable=[True, True]), readable(0.9))
    assert judgement.rejects == ()
    assert judgement.verdict.accepted
    assert judgement.verdict.reasons == ()
    assert judgement.verdict.rows == {"items": 2}
    assert judgement.verdict.quarantined == {"items": 0}
    assert [one.observed for one in judgement.verdict.outcomes] == ["2", "0 of 2 rows fail"]


def test_mostly_lets_the_batch_pass_and_quarantines_the_row(tmp_path: Path) -> None:
    judgement = judged(tmp_path, items(readable=[True] * 3 + [False]), readable(0.75))
    assert judgement.verdict.accepted
    assert judgement.verdict.quarantined == {"items": 1}
    assert [reject.row() for reject in judgement.rejects] == [
        {
            "batch": "b1",
            "table": "items",
            "row_id": "b1/3",
            "role": "",
            "expectation": "expect_column_values_to_be_in_set(readable)",
            "reason": "expectation_failed",
            "detail": "readable is False",
        }
    ]


def test_a_critical_expectation_that_fails_rejects_with_a_sentence(tmp_path: Path) -> None:
    verdict = judged(tmp_path, items(readable=[True] * 12 + [False] * 8), readable(0.9)).verdict
    assert not verdict.accepted
    assert verdict.reasons == (
        "items: 8 of 20 rows fail expect_column_values_to_be_in_set on readable (at most 10 % may):"
        " why expect_column_values_to_be_in_set matters; for example b1/12: readable is False",
    )
    assert (verdict.outcomes[1].checked, verdict.outcomes[1].unexpected) == (20, 8)


@pytest.mark.parametrize("severity", ["warning", "info"])
def test_a_lesser_expectation_that_fails_shows_and_does_not_reject(tmp_path: Path, severity: str) -> None:
    low = entry(BETWEEN, severity, column="size", min_value=5)
    judgement = judged(tmp_path, items(size=[4, 6]), low)
    assert judgement.verdict.accepted
    assert [one.success for one in judgement.verdict.outcomes] == [True, False]
    assert [reject.detail for reject in judgement.rejects] == ["size is 4"]


def test_an_empty_table_is_rejected(tmp_path: Path) -> None:
    verdict = judged(tmp_path, items(readable=[]), readable(0.9)).verdict
    assert verdict.reasons == (
        "items: expect_table_row_count_to_be_between found 0, expected min_value 1:"
        " why expect_table_row_count_to_be_between matters",
    )


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"length": [1, 2]}, r"on size could not be judged: .*\"size\".* does not exist"),
        ({"size": ["a", "b"]}, r"on size could not be judged: .+"),
    ],
)
def test_what_cannot_be_judged_has_failed(
    tmp_path: Path, columns: dict[str, list[object]], told: str
) -> None:
    verdict = judged(tmp_path, items(**columns), entry(BETWEEN, column="size", min_value=1)).verdict
    assert [one.success for one in verdict.outcomes] == [True, False]
    (reason,) = verdict.reasons
    with pytest.raises(ValueError, match=told):
        raise ValueError(reason)


def test_nulls_are_not_judged_and_their_neighbours_stay_exact(tmp_path: Path) -> None:
    times = items(start_ns=[BIG, None, BIG - 1, None])
    allowed = entry("expect_column_values_to_be_in_set", column="start_ns", value_set=[BIG])
    judgement = judged(tmp_path, times, allowed)
    assert (judgement.verdict.outcomes[1].checked, judgement.verdict.outcomes[1].unexpected) == (2, 1)
    assert [(one.row_id, one.detail) for one in judgement.rejects] == [("b1/2", f"start_ns is {BIG - 1}")]


def test_not_a_number_is_a_value_that_fails(tmp_path: Path) -> None:
    shares = items(overlap=[0.5, float("nan"), None])
    judgement = judged(tmp_path, shares, entry(BETWEEN, column="overlap", min_value=0, max_value=1))
    assert [one.detail for one in judgement.rejects] == ["overlap is nan"]


def test_a_list_is_judged_by_its_length_and_a_struct_by_its_fields(tmp_path: Path) -> None:
    samples = pa.table(
        {
            "sample_id": ["a", "b"],
            "batch": ["x", "y"],
            "members": [["m"], []],
            "presence": [{"image": True}, {"image": False}],
        }
    )
    image = entry("expect_column_values_to_be_in_set", column="presence.image", value_set=[True])
    suites = suite(tmp_path, "samples", entry(BETWEEN, column="members", min_value=1), image)
    judgement = judge("dataset", {"samples": samples}, suites, ())
    assert [(one.batch, one.row_id, one.expectation) for one in judgement.rejects] == [
        ("y", "b", f"{BETWEEN}(members)"),
        ("y", "b", "expect_column_values_to_be_in_set(presence.image)"),
    ]
    assert judgement.verdict.quarantined == {"samples": 1}


def test_a_link_is_named_by_its_whole_key(tmp_path: Path) -> None:
    links = pa.table(
        {"sample_id": ["s"], "role": ["audio"], "member_id": ["m"], "start_ns": [5], "end_ns": [3]}
    )
    order = "expect_column_pair_values_a_to_be_greater_than_b"
    suites = suite(tmp_path, "links", entry(order, column_A="end_ns", column_B="start_ns", or_equal=True))
    (reject,) = judge("b1", {"links": links}, suites, ()).rejects
    assert (reject.row_id, reject.detail) == ("s|audio|m", "end_ns is 3, start_ns is 5")


def test_two_thresholds_of_one_expectation_name_a_row_once(tmp_path: Path) -> None:
    warned = {**readable(1.0), "severity": "warning"}
    judgement = judged(tmp_path, items(readable=[True] * 3 + [False]), warned, readable(0.5))
    assert [one.success for one in judgement.verdict.outcomes] == [True, False, True]
    assert [one.row_id for one in judgement.rejects] == ["b1/3"]


def test_only_the_rows_that_a_condition_selects_are_judged(tmp_path: Path) -> None:
    sound = {"type": "comparison", "column": {"name": "modality"}, "operator": "==", "parameter": "audio"}
    rate = entry(BETWEEN, column="rate", min_value=10, row_condition=sound)
    judgement = judged(tmp_path, items(modality=["image", "audio", "audio"], rate=[1, 20, 3]), rate)
    assert [one.row_id for one in judgement.rejects] == ["b1/2"]
    assert judgement.verdict.outcomes[1].checked == 2


def test_a_row_that_fails_quotes_what_its_expectation_shows(tmp_path: Path) -> None:
    shown = readable(0.0)
    shown["meta"]["show"] = ["error"]
    judgement = judged(tmp_path, items(readable=[False], error=["truncated: 3 bytes"]), shown)
    assert [one.detail for one in judgement.rejects] == ["readable is False, error is 'truncated: 3 bytes'"]


def test_an_aggregate_says_what_it_found_and_what_it_lacked(tmp_path: Path) -> None:
    splits = entry(
        "expect_column_distinct_values_to_contain_set", column="split", value_set=["train", "test"]
    )
    largest = entry("expect_column_max_to_be_between", column="share", max_value=0.2)
    verdict = judged(tmp_path, items(split=["test", "other"], share=[0.1, 0.5]), splits, largest).verdict
    assert [one.observed for one in verdict.outcomes] == ["2", "lacks ['train']", "0.5"]


def test_a_waiver_overrules_one_expectation_and_its_rows_stay_quarantined(tmp_path: Path) -> None:
    waiver = Waiver(
        "items.expect_column_values_to_be_in_set(readable)", "the card broke", "Ada", "2026-05-31"
    )
    small = entry(BETWEEN, column="size", min_value=5)
    table = items(readable=[True, False], size=[9, 4])
    judgement = judged(tmp_path, table, readable(0.9), small, waivers=(waiver,))
    assert [one.waiver for one in judgement.verdict.outcomes] == [None, waiver, None]
    assert judgement.verdict.reasons == (
        f"items: 1 of 2 rows fail {BETWEEN} on size (at most 0 % may): why {BETWEEN} matters;"
        " for example b1/1: size is 4",
    )
    assert len(judgement.rejects) == 2
    assert judged(tmp_path, table, readable(0.9), waivers=(waiver,)).verdict.accepted


def test_a_table_without_its_suite_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match=r"tables \['links'\] and suites \['items'\] do not belong together"):
        judge("b1", {"links": items(size=[1])}, suite(tmp_path, "items"), ())


def test_a_verdict_is_read_as_it_was_written(tmp_path: Path) -> None:
    waiver = Waiver("items.expect_column_values_to_be_in_set", "the card broke", "Ada", "2026-05-31")
    verdict = judged(tmp_path, items(readable=[True, False]), readable(0.9), waivers=(waiver,)).verdict
    write_verdict(verdict, tmp_path)
    assert read_verdict(tmp_path) == verdict


def test_twelve_batches_judged_in_threads_get_their_own_verdicts(tmp_path: Path) -> None:
    suites = suite(tmp_path, "items", readable(1.0), entry(BETWEEN, column="size", min_value=3))
    tables = [items(readable=[number % 2 == 0, True], size=[number, 9]) for number in range(12)]

    def quarantined(table: pa.Table) -> list[str]:
        return [one.detail for one in judge("b1", {"items": table}, suites, ()).rejects]

    with ThreadPoolExecutor(6) as threads:
        found = list(threads.map(quarantined, tables))
    assert found == [
        [*([f"size is {number}"] if number < 3 else []), *(["readable is False"] if number % 2 else [])]
        for number in range(12)
    ]


def test_judging_prints_nothing_where_the_log_shows_info(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [logging.StreamHandler()])
    monkeypatch.setattr(root, "level", logging.INFO)
    judged(tmp_path, items(readable=[True, False]), readable(0.9), entry(BETWEEN, column="nope", min_value=1))
    assert capfd.readouterr() == ("", "")
