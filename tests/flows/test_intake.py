from pathlib import Path

from flows.intake import take_in
from tests.flows.repositories import write_batch


def test_only_new_complete_and_right_batches_are_taken_in(tmp_path: Path) -> None:
    inbox, batches = tmp_path / "inbox", tmp_path / "data" / "batches"
    write_batch(inbox / "new")
    write_batch(inbox / "here")
    write_batch(batches / "here")
    write_batch(inbox / ".arriving")
    (inbox / "unfinished").mkdir()
    (inbox / "a file").touch()
    said: list[str] = []
    intake = take_in(tmp_path, inbox, said.append)
    assert (intake.taken, intake.refused) == (("new",), {})
    assert sorted(path.name for path in batches.iterdir()) == ["here", "new"]
    assert said == [
        ".arriving: left alone, its name starts with a point",
        "here: is in data/batches already",
        "unfinished: left alone, it has no batch.yaml yet",
        "new: taken in",
    ]


def test_a_wrong_batch_stays_with_its_faults_and_the_others_go_on(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    write_batch(inbox / "missing")
    (inbox / "missing" / "batch.yaml").write_text(
        (inbox / "missing" / "batch.yaml").read_text().replace("path: .", "path: media")
    )
    write_batch(inbox / "right")
    write_batch(inbox / "way out")
    intake = take_in(tmp_path, inbox, lambda line: None)
    assert intake.taken == ("right",)
    assert sorted(intake.refused) == ["missing", "way out"]
    assert intake.refused["missing"].startswith(
        f"{inbox}/missing/batch.yaml:4: the path 'media' does not exist"
    )
    assert sorted(path.name for path in (tmp_path / "data" / "batches").iterdir()) == ["right"]
    assert list((tmp_path / "data" / ".partial").iterdir()) == []
