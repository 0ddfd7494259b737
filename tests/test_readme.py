"""What the README shows is true: its batch files load, its commands exist, its tables name what is there."""

import re
from pathlib import Path

import pytest
import yaml

from tasks.core.batch_file import read_batch_file
from tasks.core.label_entries import EXPORT_FORMATS
from tasks.core.source_entries import SOURCE_KINDS
from tasks.gate import read_suites, read_waivers
from tests.conftest import PROJECT
from tests.test_architecture import STAGES

README = (PROJECT / "README.md").read_text(encoding="utf-8")
YAML_BLOCKS = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
# What a block that shows only its sources, or only how it is aligned, leaves out.
ABOUT = "about: a\nlicense: b\n"
REST = {
    "sources": ABOUT + "align: {method: key, reference: image}\n",
    "align": ABOUT + "sources: [{kind: files, path: media}]\n",
}
BATCH_FILES = [block for block in YAML_BLOCKS if "sources:" in block or "align:" in block]


def test_the_two_commands_come_first() -> None:
    assert "$ make " in README.splitlines()[9]
    assert "$ make test" in README.splitlines()[10]


@pytest.mark.parametrize("number", range(len(BATCH_FILES)))
def test_every_batch_file_that_is_shown_is_one(tmp_path: Path, number: int) -> None:
    block = BATCH_FILES[number]
    missing = REST.get(block.partition(":")[0], "")
    (tmp_path / "batch.yaml").write_text(block + missing, encoding="utf-8")
    assert read_batch_file(tmp_path / "batch.yaml").sources


def test_the_waiver_that_is_shown_names_an_expectation_that_is_there(tmp_path: Path) -> None:
    (block,) = (block for block in YAML_BLOCKS if "until:" in block)
    (tmp_path / "waiver.yaml").write_text(block, encoding="utf-8")
    (waiver,) = read_waivers(tmp_path / "waiver.yaml", read_suites(PROJECT / "expectations", ("items",)))
    assert waiver.who == "Ada"


def test_every_make_target_that_is_shown_is_there() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^\$ make ([\w-]+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_stages_sources_and_formats_of_the_tables_are_the_ones_there_are() -> None:
    assert tuple(re.findall(r"^\| (\w+) \| .* \| `data/", README, re.MULTILINE)) == STAGES
    table = README[README.index("| source |") : README.index("Some parts are extras")]
    assert {*SOURCE_KINDS, *EXPORT_FORMATS} <= set(re.findall(r"`(\w+)`", table))


def test_every_file_that_is_linked_is_there() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links
    for link in links:
        assert (PROJECT / link).exists(), link


def test_every_stage_of_dvc_yaml_is_run_by_its_module() -> None:
    stages = yaml.safe_load((PROJECT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    assert {name: stage["cmd"] for name, stage in stages.items()} == {
        name: f"python -m tasks.{name}" for name in STAGES
    }
