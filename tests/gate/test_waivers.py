"""waiver.yaml: who overrules what, why, and until when; anything unclear is refused with its line."""

from datetime import date
from pathlib import Path

import pytest

from tasks.core.errors import ConfigError
from tasks.core.verdict import Waiver
from tasks.gate import read_waivers
from tasks.gate.waivers import has_expired
from tests.gate.suite_files import entry, readable, suite

SET = "items.expect_column_values_to_be_in_set"


def waivers(folder: Path, text: str) -> tuple[Waiver, ...]:
    (folder / "waiver.yaml").write_text(text, encoding="utf-8")
    between = "expect_column_values_to_be_between"
    suites = suite(
        folder,
        "items",
        readable(0.9),
        entry(between, column="width", min_value=1),
        entry(between, column="height", min_value=1),
    )
    return read_waivers(folder / "waiver.yaml", suites)


def one(expectation: str, reason: str = "the card broke", until: str = "2026-05-31") -> str:
    return f"- expectation: {expectation}\n  reason: {reason}\n  who: Ada\n  until: {until}\n"


def test_no_file_means_no_waiver(tmp_path: Path) -> None:
    assert read_waivers(tmp_path / "waiver.yaml", {}) == ()


@pytest.mark.parametrize("written", [SET, f"{SET}(readable)"])
def test_a_waiver_names_an_expectation_with_or_without_its_column(tmp_path: Path, written: str) -> None:
    assert waivers(tmp_path, one(written)) == (Waiver(written, "the card broke", "Ada", "2026-05-31"),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            one("items.expect_column_values_to_be_in_sett(readable)"),
            r"waiver.yaml:1: .* is not judged for this batch. Did you mean '.*_in_set\(readable\)'\?",
        ),
        (one("labels.expect_column_values_to_be_unique(label_id)"), "is not judged for this batch"),
        (
            one("items.expect_column_values_to_be_between"),
            r"may mean any of \['items.*\(height\)', 'items.*\(width\)'\]; write the one with its column",
        ),
        (one(SET) + one(SET), r"waiver.yaml:5: .* is waived twice"),
        (one(SET) + one(f"{SET}(readable)"), r"waiver.yaml:5: .* is waived twice"),
        (one(SET, until="next week"), r"expected until to be a date such as 2026-05-31, got 'next week'"),
        (one(SET, reason="''"), "expected reason to say something"),
        (one(SET) + "  because: no\n", r"waiver.yaml:5: unknown key 'because'"),
        (f"- expectation: {SET}\n  reason: r\n  who: Ada\n", "the key 'until' is missing"),
        (f"expectation: {SET}\n", "expected a list of waivers"),
    ],
)
def test_an_unclear_waiver_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        waivers(tmp_path, text)


def test_a_waiver_is_good_through_its_last_day() -> None:
    waiver = Waiver(SET, "the card broke", "Ada", "2026-05-31")
    assert [has_expired(waiver, date(2026, 5, 31)), has_expired(waiver, date(2026, 6, 1))] == [False, True]
