from pathlib import Path

import pytest

from tasks.core.errors import LabelFormatError
from tasks.label_formats.reading import json_export
from tasks.label_formats.reading.json_export import read_json_export, to_number


def test_every_file_of_the_conformance_suite_is_read_or_refused_by_name(corpora: Path) -> None:
    refused = set()
    paths = sorted((corpora / "bad_json" / "test_parsing").glob("*.json"))
    assert len(paths) == 318
    for path in paths:
        try:
            read_json_export(path)
        except LabelFormatError as error:
            refused.add(Path(str(error).split(":")[0]).name)
    assert {path.name for path in paths if path.name.startswith("n_")} <= refused
    assert not [name for name in refused if name.startswith("y_")]


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_export, "LARGEST_BYTES", 3)
    (tmp_path / "a.json").write_text("[1, 2]")
    with pytest.raises(LabelFormatError, match="expected at most 3 bytes, got 6; split the export"):
        read_json_export(tmp_path / "a.json")


@pytest.mark.parametrize("value", [True, None, "1", [1], 10**400, float("inf")])
def test_what_is_no_finite_number_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"expected a (finite )?number 'x'"):
        to_number(value, "x")
