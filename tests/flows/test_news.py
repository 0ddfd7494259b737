import json
from pathlib import Path

from flows.news import News, compare, read_notices, read_recorded, troubles_of
from tasks.core.verdict import Verdict
from tests.flows.repositories import FlowRepository


def verdict(subject: str, *reasons: str, **lost: int) -> Verdict:
    return Verdict(subject, not reasons, reasons, (), {"items": 9}, lost)


def test_what_was_rejected_and_what_lost_rows_is_named() -> None:
    assert troubles_of(
        [verdict("good", items=0), verdict("bad", "too dark", "too few"), verdict("torn", labels=2, items=1)]
    ) == {
        "good": None,
        "bad": "bad was rejected (too dark; too few)",
        "torn": "torn lost rows (1 items, 2 labels)",
    }


def test_what_stands_is_counted_and_what_is_new_is_named() -> None:
    before = troubles_of([verdict("bad", "too dark"), verdict("torn", items=1), verdict("mended", "too few")])
    now = troubles_of(
        [
            verdict("bad", "too dark"),
            verdict("torn", items=3),
            verdict("mended"),
            verdict("fresh", "too loud"),
            verdict("fine"),
        ]
    )
    news = compare(now, before)
    assert news == News(
        new=("torn lost rows (3 items)", "fresh was rejected (too loud)"),
        standing=("bad was rejected (too dark)",),
        mended=("mended",),
        accepted=("fine",),
    )
    assert f"{news}" == (
        "torn lost rows (3 items); fresh was rejected (too loud); new and accepted: fine;"
        " nothing is wrong any more with mended; as in the last version, 1 rejected or with lost rows"
    )


def test_before_the_first_version_everything_wrong_is_new() -> None:
    news = compare(troubles_of([verdict("good"), verdict("bad", "too dark")]), {})
    assert (news.new, news.accepted) == (("bad was rejected (too dark)",), ())
    assert f"{compare(troubles_of([verdict('good')]), {})}" == "every batch was accepted"


def test_the_last_commit_tells_what_was_wrong_then(built_toy: FlowRepository, tmp_path: Path) -> None:
    toy = built_toy.copy_to(tmp_path / "toy")
    assert read_recorded(toy.root) == {"first": None, "dataset": None}
    (toy.batches / "first" / "reject").touch()
    toy.dvc("repro", "validate")
    assert read_recorded(toy.root) == {"first": None, "dataset": None}
    toy.commit()
    assert read_recorded(toy.root) == {
        "first": "first was rejected (row_count: expected at least 1, got 0)",
        "dataset": None,
    }


def test_where_the_data_of_the_last_commit_are_not_here_nothing_is_known_of_it(
    built_toy: FlowRepository, tmp_path: Path
) -> None:
    built_toy.git("clone", "--quiet", ".", f"{tmp_path / 'clone'}")
    assert read_recorded(tmp_path / "clone") == {}


def test_notices_of_the_dataset_are_read_where_there_are_any(tmp_path: Path) -> None:
    assert read_notices(tmp_path) == []
    (tmp_path / "data" / "fused").mkdir(parents=True)
    (tmp_path / "data" / "fused" / "notices.json").write_text(json.dumps(["the test split is empty"]))
    assert read_notices(tmp_path) == ["the test split is empty"]
