"""Labels in the shards of WebDataset: the `.cls` and `.json` members of a sample, about its media member.

Format: WebDataset's own layout. A `.cls` holds one class, a number or a name, as text in UTF-8. Of a `.json`,
an object, the keys that the entry names are read: `label` (a text or a number) and `caption` (a text, or a
list of them). There are no units and no times. The native id is the member's path with its shard; for a
`.json` with the key of the value, and in a list its number from 1.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tasks.core.archives import TAR_SUFFIXES, read_archive
from tasks.core.archives.member import Member
from tasks.core.batch import Batch
from tasks.core.config import written_paths
from tasks.core.delivered import delivered_name, root_of
from tasks.core.delivered_files import files_below
from tasks.core.errors import LabelFormatError
from tasks.core.fault import Fault
from tasks.core.label import ItemName, Label, LabelFault, LabelFormat
from tasks.core.label_entries import WebDatasetExport
from tasks.core.rejects import Reason
from tasks.core.webdataset import is_label, split_member_name
from tasks.label_formats.reading.webdataset_labels import Said, said_in

_Samples = Mapping[str, Sequence[ItemName]]


def read(batch: Batch, entry: WebDatasetExport, items: tuple[ItemName, ...]) -> Iterator[Label | LabelFault]:
    """The labels and faults of every shard, member by member; LabelFormatError at last if one is broken."""
    samples: dict[str, list[ItemName]] = defaultdict(list)
    for item in items:
        samples[split_member_name(item.native_id)[0]].append(item)
    broken: list[LabelFormatError] = []
    for shard, name in _shards(batch, entry):
        with TemporaryDirectory() as scratch:
            for member in read_archive(shard, Path(scratch)):
                if not member.name and isinstance(member.content, Fault):
                    broken.append(LabelFormatError(shard, None, f"expected a shard: {member.content.detail}"))
                elif is_label(split_member_name(member.name)[1]):
                    yield from _read_member(entry, samples, f"{name}/{member.name}", member)
    if broken:
        raise broken[0]


def _shards(batch: Batch, entry: WebDatasetExport) -> Iterator[tuple[Path, str]]:
    """Every shard that the path means, and its name as the ids of items have it."""
    for written in written_paths(entry):
        top, name = batch.path(written), delivered_name(batch, written)
        shards = list(files_below(root_of(batch, written), top, TAR_SUFFIXES))
        if not shards:
            raise LabelFormatError(top, None, f"expected shards in it, of {', '.join(TAR_SUFFIXES)}")
        for shard, fault in shards:
            if fault:
                raise LabelFormatError(shard, None, fault.detail)
            yield shard, name if shard == top else f"{name}/{shard.relative_to(top).as_posix()}"


def _read_member(
    entry: WebDatasetExport, samples: _Samples, name: str, member: Member
) -> Iterator[Label | LabelFault]:
    key, extension = split_member_name(name)
    media = _media_of(entry, samples.get(key, ()), key)
    for part, said in said_in(member.content, extension, entry):
        native_id = f"{name}:{part}" if part else name
        fault = said if isinstance(said, Fault) else media
        if isinstance(fault, Fault):
            yield LabelFault(native_id, name, fault.reason, fault.detail)
        elif isinstance(said, Said):
            label, text = (said.value, None) if said.task == "classification" else (None, said.value)
            yield Label(native_id, fault, said.task, name, label=label, text=text, annotator=entry.annotator)


def _media_of(entry: WebDatasetExport, items: Sequence[ItemName], key: str) -> str | Fault:
    """The member that the sample's labels are about."""
    if entry.item:
        items = [item for item in items if split_member_name(item.native_id)[1] == entry.item.lower()]
    media = [item for item in items if item.modality != "text"] or items
    if len(media) == 1:
        return media[0].native_id
    if not media:
        return Fault(Reason.ITEM_NOT_FOUND, f"the sample '{key}' has no such item")
    shown = ", ".join(split_member_name(item.native_id)[1] for item in media)
    return Fault(Reason.ITEM_AMBIGUOUS, f"the sample '{key}' has {shown}; say which one as `item`")


WEBDATASET = LabelFormat("webdataset", WebDatasetExport, read)
