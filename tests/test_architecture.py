"""The walls of the house: who imports whom, what dvc.yaml lists, what a module is made of."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.conftest import PROJECT

STAGES = (
    *("fetch", "collect", "label", "encode", "align", "validate"),
    *("fuse", "export", "evaluate", "report"),
)
PLUG_INS = ("sources", "label_formats", "encoders", "trained_encoders", "exporters", "media", "gate")
FORBIDDEN_NAMES = {"utils.py", "util.py", "helpers.py", "common.py", "misc.py", "manager.py", "handler.py"}


def modules() -> list[Path]:
    return sorted(
        path for folder in ("tasks", "flows", "sample") for path in (PROJECT / folder).rglob("*.py")
    )


def imported_files(path: Path) -> set[Path]:
    """The project's files that a module imports, anywhere in it, and the packages on the way."""
    found: set[Path] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            found |= files_of(name)
    return found


def files_of(name: str) -> set[Path]:
    parts = name.split(".")
    places = [PROJECT.joinpath(*parts[:length]) for length in range(1, len(parts) + 1)]
    candidates = [place / "__init__.py" for place in places] + [places[-1].with_suffix(".py")]
    return {candidate for candidate in candidates if candidate.is_file()}


def loaded_files(stage: str) -> set[str]:
    """Every file of ours that `python -m tasks.<stage>` can load, by following the imports."""
    package = PROJECT / "tasks" / stage
    start = (
        [package / "__init__.py", package / "__main__.py"]
        if package.is_dir()
        else [package.with_suffix(".py")]
    )
    waiting, seen = [PROJECT / "tasks" / "__init__.py", *start], set()
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            waiting += imported_files(path) - seen
    templates = set(package.glob("*.j2"))
    return {path.relative_to(PROJECT).as_posix() for path in seen | templates}


def pipeline() -> dict[str, dict[str, list[object]]]:
    stages: dict[str, dict[str, list[object]]] = yaml.safe_load((PROJECT / "dvc.yaml").read_text())["stages"]
    return stages


def outputs(stage: str) -> set[str]:
    written = [*pipeline()[stage].get("outs", []), *pipeline()[stage].get("metrics", [])]
    return {str(next(iter(out))) if isinstance(out, dict) else str(out) for out in written}


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_is_asked_after_any_edit_of_the_code(stage: str) -> None:
    assert [dep for dep in pipeline()[stage]["deps"] if str(dep).startswith("tasks")] == ["tasks"]


@pytest.mark.parametrize("stage", STAGES)
def test_dvc_yaml_lists_just_the_folders_that_the_stage_declares(stage: str) -> None:
    program = (
        "import json, sys; from importlib import import_module;"
        f"stage = import_module('tasks.{stage}').STAGE;"
        "heavy = [name for name in ('prefect', 'librosa', 'sklearn', 'great_expectations', 'pandas', 'scipy',"
        " 'scrapy', 'torch', 'transformers', 'keras') if name in sys.modules];"
        "print(json.dumps([stage.reads, stage.writes, stage.name, heavy]))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    reads, writes, name, heavy = json.loads(printed.stdout)
    folders = {str(dep) for dep in pipeline()[stage]["deps"] if str(dep).startswith("data/")}
    assert folders == {f"data/{folder}" for folder in reads}
    assert outputs(stage) == {f"data/{folder}" for folder in writes}
    assert pipeline()[stage]["params"] == [stage]
    assert name == stage
    assert heavy == []


def test_imports_point_one_way() -> None:
    for path in (PROJECT / "tasks").rglob("*.py"):
        part = path.relative_to(PROJECT / "tasks").parts[0]
        allowed = {"core"} if part == "core" else {"core", *PLUG_INS, part}
        if part in PLUG_INS:
            allowed = {"core", part}
        for imported in imported_files(path):
            parts = imported.relative_to(PROJECT).parts
            assert parts[0] == "tasks", f"{path} imports {imported}"
            assert len(parts) == 2 or parts[1] in allowed | {"__init__.py"}, f"{path} imports {imported}"


def test_nothing_in_tasks_imports_prefect() -> None:
    for path in (PROJECT / "tasks").rglob("*.py"):
        assert "prefect" not in path.read_text(encoding="utf-8").replace(
            "Never imports Prefect", ""
        ).lower() or (path.name == "__init__.py" and path.parent.name == "tasks"), path


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_every_module_says_what_it_is_and_has_a_name_that_means_something(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert path.name not in FORBIDDEN_NAMES


@pytest.mark.parametrize("package", ["sources", "label_formats", "encoders", "trained_encoders", "exporters"])
def test_a_plug_in_folder_has_one_file_per_entry(package: str) -> None:
    folder = PROJECT / "tasks" / package
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    tree = ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))
    dicts = [node for node in ast.walk(tree) if isinstance(node, ast.Dict)]
    assert {ast.literal_eval(key) for key in dicts[0].keys if key is not None} == files
