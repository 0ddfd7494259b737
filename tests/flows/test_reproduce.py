from pathlib import Path

import pytest
import yaml

from flows.errors import WrongPlaceError
from flows.reproduce import is_changed, repository_root, reproduce
from flows.stages import StageName, stages_until
from tests.conftest import PROJECT
from tests.flows.repositories import FlowRepository


def test_the_stages_are_those_of_dvc_yaml_in_its_order() -> None:
    pipeline = yaml.safe_load((PROJECT / "dvc.yaml").read_text(encoding="utf-8"))
    assert [stage.value for stage in StageName] == list(pipeline["stages"])
    assert stages_until(StageName.LABEL) == [StageName.FETCH, StageName.COLLECT, StageName.LABEL]


def test_a_flow_is_refused_inside_a_stage_of_dvc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DVC_STAGE", "collect")
    with pytest.raises(WrongPlaceError, match="cannot be started by DVC's own stage 'collect'"):
        repository_root()


def test_a_flow_is_refused_outside_of_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WrongPlaceError, match=r"has no dvc\.yaml: start the flow in the root"):
        repository_root()


def test_only_what_changed_is_run(built_toy: FlowRepository, tmp_path: Path) -> None:
    toy = built_toy.copy_to(tmp_path / "toy")
    said: list[str] = []
    assert not reproduce(toy.root, ["label"], said.append)
    assert said == []
    (toy.batches / "first" / "words.txt").write_text("other words\n")
    assert reproduce(toy.root, ["label"], said.append)
    assert "Running stage 'label':" in said
    assert "label: 3 files" in said
    assert not any("git add" in line or "autostage" in line for line in said)
    assert is_changed(toy.root, ["collect"])


def test_a_lock_that_a_killed_dvc_left_half_written_is_removed(
    built_toy: FlowRepository, tmp_path: Path
) -> None:
    toy = built_toy.copy_to(tmp_path / "toy")
    (toy.batches / "first" / "words.txt").write_text("other words\n")
    (toy.root / ".dvc" / "tmp" / "rwlock").write_text("")
    said: list[str] = []
    assert reproduce(toy.root, ["label"], said.append)
    assert any("was cut off by a killed run and is removed" in line for line in said)
    assert not is_changed(toy.root, ["label"])
