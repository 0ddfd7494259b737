"""Weights of trained encoders: files on this machine, below models/, never fetched.

reads   models/: one folder or file for each set of weights
Below models/ alone, since that is the folder that dvc.yaml lists: DVC would not see changes elsewhere.
"""

from dataclasses import dataclass
from pathlib import Path

from tasks.core.errors import WeightsError
from tasks.core.partition import WEIGHTS_FOLDER

_PICKLES = frozenset({".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle"})
_POINTER = b"version https://git-lfs"


@dataclass(frozen=True)
class Weights:
    """A folder or file of weights, and the digest of all that is in it."""

    path: Path
    digest: str


def find_weights(root: Path, written: str) -> Path:
    """The absolute path of what params.yaml says; WeightsError where it is elsewhere or not there."""
    path = (root / written).absolute()
    folder = (root / WEIGHTS_FOLDER).absolute()
    if ".." in path.parts or folder not in path.parents:
        raise WeightsError(path, f"weights have to lie below {folder}, where DVC sees that they change")
    links = [place for place in (path, *path.parents) if folder in place.parents and place.is_symlink()]
    if any(place.is_dir() for place in links):
        raise WeightsError(path, "a link to a folder, which DVC does not look into; put the folder there")
    if not path.exists():
        raise WeightsError(
            path, f"there are no such weights; put them there ({WEIGHTS_FOLDER}/README.md says which files)"
        )
    return path


def require_one(weights: Weights, *names: str) -> None:
    """WeightsError where the folder has none of these files, any of which will do."""
    if not any((weights.path / name).is_file() for name in names):
        raise missing_file(weights, " or ".join(f"'{name}'" for name in names))


def missing_file(weights: Weights, needed: str) -> WeightsError:
    """What to say where the folder lacks a file."""
    return WeightsError(
        weights.path,
        f"expected a folder with {needed} in it; download it from where the model is published and put it"
        f" there ({WEIGHTS_FOLDER}/README.md says which files)",
    )


def refuse_unsafe(weights: Weights) -> None:
    """WeightsError where the folder holds a pickle and no safe file that is read instead, or a pointer."""
    for path in sorted(weights.path.rglob("*")):
        if path.suffix in _PICKLES and not any(path.parent.glob("*model*.safetensors")):
            raise WeightsError(
                path, "a pickle, which can run code when it is loaded; save the model as .safetensors"
            )
        if path.suffix == ".safetensors" and _is_pointer(path):
            raise WeightsError(
                path, "a pointer of Git LFS to the weights, not the weights; fetch them: git lfs pull"
            )


def _is_pointer(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_POINTER)) == _POINTER
