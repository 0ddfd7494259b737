import os
from pathlib import Path

import pytest

from tasks.core.decoder_noise import DecoderNoise
from tests.conftest import Repository
from tests.media.making import photo, saved

BATCH = (
    "about: a\nlicense: CC0-1.0\nsources: [{kind: files, path: .}]\nalign: {method: key, reference: image}\n"
)


def test_what_a_library_writes_is_told_with_the_name_of_the_file(capfd: pytest.CaptureFixture[str]) -> None:
    with DecoderNoise() as noise:
        os.write(2, b"bad tag\nbad tag\nworse tag\n")
        noise.tell("b/a.tif")
        noise.tell("b/silent.tif")
        os.write(2, b"".join(b"line %d\n" % number for number in range(8)))
        noise.tell("b/b.tif")
    os.write(2, b"behind\n")
    assert capfd.readouterr().err.splitlines() == [
        "b/a.tif: bad tag",
        "b/a.tif: worse tag",
        *(f"b/b.tif: line {number}" for number in range(5)),
        "b/b.tif: and 3 lines more",
        "behind",
    ]


def test_standard_error_is_given_back_when_decoding_fails(capfd: pytest.CaptureFixture[str]) -> None:
    def decode() -> None:
        with DecoderNoise():
            os.write(2, b"half a line")
            raise ValueError("torn")

    with pytest.raises(ValueError, match="torn"):
        decode()
    os.write(2, b"behind\n")
    assert capfd.readouterr().err == "a decoder: half a line\nbehind\n"


def test_no_line_of_a_decoder_lacks_its_file(
    repository: Repository, capfd: pytest.CaptureFixture[str]
) -> None:
    broken = bytearray(saved(photo(), "TIFF", compression="tiff_adobe_deflate"))
    broken[len(broken) // 3 : len(broken) // 3 + 40] = bytes(40)
    folder: Path = repository.add_batch("b", BATCH)
    (folder / "torn.tif").write_bytes(bytes(broken))
    repository.run("fetch")
    capfd.readouterr()
    repository.run("collect")
    lines = capfd.readouterr().err.splitlines()
    assert lines
    assert [line for line in lines if not line.startswith("b/torn.tif: ")] == []
