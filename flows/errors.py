"""What a flow raises on purpose, below the tree of tasks/core/errors.py.

ModalweaveError
├── WrongPlaceError          not the root of the repository, or inside a stage that DVC runs
├── CommandError             a command of git or DVC failed: what it said
│   └── StageFailedError     a stage failed: its own message
├── DeliveryError            a delivery cannot be taken in as it is, or not under this name
├── LabelStudioError         a Label Studio server refused, is not there, or is not to be spoken to
└── UnrecordableError        the version would not say what the dataset was built from
"""

from tasks.core.errors import ModalweaveError


class WrongPlaceError(ModalweaveError):
    """A flow was started where it cannot run."""


class CommandError(ModalweaveError):
    """A command failed, or was stopped because it took too long."""


class StageFailedError(CommandError):
    """A stage failed, or a gate in it stopped the run."""

    def __init__(self, targets: str, message: str) -> None:
        super().__init__(f"{targets} failed: {message}")


class DeliveryError(ModalweaveError):
    """A delivery stays in the inbox."""


class UnrecordableError(ModalweaveError):
    """What the dataset was built from is not in git."""


class LabelStudioError(ModalweaveError):
    """A Label Studio server did not do what it was asked, or must not be asked."""
