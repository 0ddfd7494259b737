"""Everything Modalweave raises on purpose, drawn as one tree.

ModalweaveError
├── FileError              something is wrong in a file: where, what was expected, what came
│   ├── ConfigError        batch.yaml, waiver.yaml, params.yaml or dvc.yaml says what cannot be meant
│   │   └── PathEscapeError  a path leads out of its batch
│   ├── TableFileError     a CSV, TSV, JSONL, Parquet or CSD file cannot be read
│   ├── LabelFormatError   a label export is not what its format says
│   └── WeightsError       the weights of an encoder are not there, or cannot be loaded safely
├── InvalidBatchesError    every ConfigError of one run, told at once
├── SchemaError            a table does not have the columns, types or keys of its specification
├── UnknownNameError       no plug-in of that name
├── SourceError            media cannot be listed or changed while they were read
├── ClockError             a clock cannot be put on the reference clock
├── SuiteError             an expectation suite would not check what it declares
├── MissingExtraError      an optional package is not installed
├── MissingInputError      a stage ran before the one it reads from
├── RepositoryBusyError    another build holds the repository
└── GateStoppedError       a gate rejected something and the run was told to stop

An error's text says where, what was expected, what came, and what to do; `python -m tasks.<stage>`
prints it without a traceback and exits with 1. Anything else that escapes is a defect of ours.
"""

from collections.abc import Sequence
from pathlib import Path


class ModalweaveError(Exception):
    """Root of all errors that are raised on purpose."""


class FileError(ModalweaveError):
    """Something is wrong in a file; `line` counts from 1, `detail` is the message without the file's path."""

    def __init__(self, path: Path, line: int | None, message: str) -> None:
        where = f"{path}:{line}" if line else f"{path}"
        super().__init__(f"{where}: {message}")
        self.detail = f"line {line}: {message}" if line else message


class ConfigError(FileError):
    """A YAML file says something that cannot be meant; `line` counts from 1."""


class PathEscapeError(ConfigError):
    """A path in a batch file leads out of the batch folder."""


class InvalidBatchesError(ModalweaveError):
    """All the faults found in the batch files of one run."""

    def __init__(self, faults: Sequence[ConfigError]) -> None:
        self.faults = tuple(faults)
        lines = "\n  ".join(str(fault) for fault in faults)
        super().__init__(f"{len(faults)} fault(s) in the batch files; nothing was built:\n  {lines}")


class SchemaError(ModalweaveError):
    """A table is not what its specification says."""

    def __init__(self, table: str, message: str) -> None:
        super().__init__(f"table '{table}': {message}")


class UnknownNameError(ModalweaveError, KeyError):
    """A registry has no entry of that name."""

    def __str__(self) -> str:
        """Undo KeyError's quoting, which would escape the sentence."""
        return str(self.args[0])


class SourceError(ModalweaveError):
    """Media cannot be listed, or changed while they were being read."""


class TableFileError(FileError):
    """A table file is broken as a whole; a single broken row has a fault instead."""


class LabelFormatError(FileError):
    """A label export is broken as a whole; a single broken label is a reject, not an error."""


class WeightsError(FileError):
    """The weights of a trained encoder are not there, are no such weights, or could run code when loaded."""

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(path, None, message)
        self._told = (path, message)

    def __reduce__(self) -> tuple[object, tuple[Path, str]]:
        """The way back from a worker's process: made anew from what it was made from."""
        return WeightsError, self._told


class ClockError(ModalweaveError):
    """A clock cannot be put on the reference clock with the given means."""


class SuiteError(ModalweaveError):
    """An expectation suite is broken, or would check less than it declares."""


class MissingExtraError(ModalweaveError):
    """An optional package is needed and not installed."""

    def __init__(self, package: str, *, needed_by: str, extra: str) -> None:
        super().__init__(f"{needed_by} needs the package '{package}': make install EXTRAS={extra}")
        self._told = (package, needed_by, extra)

    def __reduce__(self) -> tuple[object, tuple[str, str, str]]:
        """The way back from a worker's process, which knows no arguments by name."""
        return _missing_extra, self._told


class MissingInputError(ModalweaveError):
    """A stage's input does not exist yet."""


class RepositoryBusyError(ModalweaveError):
    """Another process builds in this repository."""


class GateStoppedError(ModalweaveError):
    """A gate rejected something, and `validate.on_rejected` says stop."""


def _missing_extra(package: str, needed_by: str, extra: str) -> MissingExtraError:
    return MissingExtraError(package, needed_by=needed_by, extra=extra)
