"""`python -m tasks.asking <batch> <folder>`: write the batch's projects below the folder."""

import argparse
import sys
from pathlib import Path

from tasks.asking.projects import Asking, Project, to_asking
from tasks.core.errors import ModalweaveError
from tasks.core.strict_json import to_json


def write_projects(asking: Asking, folder: Path) -> None:
    """A folder for each project, with what Label Studio imports."""
    for project in asking.projects:
        place = folder / project.name
        place.mkdir(parents=True, exist_ok=True)
        (place / "config.xml").write_text(project.config, encoding="utf-8")
        (place / "tasks.json").write_text(tasks_text(project), encoding="utf-8")


def tasks_text(project: Project) -> str:
    """The tasks as JSON, a line each."""
    lines = (to_json(asked.task, name="tasks.json") for asked in project.items)
    return "[\n" + ",\n".join(lines) + "\n]\n"


def summary(asking: Asking) -> str:
    """How much is asked of which project, and what cannot be asked."""
    asked = [f"{len(project.items)} in '{project.name}'" for project in asking.projects]
    return f"asking {', '.join(asked) or 'nothing'}{asking.words_of_not_asked()}"


def main() -> int:
    """Write the projects in the current folder's repository; 0, or 1 with the error's one message."""
    parser = argparse.ArgumentParser(prog="python -m tasks.asking", description=__doc__)
    parser.add_argument("batch")
    parser.add_argument("folder", type=Path)
    said = parser.parse_args()
    try:
        asking = to_asking(Path("data"), said.batch)
    except ModalweaveError as error:
        sys.stderr.write(f"asking: {error}\n")
        return 1
    write_projects(asking, said.folder)
    sys.stdout.write(f"{summary(asking)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
