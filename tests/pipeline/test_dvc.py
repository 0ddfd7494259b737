"""What DVC does with the bundled sample: build, skip, rebuild one batch, share, compare."""

import json
import re
import shutil
import sys
from pathlib import Path

import yaml

from flows.stages import StageName
from tests.pipeline.conftest import Checkout, check_out

BUILT = re.compile(r"^(\w+): built (\S+)$", re.MULTILINE)


def test_a_second_repro_does_nothing(bundled: Checkout) -> None:
    before = bundled.digests()
    assert "Data and pipelines are up to date." in bundled.dvc("repro")
    assert bundled.digests() == before
    assert "Data and pipelines are up to date." in bundled.dvc("status")
    assert bundled.run("git", "status", "--short") == ""


def test_the_stages_are_in_one_order_whoever_built(bundled: Checkout) -> None:
    recorded = yaml.safe_load((bundled.root / "dvc.lock").read_text(encoding="utf-8"))["stages"]
    assert list(recorded) == [stage.value for stage in StageName]


def test_a_flipped_byte_reaches_no_partition_and_the_next_build_mends_it(copied: Checkout) -> None:
    before = copied.digests()
    (shard, *_) = sorted((copied.root / "data/collected").glob("*/media-00000.tar"))
    spoiled = bytearray(shard.read_bytes())
    spoiled[1000] ^= 1
    shard.write_bytes(spoiled)
    shutil.rmtree(copied.root / "data/encoded" / shard.parent.name)
    refused = copied.run(sys.executable, "-m", "tasks.encode", check=False)
    assert f"{shard} was changed or damaged after it was made" in refused
    assert "`python -m tasks.collect` makes it again" in refused
    copied.dvc("repro")
    assert copied.digests() == before


def test_touching_one_batch_rebuilds_that_batch_and_the_dataset(copied: Checkout) -> None:
    (name, *_) = sorted(path.name for path in (copied.root / "data/batches").iterdir() if path.is_dir())
    batch_file = copied.root / "data/batches" / name / "batch.yaml"
    batch_file.write_text(batch_file.read_text() + "# looked at again\n")
    printed = copied.dvc("repro")
    assert BUILT.findall(printed) == [
        (stage, name) for stage in ("collect", "label", "encode", "align", "validate")
    ]
    for stage in ("fuse", "export", "evaluate", "report"):
        assert f"'{stage}' didn't change" not in printed or f"Running stage '{stage}'" not in printed


def test_a_fresh_clone_pulls_every_artifact_and_has_nothing_to_do(copied: Checkout, tmp_path: Path) -> None:
    copied.dvc("remote", "add", "--default", "storage", str(tmp_path / "remote"))
    copied.commit("a remote")
    copied.dvc("push")
    clone = Checkout(tmp_path / "clone")
    copied.run("git", "clone", "-q", str(copied.root), str(clone.root))
    clone.dvc("pull")
    assert clone.digests() == copied.digests()
    assert "Data and pipelines are up to date." in clone.dvc("repro")


def test_metrics_are_shown_and_compared(copied: Checkout) -> None:
    shown = json.loads(copied.dvc("metrics", "show", "--json"))
    assert {Path(name).name for name in shown[""]["data"]} == {"dataset.json", "retrieval.json", "tasks.json"}
    (copied.root / "params.yaml").write_text(
        (copied.root / "params.yaml").read_text().replace("dimensions: 32", "dimensions: 4")
    )
    copied.dvc("repro")
    changed = json.loads(copied.dvc("metrics", "diff", "--json"))
    assert changed
    assert all(
        "old" in figure or "new" in figure for figures in changed.values() for figure in figures.values()
    )


def test_plots_are_shown(copied: Checkout) -> None:
    printed = copied.dvc("plots", "show")
    page = Path(printed.strip().splitlines()[-1].removeprefix("file://")).read_text()
    assert "vega" in page
    for name in ("confusion", "recall"):
        assert name in page


def test_another_number_of_workers_gives_the_same_bytes(bundled: Checkout, tmp_path: Path) -> None:
    alone = check_out(tmp_path / "alone", bundled.root / "data/batches")
    params = alone.root / "params.yaml"
    params.write_text(params.read_text().replace("workers: -1", "workers: 1"))
    alone.dvc("repro")
    assert alone.digests() == bundled.digests()
