"""The bundled sample can be made again, byte for byte, and is small enough for git."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT

LARGEST_BYTES = 10_000_000
SPEAKER_VERSION = "1.51"


def digests(root: Path) -> dict[str, str]:
    files = [*(root / "data" / "batches").rglob("*"), root / "tests" / "sample_truth.json"]
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.is_file() and path.name != "README.md"
    }


@pytest.fixture
def same_speaker() -> None:
    """Another version of espeak-ng speaks other bytes."""
    program = shutil.which("espeak-ng")
    if program is None:
        pytest.skip("espeak-ng, which speaks the slide show, is not installed")
    found = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    if f" {SPEAKER_VERSION} " not in found:
        pytest.skip(f"the slide show was spoken by espeak-ng {SPEAKER_VERSION}, this is: {found.strip()}")


@pytest.mark.usefixtures("same_speaker")
def test_the_sample_is_made_again_byte_for_byte(tmp_path: Path) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "sample", "--into", str(tmp_path)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.stderr == ""
    assert digests(tmp_path) == digests(PROJECT)


def test_the_sample_is_small() -> None:
    sizes = [path.stat().st_size for path in (PROJECT / "data" / "batches").rglob("*") if path.is_file()]
    assert 1_000_000 < sum(sizes) < LARGEST_BYTES


def test_a_missing_speech_program_is_named(tmp_path: Path) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "sample", "--into", str(tmp_path)],
        cwd=PROJECT,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 1
    assert "espeak-ng" in made.stderr
    assert not (tmp_path / "data").exists()
