"""The round trip with Label Studio: `python -m flows.label_studio push|pull <batch> --url http://127.0.0.1:8080`.

push  brings what `tasks/asking` asks about the batch to the server: a project for each modality, with its
      labelling config, the media, the tasks and what is known so far as predictions. A task that is there and
      not finished is not added again. A project with another config stays as it is, for its answers were
      given to that: a further one, numbered, is made.
pull  brings the finished annotations back, as `answers/label-studio-<project>.json` in the batch's folder, in
      Label Studio's own export format, and says what batch.yaml has to name; the next build imports them. It
      settles what was asked: answers are marked as ground truth, or with --as-votes count as one more voice.

The token comes from the environment variable LABEL_STUDIO_API_KEY or from --token-file. Addresses other than
this machine's are refused without --allow-remote. The server may be set up with `make label-studio`.
"""

import argparse
import hashlib
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from flows.errors import LabelStudioError
from flows.label_studio_answers import ANSWERS_FOLDER, delivered_task, write_answers
from flows.label_studio_server import LabelStudio, refuse_remote
from flows.reproduce import repository_root
from tasks.asking.controls import ITEM_KEY, QUESTION_KEY, SHOWN_SUFFIXES
from tasks.asking.projects import PROJECT_NAMES, AskedItem, Project, to_asking
from tasks.core.batch import BATCH_FILE, Batch, read_batches
from tasks.core.errors import ModalweaveError
from tasks.core.lock import hold_build
from tasks.core.shards import ShardReader

TOKEN_VARIABLE = "LABEL_STUDIO_API_KEY"  # noqa: S105 - the name, not the token
_LONGEST_TITLE = 45


def push(root: Path, batch: str, server: LabelStudio) -> str:
    """Bring the batch's queue to the server; what was asked, and what was not."""
    asking = to_asking(root / "data", batch)
    with ShardReader(root / "data" / "collected" / batch) as shards:
        pushed = [_push_project(batch, project, server, shards) for project in asking.projects]
    return f"asked {', '.join(pushed) or 'nothing'}{asking.words_of_not_asked()}"


def pull(batch: Batch, server: LabelStudio, *, settle: bool) -> str:
    """Bring the answers into the batch's folder; what came, and what batch.yaml has to say."""
    told = []
    for name in PROJECT_NAMES:
        projects = server.projects(title_of(batch.name, name))
        tasks = [task for number in projects for task in server.finished_tasks(number)]
        if tasks:
            path = Path(ANSWERS_FOLDER, f"label-studio-{name}.json")
            write_answers(batch.folder / path, [delivered_task(task, settle=settle) for task in tasks])
            told.append(f"{len(tasks)} answered in {path.as_posix()}{_to_declare(batch, path.as_posix())}")
    return "; ".join(told) or "no answers yet"


def title_of(batch: str, project: str) -> str:
    """What a batch's project is called on the server, which takes 50 characters, with its number."""
    title = f"{batch} {project}"
    if len(title) <= _LONGEST_TITLE:
        return title
    digest = hashlib.sha256(title.encode()).hexdigest()[:8]
    return f"{title[: _LONGEST_TITLE - len(digest) - 1]}~{digest}"


def _push_project(batch: str, project: Project, server: LabelStudio, shards: ShardReader) -> str:
    title = title_of(batch, project.name)
    known = server.projects(title)
    there = {_identity(task["data"]) for number in known for task in server.open_tasks(number)}
    new = [asked for asked in project.items if _identity(asked.task["data"]) not in there]
    if not new:
        return f"0 new in '{title}'"
    number = next((one for one, config in known.items() if config == project.config), None)
    if number is None:
        numbered = f"{title} {len(known) + 1}" if known else title
        number = server.create_project(numbered, project.config)
    server.add_tasks(number, [_with_media(asked, project.modality, number, server, shards) for asked in new])
    return f"{len(new)} new in '{title}' (project {number})"


def _identity(data: Mapping[str, Any]) -> tuple[str, str]:
    """What tells a project's tasks apart."""
    return str(data.get(ITEM_KEY)), str(data.get(QUESTION_KEY) or "")


def _with_media(
    asked: AskedItem, modality: str, project: int, server: LabelStudio, shards: ShardReader
) -> Mapping[str, Any]:
    """The task with the address of its media, which are uploaded from the shards; a text needs none."""
    if modality == "text":
        return asked.task
    item = asked.item
    # A name of our own: the server changes others, and the item is told by its id.
    name = f"{hashlib.sha256(item['item_id'].encode()).hexdigest()[:16]}{SHOWN_SUFFIXES[item['media_type']]}"
    payload = shards.read(item["shard"], item["offset"], item["size"])
    return {**asked.task, "data": {**asked.task["data"], modality: server.upload(project, name, payload)}}


def _to_declare(batch: Batch, path: str) -> str:
    if any(getattr(export, "path", None) == path for export in batch.file.labels):
        return ""
    return f" (name it under labels in {BATCH_FILE}: - {{format: label_studio, path: {path}}})"


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m flows.label_studio")
    parser.add_argument("direction", choices=["push", "pull"])
    parser.add_argument("batch")
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument("--token-file", type=Path, help=f"instead of the variable {TOKEN_VARIABLE}")
    parser.add_argument("--as-votes", action="store_true", help="answers are votes, not the ground truth")
    parser.add_argument("--allow-remote", action="store_true", help="speak to another machine")
    return parser.parse_args(arguments)


def _token(file: Path | None) -> str:
    try:
        token = os.environ.get(TOKEN_VARIABLE, "") if file is None else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LabelStudioError(f"the token cannot be read: {error}") from error
    if not token.strip():
        raise LabelStudioError(f"no token: set {TOKEN_VARIABLE}, or name a file with --token-file")
    return token.strip()


def _batch(root: Path, name: str) -> Batch:
    batches = {batch.name: batch for batch in read_batches(root / "data" / "batches")}
    if name not in batches:
        raise LabelStudioError(f"there is no batch '{name}'; there are {sorted(batches)}")
    return batches[name]


def run(arguments: Sequence[str] | None = None) -> str:
    """Do what the command line asks, in the current folder's repository; a line that says what was done."""
    said = _arguments(arguments)
    root = repository_root()
    if not said.allow_remote:
        refuse_remote(said.url)
    server, batch = LabelStudio(said.url, _token(said.token_file)), _batch(root, said.batch)
    # Neither reads half a build nor changes a batch under one.
    with hold_build(root / "data", f"label studio {said.direction}"):
        if said.direction == "push":
            return push(root, batch.name, server)
        return pull(batch, server, settle=not said.as_votes)


def main() -> int:
    """Run the command; 0, or 1 with the error's one message."""
    try:
        sys.stdout.write(f"{run()}\n")
    except ModalweaveError as error:
        sys.stderr.write(f"label studio: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
