"""Pictures that an export declares to have nothing on them, which is not the same as saying nothing of them.

The label has the task, no class, no text and no place, and the attribute `negative`. A picture that nobody
looked at has no label at all.
"""

from typing import Any

from tasks.core.label import NEGATIVE, Label


def negative_label(native_id: str, origin: str, task: str, common: dict[str, Any]) -> Label:
    """The label that says: nothing of that kind is on this picture."""
    return Label(native_id=native_id, task=task, origin=origin, attributes={NEGATIVE: "true"}, **common)
