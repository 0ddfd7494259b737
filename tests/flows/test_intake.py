import json
import os
import shutil
from pathlib import Path

import pytest

from flows.command import silent
from flows.deliveries import DELIVERIES, difference, merge
from flows.errors import DeliveryError
from flows.intake import Corrections, Intake, restore_replaced, take_in
from tests.flows.repositories import write_batch


class Inbox:
    """An inbox and the repository that takes in from it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.inbox = root / "inbox"
        self.batches = root / "data" / "batches"
        self.said: list[str] = []
        write_batch(self.inbox / "one")

    def take(self, corrections: Corrections = Corrections.TAKE) -> Intake:
        self.said.clear()
        return take_in(self.root, self.inbox, corrections, self.said.append)

    def words(self) -> str:
        return (self.batches / "one" / "words.txt").read_text()


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path)


def test_only_new_complete_and_right_batches_are_taken_in(inbox: Inbox) -> None:
    write_batch(inbox.inbox / "here")
    write_batch(inbox.batches / "here")
    write_batch(inbox.inbox / ".arriving")
    (inbox.inbox / "unfinished").mkdir()
    (inbox.inbox / "a file").touch()
    assert inbox.take() == Intake(["one"], {}, {})
    assert sorted(path.name for path in inbox.batches.iterdir()) == ["here", "one"]
    assert inbox.said == [
        ".arriving: left alone, its name starts with a point",
        "here: is in data/batches already",
        "one: taken in",
        "unfinished: left alone, it has no batch.yaml yet",
    ]
    assert inbox.take() == Intake([], {}, {})


def test_a_wrong_batch_stays_with_its_faults_and_the_others_go_on(inbox: Inbox) -> None:
    write_batch(inbox.inbox / "missing")
    batch_file = inbox.inbox / "missing" / "batch.yaml"
    batch_file.write_text(batch_file.read_text().replace("path: .", "path: media"))
    write_batch(inbox.inbox / "way out")
    intake = inbox.take()
    assert intake.taken == ["one"]
    assert sorted(intake.refused) == ["missing", "way out"]
    assert intake.refused["missing"].startswith(f"{batch_file}:4: the path 'media' does not exist")
    assert sorted(path.name for path in inbox.batches.iterdir()) == ["one"]
    assert list((inbox.root / "data" / ".partial").iterdir()) == []


def test_a_pipe_is_refused_by_name_instead_of_being_read_for_ever(inbox: Inbox) -> None:
    os.mkfifo(inbox.inbox / "one" / "endless")
    assert inbox.take().refused == {
        "one": f"{inbox.inbox}/one/endless is a pipe, socket or device: deliver files, folders and links"
    }


def test_a_correction_is_taken_in_and_told(inbox: Inbox) -> None:
    inbox.take()
    (inbox.inbox / "one" / "words.txt").write_text("other words\n")
    (inbox.inbox / "one" / "more.txt").write_text("more words\n")
    assert inbox.take().corrected == {"one": "1 added (more.txt), 1 changed (words.txt)"}
    assert inbox.said == ["one: taken in as a correction: 1 added (more.txt), 1 changed (words.txt)"]
    assert inbox.words() == "other words\n"
    record = json.loads((inbox.root / DELIVERIES / "one.json").read_text())
    assert sorted(record) == ["batch.yaml", "more.txt", "words.txt"]
    (inbox.inbox / "one" / "more.txt").unlink()
    assert inbox.take().corrected == {"one": "1 removed (more.txt)"}
    assert sorted(path.name for path in (inbox.batches / "one").iterdir()) == ["batch.yaml", "words.txt"]
    assert inbox.take() == Intake([], {}, {})


def test_a_correction_of_the_same_size_and_time_is_seen(inbox: Inbox) -> None:
    words = inbox.inbox / "one" / "words.txt"
    os.utime(words, (1, 1))
    inbox.take()
    words.write_text(words.read_text().upper())
    os.utime(words, (1, 1))
    assert inbox.take().corrected == {"one": "1 changed (words.txt)"}


def test_a_known_name_with_other_content_is_refused_where_that_is_asked_for(inbox: Inbox) -> None:
    inbox.take()
    (inbox.inbox / "one" / "words.txt").write_text("other words\n")
    refused = inbox.take(Corrections.REFUSE).refused
    assert refused["one"].startswith(
        "a batch of this name was taken in before with other content: 1 changed (words.txt); give"
    )
    assert inbox.words() == "the words of one\n"


def test_what_was_changed_here_survives_a_correction_of_other_files(inbox: Inbox) -> None:
    inbox.take()
    (inbox.batches / "one" / "waiver.yaml").write_text("- expectation: x\n")
    here = inbox.batches / "one" / "batch.yaml"
    here.write_text(here.read_text().replace("Two", "Three"))
    assert inbox.take() == Intake([], {}, {})
    (inbox.inbox / "one" / "words.txt").write_text("other words\n")
    assert inbox.take().corrected == {"one": "1 changed (words.txt)"}
    assert here.read_text().startswith("about: Three")
    assert (inbox.batches / "one" / "waiver.yaml").exists()


def test_a_correction_of_a_file_that_was_changed_here_too_stays_in_the_inbox(inbox: Inbox) -> None:
    inbox.take()
    (inbox.inbox / "one" / "words.txt").write_text("their words\n")
    (inbox.batches / "one" / "words.txt").write_text("our words\n")
    assert (
        inbox.take()
        .refused["one"]
        .startswith("the correction and somebody here changed the same files (words.txt)")
    )
    assert inbox.words() == "our words\n"


def test_a_wrong_correction_leaves_the_batch_as_it_was(inbox: Inbox) -> None:
    inbox.take()
    (inbox.inbox / "one" / "batch.yaml").write_text("abuot: a misspelt key\n")
    assert inbox.take().refused["one"].startswith(f"{inbox.inbox}/one/batch.yaml:1: ")
    assert (inbox.batches / "one" / "batch.yaml").read_text().startswith("about: Two")


def test_a_batch_that_was_put_here_by_hand_is_corrected_and_keeps_its_waiver(inbox: Inbox) -> None:
    write_batch(inbox.batches / "one")
    (inbox.batches / "one" / "waiver.yaml").write_text("- expectation: x\n")
    assert inbox.take() == Intake([], {}, {})
    shutil.rmtree(inbox.root / DELIVERIES)
    (inbox.inbox / "one" / "words.txt").write_text("other words\n")
    assert inbox.take().corrected == {"one": "1 changed (words.txt)"}
    assert (inbox.batches / "one" / "waiver.yaml").exists()


@pytest.mark.parametrize("killed", ["before the new one is in place", "before the old one is gone"])
def test_a_correction_killed_in_the_middle_leaves_the_old_batch_or_the_new_one(
    inbox: Inbox, killed: str
) -> None:
    inbox.take()
    (inbox.inbox / "one" / "words.txt").write_text("other words\n")
    old = inbox.batches / ".one.replaced"
    (inbox.batches / "one").rename(old)
    if killed == "before the old one is gone":
        shutil.copytree(inbox.inbox / "one", inbox.batches / "one")
    restore_replaced(inbox.root, silent)
    expected = "the words of one\n" if killed == "before the new one is in place" else "other words\n"
    assert inbox.words() == expected
    assert not old.exists()
    assert inbox.take().corrected == {"one": "1 changed (words.txt)"}
    assert inbox.words() == "other words\n"


def test_a_merge_takes_each_file_from_who_changed_it() -> None:
    before = {"a": "1", "b": "1", "c": "1", "d": "1"}
    now = {"a": "2", "b": "1", "d": "1", "new": "1"}
    here = {"a": "1", "b": "3", "c": "1", "own": "1"}
    assert merge(before, now, here) == {"a": "2", "b": "3", "new": "1", "own": "1"}
    assert f"{difference(before, now)}" == "1 added (new), 1 changed (a), 1 removed (c)"
    with pytest.raises(DeliveryError, match=r"changed the same files \(a\)"):
        merge({"a": "1"}, {"a": "2"}, {"a": "3"})
