"""A file in an archive, by its name: what it may be called, and what is refused."""

import re
from dataclasses import dataclass, replace

from tasks.core.content import Content
from tasks.core.fault import Fault
from tasks.core.rejects import Reason

_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive: its path in it, and its bytes or why there are none.

    An unsafe name is kept as it is written. The name is empty for the archive as a whole.
    """

    name: str
    content: Content | Fault


def unsafe(detail: str) -> Fault:
    """The fault of a member that is refused."""
    return Fault(Reason.UNSAFE_ARCHIVE, detail)


class Names:
    """The names of one archive as they come: the first of each is taken."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def admit(self, member: Member) -> Member | None:
        """The member by its tidy name, with a fault where its name is not safe; None for a hidden one."""
        fault = _fault_of(member.name)
        if fault:
            return Member(_readable(member.name), fault)
        name = "/".join(part for part in member.name.split("/") if part not in ("", "."))
        if any(part.startswith(".") for part in name.split("/")):
            return None
        name = _readable(name)
        if name in self._taken:
            return Member(name, unsafe("the archive has several members of this name"))
        self._taken.add(name)
        return replace(member, name=name)


def _fault_of(name: str) -> Fault | None:
    if "\0" in name or not name.strip("./"):
        return unsafe("the member has no name that a file can have")
    if name.startswith("/") or _DRIVE.match(name):
        return unsafe("the member's name is absolute")
    if ".." in name.split("/"):
        return unsafe("the member's name leads out of the archive")
    return None


def _readable(name: str) -> str:
    """The name as ids have it: bytes that are no UTF-8 are written as hexadecimal escapes."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
