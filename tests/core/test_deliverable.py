import os
import socket
from pathlib import Path

import pytest

from tasks.core.batch import read_deliveries
from tasks.core.deliverable import main, refuse_undeliverable
from tasks.core.errors import ConfigError
from tests.conftest import Repository

BATCH = (
    "about: a\nlicense: CC0-1.0\nsources: [{kind: files, path: .}]\nalign: {method: key, reference: image}\n"
)


def test_what_is_no_file_is_refused_by_name_even_where_it_is_hidden(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    os.mkfifo(tmp_path / "deep" / ".pipe")
    with pytest.raises(ConfigError, match=r"deep/\.pipe: it is a named pipe, not a file; take it out"):
        refuse_undeliverable(tmp_path)


def test_a_socket_and_a_link_to_a_device_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "null").symlink_to("/dev/null")
    with pytest.raises(ConfigError, match="null: it is a device"):
        refuse_undeliverable(tmp_path)
    (tmp_path / "null").unlink()
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("here")
        with pytest.raises(ConfigError, match="here: it is a socket"):
            refuse_undeliverable(tmp_path)


@pytest.mark.parametrize("folder", [True, False])
def test_a_name_that_is_not_utf_8_is_refused_with_its_bytes(tmp_path: Path, *, folder: bool) -> None:
    place = os.fsencode(tmp_path) + b"/gr\xfc\xdfe.jpg"
    made = Path(os.fsdecode(place))
    made.mkdir() if folder else made.touch()
    with pytest.raises(ConfigError, match=r"gr\\xfc\\xdfe\.jpg: the name is not UTF-8"):
        refuse_undeliverable(tmp_path)


def test_a_batch_file_that_is_a_pipe_and_a_source_that_is_one_are_refused(repository: Repository) -> None:
    pipe = repository.root / "pipe"
    os.mkfifo(pipe)
    repository.add_batch("far", BATCH.replace("path: .", f"path: {pipe}"))
    os.mkfifo(repository.add_batch("own", BATCH) / "more")
    (repository.data / "batches" / "own" / "batch.yaml").unlink()
    (repository.data / "batches" / "own" / "more").rename(repository.data / "batches" / "own" / "batch.yaml")
    faults = read_deliveries(repository.data / "batches").faults
    assert "batch.yaml:3: the path" in str(faults["far"])
    assert "is neither a file nor a folder" in str(faults["far"])
    assert str(faults["own"]).endswith("batch.yaml: it is a named pipe, not a file; take it out of the batch")


def test_files_folders_and_links_pass(tmp_path: Path) -> None:
    (tmp_path / "größe").mkdir()
    (tmp_path / "größe" / "a.jpg").write_bytes(b"")
    (tmp_path / "link").symlink_to("größe")
    (tmp_path / "self").symlink_to("self")
    refuse_undeliverable(tmp_path)


def test_make_looks_at_every_batch_before_dvc_does(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("good", "bad"):
        repository.add_batch(name, BATCH)
    monkeypatch.chdir(repository.root)
    assert main() == 0
    os.mkfifo(repository.data / "batches" / "bad" / "pipe")
    assert main() == 1
    assert capsys.readouterr().err.startswith("data/batches/bad/pipe: it is a named pipe")


def test_a_stage_refuses_such_a_batch_by_name_and_builds_the_others(repository: Repository) -> None:
    for name in ("good", "bad"):
        repository.add_batch(name, BATCH)
    os.mkfifo(repository.data / "batches" / "bad" / "pipe")
    assert "1 built, 0 unchanged, 1 refused (bad)" in repository.run("collect", may_refuse=True)
