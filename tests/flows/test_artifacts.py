from flows.artifacts import quarantined
from tasks.core.verdict import Verdict


def verdict(subject: str, *reasons: str, **lost: int) -> Verdict:
    return Verdict(subject, not reasons, reasons, (), {"items": 9}, lost)


def test_what_was_rejected_and_what_lost_rows_is_named() -> None:
    verdicts = [
        verdict("good", items=0),
        verdict("bad", "too dark", "too few"),
        verdict("torn", labels=2, items=1),
    ]
    assert quarantined(verdicts) == [
        "bad was rejected (too dark; too few)",
        "torn lost rows (1 items, 2 labels)",
    ]
