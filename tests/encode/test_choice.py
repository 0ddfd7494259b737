"""Which encoder a modality has: what params.yaml may say, and what is told of what it may not."""

import re
import subprocess
import sys

import pytest

from tasks.core.errors import ConfigError, UnknownNameError, WeightsError
from tests.conftest import PROJECT, Repository
from tests.encode.test_encode import collected


@pytest.mark.parametrize(
    ("written", "error", "told"),
    [
        ("clip", ConfigError, "encode.image: 'clip' needs weights: {encoder: clip, weights: models/...}"),
        ("{encoder: picture_layout, weights: models/x}", ConfigError, "'picture_layout' has no weights"),
        (
            "{encoder: clap, weights: models/x}",
            ConfigError,
            "'clap' encodes audio and text; choose one of ['clip',",
        ),
        ("{encoder: clipp, weights: models/x}", UnknownNameError, "Did you mean 'clip'?"),
        (
            "{encoder: clip, weights: models/none}",
            WeightsError,
            "models/none: there are no such weights; put them",
        ),
        ("{encoder: clip, weights: data/x}", WeightsError, "models, where DVC sees that they change"),
        ("{encoder: clip, weights: models/../data}", WeightsError, "models, where DVC sees that they change"),
        ("{encoder: clip, weights: models}", WeightsError, "models, where DVC sees that they change"),
        ("{encoder: clip, weights: /elsewhere}", WeightsError, "/elsewhere: weights have to lie below"),
        ("{encoder: clip}", ConfigError, "encode.image: the key 'weights' is missing"),
        ("{encoder: clip, weight: models/x}", ConfigError, "Did you mean 'weights'?"),
        ("[clip, models/x]", ConfigError, "encode.image: expected a text, got a list"),
    ],
)
def test_what_cannot_be_meant_is_told(
    repository: Repository, written: str, error: type[Exception], told: str
) -> None:
    collected(repository, {})
    (repository.root / "models" / "x").mkdir(parents=True)
    repository.set_param("image: picture_layout", f"image: {written}")
    with pytest.raises(error, match=re.escape(told)):
        repository.run("encode")


def test_a_link_to_a_folder_is_refused(repository: Repository) -> None:
    collected(repository, {})
    (repository.root / "elsewhere").mkdir()
    (repository.root / "models").mkdir()
    (repository.root / "models" / "x").symlink_to(repository.root / "elsewhere")
    repository.set_param("image: picture_layout", "image: {encoder: clip, weights: models/x}")
    with pytest.raises(WeightsError, match="models/x: a link to a folder, which DVC does not look into"):
        repository.run("encode")


@pytest.mark.parametrize(
    ("encoder", "modality", "package", "extra"),
    [
        ("clip", "image", "torch", "clip"),
        ("clap", "audio", "torch", "clap"),
        ("sentence_transformers", "text", "torch", "sentence-transformers"),
        ("vgg16", "image", "keras", "keras"),
    ],
)
def test_a_missing_package_is_told_with_the_extra_that_brings_it(
    encoder: str, modality: str, package: str, extra: str
) -> None:
    program = (
        "import sys; from pathlib import Path;"
        f"sys.modules.update(h5py=sys, {package}=None);"
        "from tasks.trained_encoders import TRAINED_ENCODERS; from tasks.core.weights import Weights;"
        f"TRAINED_ENCODERS['{encoder}'].load(Weights(Path('models/x'), ''), '{modality}')"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True)
    told = (
        f"MissingExtraError: the encoder {encoder} needs the package '{package}': make install EXTRAS={extra}"
    )
    assert ended.stderr.strip().splitlines()[-1].endswith(told)
