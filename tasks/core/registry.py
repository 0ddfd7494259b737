"""Choosing by name: one dict literal per kind of plug-in, and an error that names the nearest right word."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Generic, TypeVar

from tasks.core.errors import UnknownNameError

Entry = TypeVar("Entry")


def nearest_word(word: str, choices: list[str]) -> str:
    """A sentence that asks for the choice closest to the word, or nothing."""
    close = get_close_matches(word, choices, n=1, cutoff=0.6)
    return f" Did you mean '{close[0]}'?" if close else ""


class Registry(Mapping[str, Entry], Generic[Entry]):
    """Plug-ins of one kind by name; a name that is not there raises with the choices."""

    def __init__(self, kind: str, entries: Mapping[str, Entry]) -> None:
        self.kind = kind
        self._entries = dict(entries)

    def __getitem__(self, name: str) -> Entry:
        """The entry of that name; UnknownNameError names the choices and the nearest one."""
        if name not in self._entries:
            choices = sorted(self._entries)
            raise UnknownNameError(
                f"no {self.kind} named '{name}'; choose one of {choices}.{nearest_word(name, choices)}"
            )
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)
