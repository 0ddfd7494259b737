"""A stage of two lines, run as the real ones are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tasks.core.batch import Batch
from tasks.core.errors import ConfigError, InvalidBatchesError
from tasks.core.stage import Stage, StageInput, run_stage
from tests.conftest import Repository

BATCH = """\
about: x
license: CC0-1.0
sources: [{kind: files, path: media/}]
align: {method: key, reference: image}
"""


@dataclass(frozen=True)
class CountParams:
    """What is added to the count."""

    plus: int


def count_files(inputs: StageInput, params: CountParams, output: Path) -> None:
    count = len(list((inputs.folder("batches", inputs.batch) / "media").iterdir())) + params.plus
    (output / "count.txt").write_text(str(count))


COUNT = Stage(
    "count", CountParams, ("batches",), ("counted",), "batch", count_files, lambda inputs, params: ""
)


@pytest.fixture
def counting(repository: Repository) -> Repository:
    (repository.root / "code.py").write_text("")
    (repository.root / "dvc.yaml").write_text("stages: {count: {deps: [code.py, data/batches]}}\n")
    (repository.root / "params.yaml").write_text("count: {plus: 0}\ncompute: {workers: 1}\n")
    repository.add_batch("one", BATCH, {"media/a.txt": b"a"})
    repository.add_batch("two", BATCH, {"media/a.txt": b"a", "media/b.txt": b"b"})
    return repository


def counts(repository: Repository) -> dict[str, str]:
    return {
        path.parent.name: path.read_text() for path in sorted(repository.data.glob("counted/*/count.txt"))
    }


def test_a_second_run_builds_nothing(counting: Repository) -> None:
    assert run_stage(COUNT, counting.root) == "count: 2 built, 0 unchanged"
    assert counts(counting) == {"one": "1", "two": "2"}
    assert run_stage(COUNT, counting.root) == "count: 0 built, 2 unchanged"


def test_a_changed_batch_costs_that_batch(counting: Repository) -> None:
    run_stage(COUNT, counting.root)
    (counting.data / "batches/two/media/c.txt").write_bytes(b"c")
    assert run_stage(COUNT, counting.root) == "count: 1 built, 1 unchanged"
    assert counts(counting) == {"one": "1", "two": "3"}


@pytest.mark.parametrize("change", ["params", "code"])
def test_changed_parameters_or_code_cost_every_batch(counting: Repository, change: str) -> None:
    run_stage(COUNT, counting.root)
    if change == "params":
        counting.set_param("plus: 0", "plus: 5")
    else:
        (counting.root / "code.py").write_text("# changed")
    assert run_stage(COUNT, counting.root) == "count: 2 built, 0 unchanged"


def test_a_partition_that_lost_or_changed_a_byte_is_made_again(counting: Repository) -> None:
    run_stage(COUNT, counting.root)
    (counting.data / "counted/one/count.txt").write_text("9")
    (counting.data / "counted/two/partition.json").unlink()
    assert run_stage(COUNT, counting.root) == "count: 2 built, 0 unchanged"
    assert counts(counting) == {"one": "1", "two": "2"}


def test_a_batch_that_left_leaves_the_output_too(counting: Repository) -> None:
    run_stage(COUNT, counting.root)
    (counting.data / "batches/one").rename(counting.root / "elsewhere")
    assert run_stage(COUNT, counting.root) == "count: 0 built, 1 unchanged, removed ['one']"
    assert counts(counting) == {"two": "2"}


def test_a_wrong_batch_file_stops_the_stage_before_any_work(counting: Repository) -> None:
    run_stage(COUNT, counting.root)
    (counting.data / "batches/two/batch.yaml").write_text(BATCH.replace("license", "licence"))
    (counting.data / "batches/one/media/b.txt").write_bytes(b"b")
    with pytest.raises(InvalidBatchesError, match=r"two/batch.yaml:2: unknown key 'licence'"):
        run_stage(COUNT, counting.root)
    assert counts(counting) == {"one": "1", "two": "2"}


def test_a_stage_that_fails_half_way_leaves_the_old_partition(counting: Repository) -> None:
    run_stage(COUNT, counting.root)

    def fail(inputs: StageInput, params: CountParams, output: Path) -> None:
        (output / "count.txt").write_text("half")
        raise ConfigError(output, None, "broken")

    counting.set_param("plus: 0", "plus: 1")
    failing = Stage(
        "count", CountParams, ("batches",), ("counted",), "batch", fail, lambda inputs, params: ""
    )
    with pytest.raises(ConfigError, match="broken"):
        run_stage(failing, counting.root)
    assert counts(counting) == {"one": "1", "two": "2"}
    assert not list((counting.data / ".partial").iterdir())


def test_a_stage_reads_only_what_it_declares(counting: Repository) -> None:
    inputs = StageInput(counting.root, ("batches",), (), 1)
    with pytest.raises(ConfigError, match="does not declare that it reads data/labels"):
        inputs.folder("labels")


def test_a_parameter_that_is_missing_or_unknown_stops_the_stage(counting: Repository) -> None:
    counting.set_param("plus: 0", "puls: 0")
    with pytest.raises(
        ConfigError, match=r"params.yaml:1: unknown key 'puls' in count; .*Did you mean 'plus'\?"
    ):
        run_stage(COUNT, counting.root)


def sum_files(inputs: StageInput, params: CountParams, output: Path) -> None:
    """How many files all batches of the round have, counted once for all of them."""
    together = sorted((inputs.batch, *inputs.companions), key=lambda batch: batch.name)
    counted = inputs.once.made(
        tuple(batch.name for batch in together),
        lambda: sum(len(list((inputs.folder("batches", one) / "media").iterdir())) for one in together),
    )
    (output / "count.txt").write_text(str(counted))


def others_but_alone(batch: Batch, batches: Sequence[Batch]) -> tuple[Batch, ...]:
    together = [other for other in batches if other.name != "alone"]
    return tuple(other for other in together if other != batch) if batch in together else ()


SUM = Stage(
    *("count", CountParams, ("batches",), ("counted",), "batch", sum_files, lambda inputs, params: ""),
    companions=others_but_alone,
)


@pytest.fixture
def summing(counting: Repository) -> Repository:
    counting.add_batch("alone", BATCH, {"media/a.txt": b"a"})
    return counting


def test_a_partition_is_made_from_its_companions_too(summing: Repository) -> None:
    assert run_stage(SUM, summing.root) == "count: 3 built, 0 unchanged"
    assert counts(summing) == {"alone": "1", "one": "3", "two": "3"}
    assert run_stage(SUM, summing.root) == "count: 0 built, 3 unchanged"


def test_a_companion_that_comes_changes_or_goes_costs_its_round_and_nothing_else(summing: Repository) -> None:
    run_stage(SUM, summing.root)
    summing.add_batch("new", BATCH, {"media/a.txt": b"a"})
    assert run_stage(SUM, summing.root) == "count: 3 built, 1 unchanged"
    (summing.data / "batches/new/media/b.txt").write_bytes(b"b")
    assert run_stage(SUM, summing.root) == "count: 3 built, 1 unchanged"
    assert counts(summing) == {"alone": "1", "new": "5", "one": "5", "two": "5"}
    (summing.data / "batches/new").rename(summing.root / "elsewhere")
    assert run_stage(SUM, summing.root) == "count: 2 built, 1 unchanged, removed ['new']"
    (summing.data / "batches/alone/media/b.txt").write_bytes(b"b")
    assert run_stage(SUM, summing.root) == "count: 1 built, 2 unchanged"


def test_what_partitions_have_in_common_is_made_once_a_run(summing: Repository) -> None:
    made_by: list[str] = []

    def make(inputs: StageInput, params: CountParams, output: Path) -> None:
        inputs.once.made("the same", lambda: made_by.append(inputs.batch.name))

    stage = replace(SUM, build=make)
    run_stage(stage, summing.root)
    assert made_by == ["alone"]
    summing.set_param("plus: 0", "plus: 1")
    run_stage(stage, summing.root)
    assert made_by == ["alone", "alone"]
