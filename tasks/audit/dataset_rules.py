"""One rule per stage that works on the whole dataset: every sample and every member is there, or is named.

reads   fused, exports, metrics, report, and the links and verdicts of every batch that was not refused
"""

import hashlib
import json
import tarfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from tasks.audit.account import Account, missing, unaccounted
from tasks.audit.artifacts import Artifacts
from tasks.audit.seals import audit_seal
from tasks.core.partition import PARTITION_FILE
from tasks.core.schemas import EXPORT_REJECTS, FUSE_REJECTS, ITEMS, LINKS, SAMPLES

_SUBJECT = "dataset"


def check_fuse(artifacts: Artifacts) -> Account:
    """Samples in links = samples + left out; links of a sample = its members + rejects; a group, a split."""
    links = [
        row
        for name in artifacts.taken()
        for row in artifacts.table(LINKS, name, ("sample_id", "role", "member_id")).to_pylist()
    ]
    rows = artifacts.table(SAMPLES).to_pylist()
    kept = {row["sample_id"] for row in rows}
    left_out = artifacts.rejected(FUSE_REJECTS, table=SAMPLES.name)
    faults = unaccounted("samples", {row["sample_id"] for row in links}, kept | left_out)
    faults += missing("samples are there and left out, too", kept & left_out)
    came = {_link_id(row["sample_id"], row["role"], row["member_id"]) for row in links}
    parted = artifacts.rejected(FUSE_REJECTS, table=LINKS.name)
    members = {
        _link_id(row["sample_id"], part["role"], name)
        for row in rows
        for part in row["members"]
        for name in part["ids"]
    }
    expected = {name for name in came if name.partition("|")[0] in kept}
    faults += missing("links of samples are nowhere", expected - members - parted)
    faults += missing("members of samples have no link", members - expected)
    splits: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        splits[row["group"]].add(row["split"])
    faults += missing("groups are in several splits", {name for name, own in splits.items() if len(own) > 1})
    faults += missing("vectors belong to no sample", _vectors(artifacts, "joint") - kept)
    if artifacts.folder("fused", PARTITION_FILE).is_file():
        faults += audit_seal("seal fused", _SUBJECT, artifacts.folder("fused")).faults
    counts = {"samples": len(kept), "left out": len(left_out), "members": len(members), "groups": len(splits)}
    return Account("fuse", _SUBJECT, counts, tuple(faults))


def check_export(artifacts: Artifacts) -> Account:
    """Samples = samples in the shards of each format, read back, + rejects; media are whole."""
    manifest = artifacts.json("exports", "manifest.json")
    kept = artifacts.ids(SAMPLES, "sample_id")
    rejects = artifacts.rejected(EXPORT_REJECTS)
    faults: list[str] = []
    counts = {"samples": len(kept), "rejects": len(rejects)}
    for name, splits in manifest["formats"].items():
        listed = {shard["name"]: shard for split in splits.values() for shard in split["shards"]}
        folder = artifacts.folder("exports", name)
        found = {path.name for path in folder.iterdir()}
        faults += [f"{name}: {fault}" for fault in unaccounted("shards", listed, found)]
        whole = [folder / shard for shard in listed if shard in found]
        faults += missing(
            f"shards of {name} are not what was written",
            {path.name for path in whole if _digest(path) != listed[path.name]["sha256"]},
        )
        if name in _READ_BACK:
            exported, broken = _READ_BACK[name](artifacts, whole)
            faults += [f"{name}: {fault}" for fault in unaccounted("samples", kept, exported | rejects)]
            faults += [f"{name}: {fault}" for fault in broken]
            counts[f"in {name}"] = len(exported)
    return Account("export", _SUBJECT, counts, tuple(faults))


def check_evaluate(artifacts: Artifacts) -> Account:
    """The figures count the samples that are there."""
    told = artifacts.json("metrics", "dataset.json")["samples"]["total"]
    samples = len(artifacts.ids(SAMPLES, "sample_id"))
    faults = () if told == samples else (f"the figures count {told} samples, and {samples} are there",)
    return Account("evaluate", _SUBJECT, {"samples": told}, faults)


def check_report(artifacts: Artifacts) -> Account:
    """The page names every batch."""
    page = (artifacts.folder("report") / "index.html").read_text(encoding="utf-8")
    batches = artifacts.batches()
    unnamed = missing("batches are not on the page", {name for name in batches if name not in page})
    return Account("report", _SUBJECT, {"batches": len(batches)}, tuple(unnamed))


def _link_id(sample_id: str, role: str, member_id: str) -> str:
    return f"{sample_id}|{role}|{member_id}"


def _vectors(artifacts: Artifacts, name: str) -> set[str]:
    return set(artifacts.vector_ids(artifacts.folder("fused") / f"{name}.arrow"))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _from_parquet(artifacts: Artifacts, shards: list[Path]) -> tuple[set[str], list[str]]:
    """The samples in the rows."""
    columns = (pq.read_table(path, columns=["sample_id"])["sample_id"].to_pylist() for path in shards)
    return {name for column in columns for name in column}, []


def _from_webdataset(artifacts: Artifacts, shards: list[Path]) -> tuple[set[str], list[str]]:
    """The samples in the tars; faults for files that a sample lists and lacks, and for other bytes."""
    digests = _item_digests(artifacts)
    found: set[str] = set()
    lacking: set[str] = set()
    changed: set[str] = set()
    for path in shards:
        for files in _grouped(path):
            described = json.loads(files["json"])
            found.add(described["sample_id"])
            for member in described["members"]:
                payload = files.get(member["file"])
                if payload is None:
                    lacking.add(f"{described['sample_id']} {member['file']}")
                elif member["start_ns"] is None and _differs(payload, digests.get(member["id"])):
                    changed.add(f"{described['sample_id']} {member['id']}")
    faults = missing("files that samples list are not there", lacking)
    return found, faults + missing("media are not as they were collected", changed)


def _item_digests(artifacts: Artifacts) -> dict[str, str]:
    tables = (artifacts.table(ITEMS, name, ("item_id", "sha256")) for name in artifacts.taken())
    rows = (row for table in tables for row in table.filter(pc.is_valid(table["sha256"])).to_pylist())
    return {row["item_id"]: row["sha256"] for row in rows}


def _differs(payload: bytes, digest: str | None) -> bool:
    """Whether the bytes are not those of the item; what is no item has no digest."""
    return digest is not None and hashlib.sha256(payload).hexdigest() != digest


def _grouped(path: Path) -> Iterator[dict[str, bytes]]:
    """The files of each sample, which stand together, by what follows their key."""
    key, files = "", dict[str, bytes]()
    with tarfile.open(path) as shard:
        for member in shard:
            own, _, suffix = member.name.partition(".")
            if own != key and files:
                yield files
                files = {}
            content = shard.extractfile(member)
            key, files[suffix] = own, content.read() if content else b""
    if files:
        yield files


_READ_BACK: dict[str, Callable[[Artifacts, list[Path]], tuple[set[str], list[str]]]] = {
    "parquet": _from_parquet,
    "webdataset": _from_webdataset,
}
DATASET_RULES: dict[str, Callable[[Artifacts], Account]] = {
    "fuse": check_fuse,
    "export": check_export,
    "evaluate": check_evaluate,
    "report": check_report,
}
