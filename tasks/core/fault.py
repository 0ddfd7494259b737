"""Why something cannot be used, in the two forms that everything else is made of."""

from dataclasses import dataclass

from tasks.core.rejects import Reason


@dataclass(frozen=True)
class Fault:
    """Why media or a label cannot be used: a fixed word, and a sentence for a person."""

    reason: Reason
    detail: str

    def __str__(self) -> str:
        """As the column `items.error` has it."""
        return f"{self.reason}: {self.detail}"
