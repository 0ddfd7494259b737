from tasks.core.schemas import CONSENSUS, LABELS
from tasks.core.tables import to_table
from tasks.label.consensus import Consensus


def rows(
    *votes: tuple[str | None, str | None], task: str = "vqa", question: str | None = "?"
) -> list[object]:
    consensus = Consensus("monday")
    spoken = {"batch": "monday", "item_id": "monday/a", "task": task, "format": "table", "origin": "x"}
    said = [{"label_id": f"{n}", "annotator": by, "label": label} for n, (by, label) in enumerate(votes)]
    consensus.take(to_table(LABELS, ({**spoken, "question": question, **one} for one in said)))
    return list(to_table(CONSENSUS, consensus.rows()).to_pylist())


def test_the_majority_decides_and_the_soft_label_keeps_the_rest() -> None:
    assert rows(("1", "noon"), ("2", "11:43"), ("3", "11:43"), ("4", "8:20")) == [
        {
            **{"batch": "monday", "item_id": "monday/a", "task": "vqa", "question": "?"},
            "label": "11:43",
            "votes": 4,
            "agreement": 0.5,
            "tie": False,
            "soft_label": [
                {"label": "11:43", "share": 0.5},
                {"label": "8:20", "share": 0.25},
                {"label": "noon", "share": 0.25},
            ],
        }
    ]


def test_of_equals_the_first_by_the_alphabet_wins_and_the_tie_is_named() -> None:
    for votes in ((("1", "b"), ("2", "a")), (("1", "a"), ("2", "b"))):
        (row,) = rows(*votes, task="sentiment", question=None)
        assert isinstance(row, dict)
        assert (row["label"], row["tie"], row["agreement"], row["question"]) == ("a", True, 0.5, "")


def test_one_voice_is_no_consensus() -> None:
    assert rows(("1", "a"), ("1", "b")) == []
    assert rows((None, "a"), (None, "a")) == []


def test_captions_are_not_voted_on_and_labels_without_a_word_do_not_count() -> None:
    assert rows(("1", "a"), ("2", "a"), task="caption") == []
    assert rows(("1", "a"), ("2", None)) == []
