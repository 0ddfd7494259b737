"""One annotation is at fault for a reason of its own: raised where it is found, told as a LabelFault."""

from tasks.core.rejects import Reason


class FaultError(ValueError):
    """An annotation that cannot be imported; any other ValueError of a reader means that it is malformed."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def reason_of(error: ValueError) -> Reason:
    """The fixed word for what was raised about an annotation."""
    return error.reason if isinstance(error, FaultError) else Reason.MALFORMED
