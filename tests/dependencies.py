"""After imports have changed, rewrite what dvc.yaml lists: `python -m tests.dependencies`."""

import re

from tests.conftest import PROJECT
from tests.test_architecture import STAGES, loaded_files


def rewrite() -> None:
    """Put the files that each stage loads in place of the ones that are listed."""
    path = PROJECT / "dvc.yaml"
    text = path.read_text(encoding="utf-8")
    for stage in STAGES:
        lines = "".join(f"      - {file}\n" for file in sorted(loaded_files(stage)))
        block = re.compile(
            rf"(^  {stage}:[^\n]*\n.*?^    deps:\n)(?:      - tasks/\S+\n)*", re.MULTILINE | re.DOTALL
        )
        found = block.search(text)
        if found is None:
            raise ValueError(f"dvc.yaml has no stage '{stage}' with deps")
        text = text[: found.start()] + found[1] + lines + text[found.end() :]
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    rewrite()
