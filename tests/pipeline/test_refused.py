"""One batch that cannot be read, or that a stage cannot take, stops no other: it is named with its reason."""

import json
import sys

import pytest

from tasks.core.errors import GateStoppedError
from tasks.core.refusal import forget_mended
from tasks.core.schemas import SAMPLES
from tasks.core.tables import read_table
from tasks.core.verdict import read_verdict
from tests.conftest import Repository
from tests.label_formats.examples.csd import csd_file
from tests.media.making import photo, saved

PER_BATCH = ("collect", "label", "encode", "align", "validate")
STAGES = (*PER_BATCH, "fuse", "export", "evaluate", "report")
BATCH = """\
about: photos
license: CC0-1.0
sources: [{kind: files, path: media/, session: "{stem}"}]
align: {method: key, reference: image}
"""
# What is wrong in the batch file of each batch but the first, and how its verdict begins.
WRONG = {
    "good": ("", "", ""),
    "key": ("license:", "licence:", "delivery: data/batches/key/batch.yaml:2: unknown key 'licence'"),
    "path": (
        *("path: media/", "path: gone/"),
        "delivery: data/batches/path/batch.yaml:3: the path 'gone/' does not exist",
    ),
    "out": (
        *("path: media/", "path: ../good"),
        "delivery: data/batches/out/batch.yaml:3: the path '../good' leads out of the batch",
    ),
    "extra": (
        "sources: [{",
        "sources: [{kind: csd, path: features.csd, role: face}, {",
        "collect: reading .csd files needs the package 'h5py': make install EXTRAS=hdf5",
    ),
}


@pytest.fixture
def several(repository: Repository) -> Repository:
    """A good batch, and others to be spoiled."""
    features = csd_file("FACET", a=([[0, 0.25]], [[7.5, 8]]))
    for seed, name in enumerate(WRONG):
        photos = {f"media/{n}.jpg": saved(photo(seed=4 * seed + n), "JPEG") for n in range(4)}
        repository.add_batch(name, BATCH, {**photos, "features.csd": features})
    return repository


def batches_of_samples(repository: Repository) -> set[str]:
    return set(read_table(SAMPLES, repository.data / "fused", ("batch",))["batch"].to_pylist())


def test_accepted_batches_that_are_spoiled_leave_the_dataset_by_name_until_they_are_mended(
    several: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    several.run(*PER_BATCH, "fuse", may_refuse=True)
    assert batches_of_samples(several) == set(WRONG)
    for name, (right, wrong, _) in WRONG.items():
        batch_file = several.data / "batches" / name / "batch.yaml"
        batch_file.write_text(BATCH.replace(right, wrong, 1))
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "h5py", None)
        several.run(*STAGES, may_refuse=True)
    assert batches_of_samples(several) == {"good"}
    page = (several.data / "report/index.html").read_text(encoding="utf-8").replace("&#39;", "'")
    for name, (_, _, begin) in WRONG.items():
        verdict = read_verdict(several.data / "validated" / name)
        assert verdict.accepted == (name == "good")
        assert "".join(verdict.reasons).startswith(f"refused at {begin}" if begin else "")
        assert f"{name} is rejected: refused at {begin}" in page or name == "good"
    counted = json.loads((several.data / "metrics/dataset.json").read_text())["batches"]
    assert counted == {"accepted": 1, "rejected": 4, "total": 5}
    for name in ("key", "path", "out"):
        (several.data / "batches" / name / "batch.yaml").write_text(BATCH)
    several.run(*PER_BATCH, "fuse", may_refuse=True)
    assert batches_of_samples(several) == set(WRONG)


def test_a_refused_batch_stops_the_run_where_rejected_batches_are_to(repository: Repository) -> None:
    repository.set_param("on_rejected: quarantine", "on_rejected: stop")
    repository.add_batch("other", "about: [")
    repository.add_batch("good", BATCH, {"media/0.jpg": saved(photo(), "JPEG")})
    message = r"(?s)1 of 2 batches rejected: other, and .*other: refused at delivery: .*yaml:1: not YAML"
    with pytest.raises(GateStoppedError, match=message):
        repository.run(*PER_BATCH, may_refuse=True)
    assert read_verdict(repository.data / "validated/good").accepted


def test_a_batch_is_tried_again_once_its_extra_is_installed(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    features = csd_file("FACET", a=([[0, 0.25]], [[7.5, 8]]))
    repository.add_batch(
        "extra", BATCH.replace(*WRONG["extra"][:2]), {"features.csd": features, "media/a.txt": b"a"}
    )
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "h5py", None)
        repository.run("collect", may_refuse=True)
        refusal = repository.data / "collected/extra/refusal.json"
        assert json.loads(refusal.read_text())["package"] == "h5py"
    assert forget_mended(repository.data) == ["extra"]
    assert not refusal.exists()
    repository.run("collect")
