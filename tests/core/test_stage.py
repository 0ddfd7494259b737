"""A stage of two lines, run as the real ones are."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tasks.core.batch import Batch
from tasks.core.errors import ConfigError, DamagedInputError, SuiteError
from tasks.core.refusal import read_refusal
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


def test_a_wrong_batch_file_refuses_its_batch_and_the_others_go_on(counting: Repository) -> None:
    run_stage(COUNT, counting.root)
    batch_file = counting.data / "batches/two/batch.yaml"
    batch_file.write_text(BATCH.replace("license", "licence"))
    (counting.data / "batches/one/media/b.txt").write_bytes(b"b")
    assert run_stage(COUNT, counting.root) == "count: 1 built, 0 unchanged, 1 refused (two)"
    assert counts(counting) == {"one": "2"}
    refusal = read_refusal(counting.data / "counted/two")
    assert refusal is not None
    assert (refusal.stage, refusal.message.split(";")[0]) == (
        "delivery",
        "data/batches/two/batch.yaml:2: unknown key 'licence'",
    )
    assert run_stage(COUNT, counting.root) == "count: 0 built, 1 unchanged, 1 refused (two)"
    batch_file.write_text(BATCH)
    assert run_stage(COUNT, counting.root) == "count: 1 built, 1 unchanged"
    assert counts(counting) == {"one": "2", "two": "2"}


def test_what_lies_among_the_batches_and_is_none_is_refused_by_name(counting: Repository) -> None:
    batches = counting.data / "batches"
    (batches / "gone").symlink_to(counting.root / "nowhere")
    (batches / "my batch").mkdir()
    Path(os.fsdecode(os.fsencode(batches) + b"/caf\xe9")).mkdir()
    (batches / "circle").mkdir()
    (batches / "circle/batch.yaml").symlink_to("batch.yaml")
    summary = run_stage(COUNT, counting.root)
    assert summary == r"count: 2 built, 0 unchanged, 4 refused (caf\xe9, circle, gone, my batch)"
    assert counts(counting) == {"one": "1", "two": "2"}


def count_but_two(inputs: StageInput, params: CountParams, output: Path) -> None:
    """Fail for the batch `two`, for a reason of its own."""
    if inputs.batch.name == "two":
        raise ConfigError(inputs.batch.folder / "media", None, "no picture")
    count_files(inputs, params, output)


PICKY = replace(COUNT, build=count_but_two)


def copy_count(inputs: StageInput, params: CountParams, output: Path) -> None:
    counted = inputs.folder("counted", inputs.batch) / "count.txt"
    (output / "count.txt").write_text(counted.read_text())


def name_batches(inputs: StageInput, params: CountParams, output: Path) -> None:
    named = [batch.name for batch in inputs.batches], [refusal.batch for refusal in inputs.refused]
    (output / "named" / "count.txt").write_text(f"{named}")


@pytest.fixture
def copying(counting: Repository) -> tuple[Repository, Stage[CountParams], Stage[CountParams]]:
    """A repository with a stage that copies what `count` made, and one over all that was copied."""
    listed = (
        "stages: {count: {deps: [code.py], outs: [data/counted: {persist: true}]},"
        " copy: {deps: [code.py, data/counted], outs: [data/copied]}, name: {deps: [code.py]}}\n"
    )
    (counting.root / "dvc.yaml").write_text(listed)
    params = "count: {plus: 0}\ncopy: {plus: 0}\nname: {plus: 0}\ncompute: {workers: 1}\n"
    (counting.root / "params.yaml").write_text(params)
    copy = replace(COUNT, name="copy", reads=("batches", "counted"), writes=("copied",), build=copy_count)
    name = replace(
        COUNT,
        name="name",
        reads=("batches", "copied"),
        writes=("named",),
        build=name_batches,
        scope="dataset",
    )
    return counting, copy, name


def test_a_refused_batch_goes_no_further_and_nothing_of_it_lingers(
    copying: tuple[Repository, Stage[CountParams], Stage[CountParams]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    repository, copy, name = copying
    for stage in (COUNT, copy, name):
        run_stage(stage, repository.root)
    caplog.set_level("INFO", "modalweave")
    repository.set_param("count: {plus: 0}", "count: {plus: 5}")
    assert run_stage(PICKY, repository.root) == "count: 1 built, 0 unchanged, 1 refused (two)"
    assert "count: refused two: data/batches/two/media: no picture" in caplog.messages
    assert run_stage(copy, repository.root) == "copy: 1 built, 0 unchanged, 1 refused (two)"
    assert sum("no picture" in line for line in caplog.messages) == 1
    left = {path.name for path in (repository.data / "copied/two").iterdir()}
    assert left == {"refusal.json", "partition.json"}
    run_stage(name, repository.root)
    assert (repository.data / "named/count.txt").read_text() == "(['one'], ['two'])"


def test_a_refused_batch_is_tried_again_in_every_run(counting: Repository) -> None:
    run_stage(PICKY, counting.root)
    assert run_stage(PICKY, counting.root) == "count: 0 built, 1 unchanged, 1 refused (two)"
    assert run_stage(COUNT, counting.root) == "count: 1 built, 1 unchanged"


def test_evidence_of_a_refused_batch_stays_and_counts_again_when_it_is_mended(counting: Repository) -> None:
    kept = replace(COUNT, evidence=True)
    run_stage(kept, counting.root)
    batch_file = counting.data / "batches/two/batch.yaml"
    batch_file.write_text("about: [")
    assert run_stage(kept, counting.root) == "count: 0 built, 1 unchanged, 1 refused (two)"
    assert counts(counting) == {"one": "1", "two": "2"}
    assert read_refusal(counting.data / "counted/two") is not None
    batch_file.write_text(BATCH)
    assert run_stage(kept, counting.root) == "count: 0 built, 2 unchanged"
    assert read_refusal(counting.data / "counted/two") is None


def test_what_no_batch_is_to_blame_for_stops_the_stage(counting: Repository) -> None:
    def refuse_all(inputs: StageInput, params: CountParams) -> None:
        raise ConfigError(inputs.root / "params.yaml", None, "no such encoder")

    with pytest.raises(ConfigError, match="no such encoder"):
        run_stage(replace(COUNT, prepare=refuse_all), counting.root)
    run_stage(COUNT, counting.root)
    assert run_stage(replace(COUNT, prepare=refuse_all), counting.root) == "count: 0 built, 2 unchanged"


def test_a_stage_that_fails_half_way_leaves_the_old_partition(counting: Repository) -> None:
    run_stage(COUNT, counting.root)

    def fail(inputs: StageInput, params: CountParams, output: Path) -> None:
        (output / "count.txt").write_text("half")
        raise SuiteError("broken")

    counting.set_param("plus: 0", "plus: 1")
    failing = Stage(
        "count", CountParams, ("batches",), ("counted",), "batch", fail, lambda inputs, params: ""
    )
    with pytest.raises(SuiteError, match="broken"):
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


@pytest.mark.parametrize("kept_times", [False, True])
def test_a_file_that_was_damaged_after_it_was_sealed_stops_the_stage_that_reads_it(
    copying: tuple[Repository, Stage[CountParams], Stage[CountParams]], *, kept_times: bool
) -> None:
    repository, copy, name = copying
    run_stage(COUNT, repository.root)
    run_stage(copy, repository.root)
    counted = repository.data / "counted/two/count.txt"
    times = counted.stat()
    counted.write_text("7")
    if kept_times:
        os.utime(counted, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert run_stage(copy, repository.root) == "copy: 0 built, 2 unchanged"
    repository.set_param("copy: {plus: 0}", "copy: {plus: 1}")
    with pytest.raises(
        DamagedInputError,
        match=r"counted/two/count.txt was changed or damaged after it was made: expected SHA-256 .*"
        r"delete data/counted/two; then `dvc checkout data/counted`.*`python -m tasks.count` makes it",
    ):
        run_stage(copy, repository.root)
    assert (repository.data / "copied/two/count.txt").read_text() == "2"
    run_stage(COUNT, repository.root)
    assert run_stage(copy, repository.root) == "copy: 1 built, 1 unchanged"
    (repository.data / "copied/two/count.txt").write_text("7")
    with pytest.raises(DamagedInputError, match=r"copied/two/count\.txt was changed"):
        run_stage(name, repository.root)
