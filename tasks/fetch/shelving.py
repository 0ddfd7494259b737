"""From the spool to the partition: a row per address that was asked for, its bytes in tar shards.

Rows and bytes lie in the order of their keys, so the same replies give the same partition.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tasks.core.batch import Batch
from tasks.core.fault import Fault
from tasks.core.rejects import Reason
from tasks.core.schemas import RESPONSES
from tasks.core.shards import Slot, create_shards, fill_slot, plan_shards
from tasks.core.tables import TableBuilder, write_table
from tasks.core.web_address import to_address
from tasks.fetch.crawling import Find
from tasks.fetch.directives import forbidden_use, header_directives
from tasks.fetch.errand import Errand, Key, Reply
from tasks.fetch.rounds import Asked
from tasks.fetch.spool import Spool
from tasks.media.sniff import modality_by_name, sniff

_HEAD_BYTES = 8_192
_COPIED = (
    *("final_url", "address", "status", "content_type", "robots", "robots_sha256"),
    *("retrieved_at", "reason", "detail"),
)

Row = dict[str, object]


@dataclass(frozen=True)
class _Kept:
    """One row and, where there is one, the body that goes with it."""

    key: Key
    row: Row
    sha256: str | None
    size: int


def shelve(batch: Batch, spool: Spool, asked: Asked, output: Path) -> None:
    """Write the partition of everything that was asked for."""
    kept = sorted(_kept(batch, spool, asked), key=lambda one: one.key)
    bodies = [one for one in kept if one.sha256 is not None]
    members = [("/".join((one.key[0], _member(one.key[1]))), one.size) for one in bodies]
    slots = dict(zip((one.key for one in bodies), plan_shards(members), strict=True))
    create_shards(output, list(slots.values()))
    table = TableBuilder(RESPONSES)
    for one in kept:
        table.append(one.row | _store(spool, one, slots.get(one.key), output))
    write_table(RESPONSES, table.finish(), output)


def _store(spool: Spool, one: _Kept, slot: Slot | None, output: Path) -> Row:
    if slot is None or one.sha256 is None:
        return {}
    fill_slot(output, slot, spool.body(one.sha256).read_bytes())
    return {"shard": slot.shard, "offset": slot.offset, "size": one.size, "sha256": one.sha256}


def _kept(batch: Batch, spool: Spool, asked: Asked) -> Iterator[_Kept]:
    robots = {key: Errand("robots", key[1]) for key in spool.replies if key[0] == "robots"}
    errands = {errand.key: errand for errand in asked.errands} | robots
    for key in {*errands, *asked.finds}:
        reply, find = spool.replies.get(key), asked.finds.get(key)
        if reply is None and find is not None:
            reply = spool.replies.get((key[0], key[1], ""))  # a list names it too
        yield _to_kept(batch, spool, key, _forbidden(key, find) or reply, find)
    for key, why in asked.outside.items():
        yield _Kept(key, _identity(batch, key) | {"detail": why}, None, 0)


def _forbidden(key: Key, find: Find | None) -> Reply | None:
    """The reply to what was not asked for, since its page forbids the use; no time belongs to it."""
    if find is None or find.forbidden is None:
        return None
    detail = f"{find.page} says {find.forbidden}"
    return Reply(*key, retrieved_at="", reason=Reason.USE_FORBIDDEN, detail=detail)


def _to_kept(batch: Batch, spool: Spool, key: Key, reply: Reply | None, find: Find | None) -> _Kept:
    if reply is None:
        raise LookupError(f"{key} was asked for and has no reply")
    row = _identity(batch, key) | {name: getattr(reply, name) or None for name in _COPIED}
    row |= {
        "redirects": list(reply.redirects),
        "x_robots_tag": ", ".join(reply.x_robots_tag) or None,
        "modality": find.modality if find else None,
    }
    row |= _evidence(find, reply)
    if reply.sha256 is None:
        return _Kept(key, row | {"modality": row["modality"] or _modality_by_name(key[1])}, None, 0)
    with spool.body(reply.sha256).open("rb") as file:
        sniffed = sniff(file.read(_HEAD_BYTES), _file_name(key[1]))
    row |= {"media_type": sniffed.media_type, "modality": sniffed.modality}
    fault = _forbidden_by_header(key, reply, sniffed.modality)
    if fault is not None:
        return _Kept(key, row | {"reason": fault.reason, "detail": fault.detail}, None, 0)
    return _Kept(key, row, reply.sha256, reply.size or 0)


def _forbidden_by_header(key: Key, reply: Reply, modality: str) -> Fault | None:
    """What forbids the use of images can be told only when the bytes are known to be one."""
    word = forbidden_use(header_directives(reply.x_robots_tag), modality)
    if key[0] != "media" or word is None:
        return None
    return Fault(Reason.USE_FORBIDDEN, f"its X-Robots-Tag says {word}")


def _evidence(find: Find | None, reply: Reply) -> Row:
    if find is not None:
        return {
            "license": find.license,
            "page": find.page,
            "page_sha256": find.page_sha256,
            "meta_robots": find.meta_robots,
        }
    if reply.page is not None:
        return {"license": reply.page.license, "meta_robots": ", ".join(reply.page.robots) or None}
    return {}


def _identity(batch: Batch, key: Key) -> Row:
    return {"batch": batch.name, "kind": key[0], "url": key[1], "asked_by": key[2]}


def _member(url: str) -> str:
    address = to_address(url)
    return url if isinstance(address, Fault) else address.native_id


def _file_name(url: str) -> str:
    address = to_address(url)
    return "" if isinstance(address, Fault) else address.file_name


def _modality_by_name(url: str) -> str:
    return modality_by_name(_file_name(url))
