"""Samples in the shards of WebDataset: each member that is media is an item, its sample is its session.

reads   the directories of the tars that a `webdataset` source names; compressed ones are unpacked first
Ids are `<shard>/<member>`. A member's role is the modality of its bytes, and where its extension has several
parts (`left.jpg`) what stands before the last. `.cls` and `.json` are labels: the label format `webdataset`
reads them. They are left out where a labels entry names their shard, or `extensions` does not name them; else
each is an unreadable item, so they are seen. In one session an extension is there once.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tasks.core.archives import TAR_SUFFIXES, read_archive
from tasks.core.archives.member import Member
from tasks.core.batch import Batch
from tasks.core.belonging import Rules, rules_of
from tasks.core.candidate import Candidate, Delivery, SourceKind
from tasks.core.config import written_paths
from tasks.core.delivered import root_of
from tasks.core.delivered_files import files_below
from tasks.core.fault import Fault
from tasks.core.label_entries import WebDatasetExport
from tasks.core.rejects import Reason
from tasks.core.source_entries import WebDatasetSource
from tasks.core.webdataset import is_label, split_member_name

_PLACEHOLDERS = ("key", "shard", "batch")


@dataclass(frozen=True)
class _Listing:
    """One source as its members are turned into candidates; `seen` are its sessions' extensions."""

    batch: Batch
    options: WebDatasetSource
    rules: Rules
    label_places: tuple[Path, ...]
    seen: dict[tuple[str, str], str] = field(default_factory=dict)

    def takes(self, shard: Path, extension: str) -> bool:
        """Whether a member of this extension is of this source."""
        if self.options.extensions:
            return extension in self.options.extensions
        return not (is_label(extension) and self._has_labels(shard))

    def _has_labels(self, shard: Path) -> bool:
        return any(shard == place or place in shard.parents for place in self.label_places)


def list_members(delivery: Delivery, options: WebDatasetSource) -> Iterator[Candidate]:
    """A candidate per member that is taken, in the order of their ids; one per shard that is broken."""
    batch = delivery.batch
    rules = rules_of(batch, options, _PLACEHOLDERS)
    exports = [export for export in batch.file.labels if isinstance(export, WebDatasetExport)]
    labelled = tuple(batch.path(path) for export in exports for path in written_paths(export))
    listing = _Listing(batch, options, rules, labelled)
    candidates = [
        candidate
        for written in written_paths(options)
        for candidate in _candidates_below(listing, written, delivery.scratch)
    ]
    yield from sorted(candidates, key=lambda candidate: candidate.native_id)


def _candidates_below(listing: _Listing, written: str, scratch: Path) -> Iterator[Candidate]:
    root = root_of(listing.batch, written)
    for shard, fault in files_below(root, listing.batch.path(written), TAR_SUFFIXES):
        name = root.id_of(shard)
        if fault:
            yield _to_candidate(listing, name, Member("", fault))
            continue
        for member in read_archive(shard, scratch):
            if not member.name or listing.takes(shard, split_member_name(member.name)[1]):
                yield _to_candidate(listing, name, member)


def _to_candidate(listing: _Listing, shard: str, member: Member) -> Candidate:
    options = listing.options
    key, extension = split_member_name(member.name)
    name = f"{shard}/{member.name}" if member.name else shard
    values = {"key": key or shard, "shard": shard, "batch": listing.batch.name}
    belonging = listing.rules.apply(values, key or shard, name.split("/")[:-1] or [name])
    content = member.content
    if not isinstance(content, Fault):
        content = _fault_of(listing, name, belonging.session, extension) or content
    return belonging.of(
        Candidate(
            name,
            name,
            role=options.role or extension.rpartition(".")[0] or None,
            clock=options.clock,
            content=None if isinstance(content, Fault) else content,
            name=name,
            fault=content if isinstance(content, Fault) else None,
        )
    )


def _fault_of(listing: _Listing, name: str, session: str, extension: str) -> Fault | None:
    if is_label(extension):
        advice = "name the shards under labels as format: webdataset, or what to take in `extensions`"
        return Fault(Reason.UNKNOWN_MEDIA, f".{extension} is no media: {advice}")
    first = listing.seen.setdefault((session, extension), name)
    if first != name:
        detail = f"'{session}' has its .{extension} in '{first}'"
        return Fault(Reason.REPEATED, f'{detail}; are keys only of their shard? session: "{{shard}}/{{key}}"')
    return None


SOURCE = SourceKind("webdataset", WebDatasetSource, list_members)
