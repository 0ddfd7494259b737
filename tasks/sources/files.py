"""Media files: everything in a folder to its depths, in archives too, or one file.

reads   names only: the folder that a `files` source names, and the directories of archives in it
Taken is what lies there, but for hidden files, and what the batch file gives another meaning (also in a
folder or archive that a labels entry names). What is taken and turns out to be no media becomes an unreadable
item, so it is seen. So does a link to a folder, which is not entered, a link out of the source, which is not
followed, and an archive that is broken. A member's id is `<archive>/<member>`: the archive stands for a
folder.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tasks.core.archives import is_archive_name, read_archive
from tasks.core.belonging import Belonging, Rules, rules_of
from tasks.core.candidate import Candidate, Delivery, SourceKind
from tasks.core.content import Content, FileContent
from tasks.core.delivered import Root, leads_out, root_of, spelled
from tasks.core.fault import Fault
from tasks.core.keys import key_of
from tasks.core.path_pattern import path_pattern
from tasks.core.rejects import Reason
from tasks.core.source_entries import FilesSource
from tasks.sources.reading.other_meanings import OtherMeanings, other_meanings

_PLACEHOLDERS = ("parent", "stem", "name", "key", "batch")


@dataclass(frozen=True)
class _Listing:
    """One source as its files are turned into candidates; `top` is what it names."""

    delivery: Delivery
    options: FilesSource
    root: Root
    top: Path
    rules: Rules
    others: OtherMeanings
    matches: Callable[[str], bool]

    def below_top(self, place: Path) -> str:
        """The place as patterns see it."""
        return place.name if place == self.top else Path(os.path.relpath(place, self.top)).as_posix()


def list_files(delivery: Delivery, options: FilesSource) -> Iterator[Candidate]:
    """A candidate per file, in the order of their ids."""
    batch = delivery.batch
    rules = rules_of(batch, options, _PLACEHOLDERS)
    root, top = root_of(batch, options.path), batch.path(options.path)
    matches = path_pattern("**" if options.match is None else options.match)
    listing = _Listing(delivery, options, root, top, rules, other_meanings(batch), matches)
    closed: list[OSError] = []
    candidates = [candidate for place in _walk(top, closed) for candidate in _candidates_at(listing, place)]
    candidates += [_closed_folder(listing, error) for error in closed]
    yield from sorted(candidates, key=lambda candidate: candidate.native_id)


def _walk(top: Path, closed: list[OSError]) -> Iterator[Path]:
    """Every file, and every link to a folder, below the place; or the place itself when it is a file.

    What keeps a folder from being listed is added to `closed`.
    """
    if not top.is_dir():
        yield top
        return
    for folder, folders, names in os.walk(top, onerror=closed.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        here = Path(folder)
        yield from (here / name for name in folders if (here / name).is_symlink())
        yield from (here / name for name in names if not name.startswith("."))


def _closed_folder(listing: _Listing, error: OSError) -> Candidate:
    """A folder that cannot be listed, as an item that cannot be read: nobody knows what is in it."""
    place = Path(error.filename)
    fault = Fault(Reason.UNREADABLE, f"the folder cannot be listed: {error.strerror}; give its permission")
    return _to_candidate(listing, place, listing.root.id_of(place), fault)


def _candidates_at(listing: _Listing, place: Path) -> Iterator[Candidate]:
    if listing.others.covers(place):
        return
    fault = _fault_of(listing.root, place)
    if is_archive_name(place.name) and not fault:
        yield from _members_of(listing, place)
    elif listing.options.match is None or listing.matches(listing.below_top(place)):
        yield _to_candidate(listing, place, listing.root.id_of(place), fault or FileContent(place))


def _members_of(listing: _Listing, archive: Path) -> Iterator[Candidate]:
    """The archive's members that are taken; what is wrong with all of it is told whatever is taken.

    Names are joined as text: one that leads out of the archive must not become the id of something else.
    """
    archive_id = listing.root.id_of(archive)
    before = "" if archive == listing.top else listing.below_top(archive) + "/"
    whole = bool(before) and listing.matches(before[:-1])
    for member in read_archive(archive, listing.delivery.scratch):
        if not member.name:
            yield _to_candidate(listing, archive, archive_id, member.content)
        elif whole or listing.matches(before + member.name):
            place = Path(f"{archive}/{member.name}")
            if isinstance(member.content, Fault) or not listing.others.covers(place):
                yield _to_candidate(listing, place, f"{archive_id}/{member.name}", member.content)


def _to_candidate(listing: _Listing, place: Path, name: str, content: Content | Fault) -> Candidate:
    options, belonging = listing.options, _belonging_of(listing, place, name)
    fault = content if isinstance(content, Fault) else belonging.fault
    return Candidate(
        name,
        name,
        belonging.session,
        options.role,
        options.clock,
        options.start,
        content=None if isinstance(content, Fault) else content,
        name=place.name,
        fault=fault,
        split=belonging.split,
    )


def _belonging_of(listing: _Listing, place: Path, name: str) -> Belonging:
    batch = listing.delivery.batch
    key = key_of(spelled(listing.below_top(place)))
    values = {
        "parent": spelled(place.parent.name),
        "stem": spelled(place.stem),
        "name": spelled(place.name),
        "key": key,
        "batch": batch.name,
    }
    own_key = key if batch.file.align.method == "key" else key_of(name)
    return listing.rules.apply(values, own_key, name.split("/")[:-1])


def _fault_of(root: Root, place: Path) -> Fault | None:
    if not place.is_symlink():
        return None
    name = root.id_of(place)
    if not root.holds(place):
        return leads_out(name)
    if place.is_dir():
        return Fault(Reason.UNREADABLE, f"'{name}' is a link to a folder; deliver the folder itself")
    return None


SOURCE = SourceKind("files", FilesSource, list_files)
