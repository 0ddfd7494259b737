"""What is said of groups and splits: a sentence each, and nothing where all is as asked."""

import pytest

from tasks.core.errors import GateStoppedError
from tasks.core.notices import read_notices
from tasks.core.schemas import SAMPLES
from tasks.core.tables import to_table
from tasks.fuse.notices import notices_of
from tests.conftest import Repository
from tests.fuse.delivered import Delivery, put
from tests.fuse.test_splits import PARAMS

SPLITS = ("train",) * 14 + ("validation",) * 3 + ("test",) * 3


def said(*samples: tuple[str, str, str, str], given: dict[str, int] | None = None) -> list[str]:
    """The notices of samples of batch, session, group and split."""
    rows = [
        {
            "sample_id": f"{batch}/{number:03d}",
            "batch": batch,
            "session": session,
            "group": group,
            "split": split,
            "targets": [],
            "members": [],
            "presence": {"image": True, "text": False, "audio": False, "video": False, "signal": False},
        }
        for number, (batch, session, group, split) in enumerate(samples)
    ]
    return notices_of(to_table(SAMPLES, rows), PARAMS, given or {}, [])


def independent(batch: str, splits: tuple[str, ...]) -> list[tuple[str, str, str, str]]:
    return [(batch, f"{n}", f"{batch}/{n}", split) for n, split in enumerate(splits)]


def test_nothing_is_said_of_many_groups_whose_splits_are_as_asked() -> None:
    assert said(*independent("a", SPLITS)) == []


def test_a_batch_of_one_session_is_said_with_what_to_write() -> None:
    (notice,) = said(*independent("a", SPLITS), *[("b", "all", "b/0", "train")] * 2)
    assert notice.startswith(
        "b (2 samples, in train): all samples are one session, and a session never leaves"
    )
    assert 'session: "{stem}"' in notice


def test_a_batch_whose_sessions_are_all_tied_is_said() -> None:
    (notice,) = said(*independent("a", SPLITS), ("b", "1", "b/0", "test"), ("b", "2", "b/0", "test"))
    assert notice.startswith("b (2 samples, in test): all samples are one group, since their sessions share")


def test_many_batches_of_one_session_are_one_sentence() -> None:
    several = [(f"b{n}", "all", f"b{n}", split) for n, split in enumerate(SPLITS) for _ in range(2)]
    (notice,) = said(*several)
    assert notice.startswith(
        "b0 (2 samples, in train), b1 (2 samples, in train), b10 (2 samples, in train) and 17 more batches"
    )


def test_a_dataset_of_one_group_over_two_batches_is_said() -> None:
    first, *_ = said(("a", "1", "g", "train"), ("b", "1", "g", "train"))
    assert first.startswith("the dataset is one group of 2 samples: nothing independent can be held out")


@pytest.mark.parametrize(
    ("splits", "words"),
    [
        (("train",) * 3, "no sample is in validation or test, so no figure can be trusted that needs it"),
        (
            ("test",) * 3,
            "no sample is in train or validation, so nothing can be learned: the 3 samples",
        ),
    ],
)
def test_an_empty_split_is_said(splits: tuple[str, ...], words: str) -> None:
    first, *_ = said(*independent("a", splits))
    assert first.startswith(words)
    assert 'session: "{stem}"' in first


def test_shares_far_from_those_asked_are_said_with_the_largest_group() -> None:
    crowd = [("b", "all", "b/0", "test")] * 20
    *_, notice = said(*independent("a", SPLITS), *crowd)
    assert notice.startswith(
        "the splits hold train 35%, validation 8%, test 57% of the 40 samples whose split is drawn, asked are"
        " train 70%, validation 15%, test 15% (fuse in params.yaml): there are 21 groups, the largest has 20"
    )


def test_nobody_asked_for_the_shares_of_samples_that_came_with_a_split() -> None:
    official = independent("a", ("test",) * 100)
    assert said(*independent("b", SPLITS), *official, given={"test": 100}) == []


def test_a_dataset_without_a_training_split_is_stopped_with_the_word_session(repository: Repository) -> None:
    batch = Delivery("a")
    for number in range(3):
        batch.sample(f"{number}.png", session="all", split="test", vector=[1.0])
    put(repository, batch)
    with pytest.raises(GateStoppedError, match=r"no sample is in train .* session: \"\{stem\}\""):
        repository.run("fuse")
    assert read_notices(repository.data / "fused")


def test_the_terminal_says_the_notices(repository: Repository, caplog: pytest.LogCaptureFixture) -> None:
    batch = Delivery("a")
    for number in range(3):
        batch.sample(f"{number}.png", session="all", split="train", vector=[1.0])
    put(repository, batch)
    with caplog.at_level("INFO", "modalweave"):
        assert repository.run("fuse") == "fuse: built; 3 samples, 0 left out"
    assert any("fuse: a (3 samples, in train): all samples are one" in said for said in caplog.messages)
