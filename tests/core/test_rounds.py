"""Which batches are compared with each other's members."""

from pathlib import Path

import pytest

from tasks.core.batch import Batch
from tasks.core.batch_file import read_batch_file
from tasks.core.rounds import batch_of, companions

EVERYWHERE = "method: content, reference: image, candidates: everywhere"


def batch(folder: Path, name: str, align: str) -> Batch:
    file = folder / f"{name}.yaml"
    file.write_text(f"about: x\nlicense: CC0-1.0\nsources: [{{kind: files, path: m/}}]\nalign: {{{align}}}\n")
    return Batch(name, folder, read_batch_file(file))


def others_of_a(folder: Path, **aligns: str) -> list[str]:
    """The companions of a batch `a` that looks everywhere, among batches that are aligned so."""
    own = batch(folder, "a", EVERYWHERE)
    others = [batch(folder, name, align) for name, align in aligns.items()]
    return [other.name for other in companions(own, [own, *others])]


def test_batches_that_look_everywhere_with_the_same_words_form_a_round(tmp_path: Path) -> None:
    assert others_of_a(tmp_path, b=EVERYWHERE, c=f"{EVERYWHERE}, threshold: 0.8") == ["b", "c"]


@pytest.mark.parametrize(
    "another",
    ["reference: text", "by: text", "pairing: assignment", "threshold: 0.7", "margin: 0.1"],
)
def test_a_batch_that_says_something_else_is_of_another_round(tmp_path: Path, another: str) -> None:
    words = EVERYWHERE.replace("reference: image, ", "") if "reference" in another else EVERYWHERE
    assert others_of_a(tmp_path, b=f"{words}, {another}") == []


def test_a_batch_that_does_not_look_everywhere_is_of_no_round(tmp_path: Path) -> None:
    assert others_of_a(tmp_path, b=EVERYWHERE.replace("everywhere", "batch")) == []
    quiet = batch(tmp_path, "q", "method: content, reference: image")
    assert companions(quiet, [quiet, batch(tmp_path, "b", EVERYWHERE)]) == ()


def test_an_id_says_which_batch_it_is_of() -> None:
    assert batch_of("2026-05-14/a/b.png#c") == "2026-05-14"
