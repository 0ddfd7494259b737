"""Check the whole of params.yaml before any work: a fault in the last stage's block is told by the first.

reads   params.yaml, and of each stage the form of its parameters and what else it refuses
writes  data/.digests-params: the digest of the params.yaml that was found right. It is no artifact: deleting
        it costs the time of one check, which imports every stage (one to three seconds).
"""

import hashlib
from importlib import import_module
from pathlib import Path
from typing import Any

from tasks.core.config import read_blocks, read_node
from tasks.core.errors import ConfigError
from tasks.core.params import PARAMS_FILE, load_params
from tasks.core.registry import nearest_word

CHECKED_FILE = ".digests-params"
STAGES = (
    *("fetch", "collect", "label", "encode", "align"),
    *("validate", "fuse", "export", "evaluate", "report"),
)


def check_params(root: Path, data: Path, compute: type[Any]) -> None:
    """ConfigError for the first fault in a block, and for a block that is no stage's."""
    path, checked = root / PARAMS_FILE, data / CHECKED_FILE
    blocks = read_blocks(path, read_node(path))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if checked.is_file() and checked.read_text(encoding="utf-8") == digest:
        return
    known = ["compute", *STAGES]
    for name, line in blocks.items():
        if name not in known:
            hint = nearest_word(name, known)
            raise ConfigError(path, line, f"unknown block '{name}'; expected one of {known}.{hint}")
    load_params(root, "compute", compute)
    for name in STAGES:
        # By name, so that a stage's code is not taken for what another stage is made of.
        stage = import_module(f"tasks.{name}").STAGE
        params = load_params(root, name, stage.params)
        if stage.refuse_params is not None:
            stage.refuse_params(root, params)
    data.mkdir(parents=True, exist_ok=True)
    checked.write_text(digest, encoding="utf-8")
