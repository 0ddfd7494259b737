import json
import math
from pathlib import Path

import pytest

from tasks.core.errors import SchemaError
from tasks.core.strict_json import to_json, write_json
from tests.conftest import PROJECT

# What they write is read by this program alone, and thrown away.
NO_ARTIFACTS = {"tasks/core/digests.py", "tasks/core/source_code.py", "tasks/fetch/spool.py"}


def test_json_comes_back_as_it_was(tmp_path: Path) -> None:
    value = {"b": [1, 2.5, None], "a": "größer"}
    write_json(value, tmp_path / "a.json")
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == value
    assert to_json(value, name="a") == '{"a": "größer", "b": [1, 2.5, null]}'


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_is_never_written(number: float, tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match=r"'a\.json': JSON holds finite numbers only"):
        write_json({"loss": number}, tmp_path / "a.json")
    assert list(tmp_path.iterdir()) == []


def test_every_json_artifact_is_written_by_the_strict_writer() -> None:
    sources = [path for path in (PROJECT / "tasks").rglob("*.py") if "json.dump" in path.read_text("utf-8")]
    writing = {path for path in sources if "write_text" in path.read_text("utf-8")}
    named = {path.relative_to(PROJECT).as_posix() for path in writing}
    assert named == {"tasks/core/strict_json.py", *NO_ARTIFACTS}
