"""Numbers of more digits than Python converts, and of huge exponents, in every text format: never a crash."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tasks.core.errors import LabelFormatError, TableFileError
from tasks.core.label import Label, LabelFault
from tests.label_formats.examples import EXAMPLES
from tests.label_formats.exports import read_export
from tests.label_formats.test_contract import write_files

LONG = ("9" * 4301, "-" + "9" * 5000, "1e999999999", "0." + "1" * 5000)
_NUMBER = re.compile(r"-?[0-9]+(?:[.][0-9]+)?")


def texts_of(files: dict[str, Any]) -> dict[str, str]:
    texts = {name: one if isinstance(one, str | bytes) else json.dumps(one) for name, one in files.items()}
    return {name: text for name, text in texts.items() if isinstance(text, str)}


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("number", LONG, ids=["whole", "negative", "exponent", "fraction"])
def test_no_number_is_too_long_for_a_reader(name: str, number: str, tmp_path: Path) -> None:
    example = EXAMPLES[name]
    write_files(tmp_path, example.files)
    for file, text in texts_of(example.files).items():
        for found in list(_NUMBER.finditer(text))[:40]:
            (tmp_path / file).write_text(text[: found.start()] + number + text[found.end() :])
            try:
                outcomes = read_export(tmp_path, example.export, example.items)
            except (LabelFormatError, TableFileError):
                continue
            assert all(isinstance(one, Label | LabelFault) for one in outcomes)
        (tmp_path / file).write_text(text)


def test_one_box_of_too_many_digits_is_one_fault(tmp_path: Path) -> None:
    example = EXAMPLES["coco"]
    content = example.files["coco.json"]
    (good,) = content["annotations"]
    text = json.dumps({**content, "annotations": [good, {**good, "id": 8, "bbox": [1, 1, 7777, 5]}]})
    (tmp_path / "coco.json").write_text(text.replace("7777", "7" * 4301))
    label, fault = read_export(tmp_path, example.export, example.items)
    assert (label.native_id, type(label)) == ("7", Label)
    assert isinstance(fault, LabelFault)
    assert (fault.native_id, fault.detail) == ("8", "expected a finite number 'bbox'")
