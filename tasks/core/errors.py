"""Everything Modalweave raises on purpose, drawn as one tree.

ModalweaveError
├── FileError              something is wrong in a file: where, what was expected, what came
│   ├── ConfigError        batch.yaml, waiver.yaml, params.yaml or dvc.yaml says what cannot be meant
│   │   └── PathEscapeError  a path leads out of its batch
│   ├── TableFileError     a CSV, TSV, JSONL, Parquet or CSD file cannot be read
│   ├── LabelFormatError   a label export is not what its format says
│   └── WeightsError       the weights of an encoder are not there, or cannot be loaded safely
├── InvalidBatchesError    every ConfigError of some batch files, told at once
├── SchemaError            a table does not have the columns, types or keys of its specification
├── UnknownNameError       no plug-in of that name
├── SourceError            media cannot be listed or changed while they were read
├── ClockError             a clock cannot be put on the reference clock
├── MissingExtraError      an optional package is not installed
└── RunError               no single batch is to blame: the whole run stops
    ├── SuiteError           an expectation suite would not check what it declares
    ├── MissingInputError    a stage ran before the one it reads from
    ├── DamagedInputError    a file that a stage made is no longer what it made
    ├── UnfinishedError      a stage was cut short from outside, and goes on when it is run again
    ├── MachineError         the operating system refused: a full disk, a missing permission, killed workers
    ├── RepositoryBusyError  another build holds the repository
    └── GateStoppedError     a gate rejected something and the run was told to stop

An error's text says where, what was expected, what came, and what to do. Where a stage works on one batch,
an error that is no RunError refuses that batch and the others go on (see `stage.py`); all others stop the
stage: `python -m tasks.<stage>` prints them without a traceback and exits with 1. Anything else that escapes
is a defect of ours.
"""

from collections.abc import Sequence
from pathlib import Path


class ModalweaveError(Exception):
    """Root of all errors that are raised on purpose."""

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        """The way back from a worker's process: by its text, since constructors take other arguments."""
        return _from_text, (type(self), self.args, self.__dict__)


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
        super().__init__(f"{len(faults)} fault(s) in the batch files:\n  {lines}")


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


class ClockError(ModalweaveError):
    """A clock cannot be put on the reference clock with the given means."""


class MissingExtraError(ModalweaveError):
    """An optional package is needed and not installed."""

    def __init__(self, package: str, *, needed_by: str, extra: str) -> None:
        super().__init__(f"{needed_by} needs the package '{package}': make install EXTRAS={extra}")
        self.package = package
        self._told = (needed_by, extra)

    def about(self, name: str) -> "MissingExtraError":
        """The same error, of a file of that name."""
        needed_by, extra = self._told
        return MissingExtraError(self.package, needed_by=f"{name}: {needed_by}", extra=extra)


class RunError(ModalweaveError):
    """What no single batch is to blame for."""


class SuiteError(RunError):
    """An expectation suite is broken, or would check less than it declares."""


class MissingInputError(RunError):
    """A stage's input does not exist yet."""


class DamagedInputError(RunError):
    """A file that a stage made is no longer what it made."""


class UnfinishedError(RunError):
    """A stage was cut short by something outside; run again, it goes on where it was."""


class MachineError(RunError):
    """The operating system refused to go on."""


class RepositoryBusyError(RunError):
    """Another process builds in this repository."""


class GateStoppedError(RunError):
    """A gate rejected something, and `validate.on_rejected` says stop."""


def _from_text(kind: type[ModalweaveError], args: tuple[object, ...], state: dict[str, object]) -> object:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error
