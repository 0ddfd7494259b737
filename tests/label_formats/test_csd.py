from pathlib import Path

import h5py
import numpy as np
import pytest

from tasks.core.errors import TableFileError
from tasks.core.label import Label, LabelFault
from tasks.core.label_entries import TimedExport
from tasks.core.rejects import Reason
from tests.label_formats.examples.csd import csd_file
from tests.label_formats.exports import labels_of, read_export

INTERVALS = [[0.1, 0.30000000000000004], [1e-9, 2]]


def test_one_number_is_a_label_and_several_are_attributes(tmp_path: Path) -> None:
    numbers = {"one[3]": np.array([[0.1], [3]], np.float32), "two": np.array([[1, -2], [3, 4]])}
    videos = {name: (INTERVALS, features) for name, features in numbers.items()}
    (tmp_path / "a.csd").write_bytes(csd_file("Labels", **videos))
    found = labels_of(tmp_path, TimedExport("csd", "a.csd", task="sentiment"))
    assert [(one.native_id, one.media, one.label, one.attributes) for one in found] == [
        ("one[3]/1", "one", "0.1", None),
        ("one[3]/2", "one", "3.0", None),
        ("two/1", "two", None, {"value_1": "1", "value_2": "-2"}),
        ("two/2", "two", None, {"value_1": "3", "value_2": "4"}),
    ]
    assert [(one.start_ns, one.end_ns) for one in found[:2]] == [
        (100_000_000, 300_000_000),
        (1, 2_000_000_000),
    ]


def test_the_metadata_name_the_numbers(tmp_path: Path) -> None:
    (tmp_path / "a.csd").write_bytes(csd_file("Labels", v=([[0, 1]], [[0.5, 1]])))
    with h5py.File(tmp_path / "a.csd", "a") as file:
        file.create_dataset("Labels/metadata/dimension names", data=['["happy", "sad"]'])
    (label,) = labels_of(tmp_path, TimedExport("csd", "a.csd"))
    assert label.attributes == {"happy": "0.5", "sad": "1.0"}


def test_what_cannot_be_a_label_is_a_fault_and_the_next_is_read(tmp_path: Path) -> None:
    videos = {
        "a": ([[0, 1]], np.zeros((1, 65))),
        "b": ([[0, 1], [1, 2]], [1]),
        "c": ([[0, np.nan]], [1]),
        "d": ([0, 1], [1]),
        "e": ([[0, 1], [1, 2]], np.array([b"\xff", b"ok"])),
        "f": (np.zeros((0, 2)), np.zeros((0, 1))),
    }
    (tmp_path / "a.csd").write_bytes(csd_file("words", **videos))
    outcomes = read_export(tmp_path, TimedExport("csd", "a.csd"))
    assert [(one.native_id, one.reason) for one in outcomes if isinstance(one, LabelFault)] == [
        ("a", Reason.UNSUPPORTED_LABEL),
        ("b", Reason.MALFORMED),
        ("c", Reason.MALFORMED),
        ("d", Reason.MALFORMED),
        ("e/1", Reason.WRONG_ENCODING),
    ]
    assert [one.text for one in outcomes if isinstance(one, Label)] == ["ok"]


def test_nothing_outside_of_the_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "secret.csd").write_bytes(csd_file("words", v=([[0, 1]], [b"secret"])))
    (tmp_path / "a.csd").write_bytes(csd_file("words", linked=([[0, 1]], [b"x"])))
    (tmp_path / "raw").write_bytes(b"secret".ljust(16))
    with h5py.File(tmp_path / "a.csd", "a") as file:
        data = file["words/data"]
        data["outside"] = h5py.ExternalLink("secret.csd", "/words/data/v")
        del data["linked/features"]
        data["linked/features"] = h5py.ExternalLink("secret.csd", "/words/data/v/features")
        data["raw/intervals"] = [[0, 1]]
        data.create_dataset("raw/features", (1,), "S6", external=[(str(tmp_path / "raw"), 0, 16)])
        layout = h5py.VirtualLayout((1,), "S6")
        layout[:] = h5py.VirtualSource(str(tmp_path / "secret.csd"), "words/data/v/features", (1,))
        data["virtual/intervals"] = [[0, 1]]
        data.create_virtual_dataset("virtual/features", layout)
    outcomes = read_export(tmp_path, TimedExport("csd", "a.csd"))
    assert [one.native_id for one in outcomes if isinstance(one, LabelFault)] == [
        "linked",
        "outside",
        "raw",
        "virtual",
    ]
    assert len(outcomes) == 4
    assert "secret" not in str(outcomes).replace("secret.csd", "")


def test_a_file_without_one_root_is_an_error(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.csd", "w") as file:
        file.create_group("one/data")
        file.create_group("two/data")
    with pytest.raises(TableFileError, match="expected one root with a group 'data' in it"):
        read_export(tmp_path, TimedExport("csd", "a.csd"))
