"""The stages in the order in which they run: the one place where flows name them."""

from enum import StrEnum


class StageName(StrEnum):
    """A stage of dvc.yaml."""

    FETCH = "fetch"
    COLLECT = "collect"
    LABEL = "label"
    ENCODE = "encode"
    ALIGN = "align"
    VALIDATE = "validate"
    FUSE = "fuse"
    EXPORT = "export"
    EVALUATE = "evaluate"
    REPORT = "report"


def stages_until(last: StageName) -> list[StageName]:
    """The stages from the first to this one."""
    stages = list(StageName)
    return stages[: stages.index(last) + 1]
