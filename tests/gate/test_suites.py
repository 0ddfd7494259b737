"""A suite checks what its file declares, or it is not loaded at all."""

from pathlib import Path

import pytest

from tasks.core.errors import SuiteError
from tasks.gate import read_suites
from tasks.gate.suites import read_suite
from tests.conftest import PROJECT
from tests.gate.suite_files import ROWS, entry, write_suite

IDS = entry("expect_column_values_to_be_unique", column="item_id")


def test_a_sound_suite_has_every_expectation_in_its_order(tmp_path: Path) -> None:
    pair = entry("expect_column_pair_values_a_to_be_greater_than_b", "info", column_A="end", column_B="start")
    keys = entry("expect_compound_columns_to_be_unique", "warning", column_list=["a", "b", "c"], mostly=0.5)
    loaded = read_suite(write_suite(tmp_path, "items", ROWS, IDS, pair, keys))
    assert [one.name for one in loaded.expectations] == [
        "expect_table_row_count_to_be_between",
        "expect_column_values_to_be_unique(item_id)",
        "expect_column_pair_values_a_to_be_greater_than_b(end, start)",
        "expect_compound_columns_to_be_unique(a, b, c)",
    ]
    assert [one.severity for one in loaded.expectations] == ["critical", "critical", "info", "warning"]
    assert [one.mostly for one in loaded.expectations] == [1.0, 1.0, 1.0, 0.5]
    assert loaded.expectations[1].why == "why expect_column_values_to_be_unique matters"


@pytest.mark.parametrize(
    ("faulty", "message"),
    [
        (
            {**IDS, "type": "expect_column_values_to_be_uniqe"},
            r"items.json: expectation 2: unknown type \"expect_column_values_to_be_uniqe\".*"
            r"Did you mean 'expect_column_values_to_be_unique'\?",
        ),
        (
            {**IDS, "severity": "crtical"},
            r"expectation 2 \(expect_column_values_to_be_unique\): unknown severity \"crtical\";"
            r" expected one of \['critical', 'warning', 'info'\]. Did you mean 'critical'\?",
        ),
        ({**IDS, "severity": ["critical"]}, "unknown severity"),
        ({**IDS, "meta": {}}, r"meta: the key 'notes' is missing"),
        ({**IDS, "meta": {"notes": " "}}, "expected meta.notes to say why it matters"),
        ({**IDS, "kwargs": {"colum": "item_id"}}, "these kwargs do not fit: .*colum"),
        ({**IDS, "kwargs": {"column": "item_id", "mostly": 1.5}}, "these kwargs do not fit: .*mostly"),
        ({**IDS, "kwargs": ["item_id"]}, "kwargs: expected an object, got"),
        ({**IDS, "kwarg": {}}, r"unknown key 'kwarg'; expected one of .* Did you mean 'kwargs'\?"),
        ({"type": IDS["type"], "kwargs": {}, "meta": IDS["meta"]}, "the key 'severity' is missing"),
        ("expect_column_values_to_be_unique", "expectation 2: expected an object with type and kwargs, got"),
        ({**IDS, "type": {"a": 1}}, "expectation 2: unknown type"),
    ],
)
def test_one_faulty_expectation_refuses_the_suite(tmp_path: Path, faulty: object, message: str) -> None:
    with pytest.raises(SuiteError, match=message):
        read_suite(write_suite(tmp_path, "items", ROWS, faulty))


def test_an_empty_suite_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match=r"items.json: expected at least one expectation"):
        read_suite(write_suite(tmp_path, "items"))


@pytest.mark.parametrize(
    "entries",
    [
        (IDS,),
        (IDS, entry("expect_table_row_count_to_be_between", max_value=10)),
        (IDS, entry("expect_table_row_count_to_be_between", min_value=0)),
        (IDS, entry("expect_table_row_count_to_equal", value=0)),
    ],
)
def test_a_suite_that_an_empty_table_would_pass_is_refused(
    tmp_path: Path, entries: tuple[object, ...]
) -> None:
    with pytest.raises(SuiteError, match=r"items.json: expected a row count, e.g. .* min_value 1"):
        read_suite(write_suite(tmp_path, "items", *entries))


def test_a_suite_is_called_as_its_file(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="expected the name 'items', as the file's, got 'labels'"):
        read_suite(write_suite(tmp_path, "labels", ROWS).rename(tmp_path / "items.json"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"name": "items", ', "not JSON"),
        ("[]", "expected an object with name and expectations"),
        ('{"name": "items", "expectations": [], "expectations": []}', "a key is there twice"),
        ('{"name": "items", "expectation": []}', r"unknown key 'expectation'.*Did you mean 'expectations'\?"),
        ('{"name": "items"}', "the key 'expectations' is missing"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_what_is_no_suite_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "items.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SuiteError, match=message):
        read_suite(path)


def test_a_missing_suite_is_named(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match=r"videos.json: there is no such file"):
        read_suites(tmp_path, ("videos",))


def test_the_project_s_own_suites_load_whole() -> None:
    suites = read_suites(PROJECT / "expectations", ("batches", "items", "labels", "links", "samples"))
    assert {name: len(suite.expectations) for name, suite in suites.items()} == {
        "batches": 8,
        "items": 11,
        "labels": 9,
        "links": 8,
        "samples": 10,
    }
