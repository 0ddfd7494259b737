"""Which licence a file's own tags name: a short list of declared rules, and nothing guessed.

reads   statements of rights as files carry them (EXIF Copyright, XMP, ID3, Vorbis comments, MP4 tags)
A statement names a licence when it holds the address of a Creative Commons licence or mark, or the name of
one with its version ("CC BY-SA 4.0", "CC0"), or when it is, as a whole, an identifier of the SPDX list of
those that media carry. The identifier is returned (spdx.org/licenses). Of several statements the first that
names one counts.
A notice of copyright ("© 2024 Jane Doe", "All rights reserved") says who holds the rights, not what may be
done: it names no licence and changes nothing about the one that batch.yaml declares; it stays in the bytes.
"""

import re

_ADDRESS = re.compile(
    r"creativecommons\.org/(?:licenses|publicdomain)/(?P<kind>zero|mark|by(?:-nc)?(?:-nd|-sa)?)"
    r"/(?P<version>\d\.\d)(?:/(?P<port>igo|[a-z]{2})\b)?",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"\bCC[ -](?P<kind>BY(?:[ -]NC)?(?:[ -](?:ND|SA))?)[ -](?P<version>[1-4]\.\d)\b", re.IGNORECASE
)
_ZERO = re.compile(r"\bCC0(?:[ -]1\.0)?\b", re.IGNORECASE)
_IDENTIFIERS = "Apache-2.0 CC-PDDC CDLA-Permissive-2.0 GFDL-1.3-or-later MIT ODbL-1.0 ODC-By-1.0 PDDL-1.0"
_WHOLE = {name.lower(): name for name in _IDENTIFIERS.split()}
_DEEDS = {"zero": "CC0", "mark": "CC-PDM"}


def find_licence(*statements: str | None) -> str | None:
    """The SPDX identifier of the first licence that is named; None where none is."""
    named = (_licence_in(statement) for statement in statements if statement)
    return next((licence for licence in named if licence), None)


def _licence_in(statement: str) -> str | None:
    address = _ADDRESS.search(statement)
    if address:
        kind = address["kind"].lower()
        port = f"-{address['port'].upper()}" if address["port"] and kind not in _DEEDS else ""
        return f"{_DEEDS.get(kind) or 'CC-' + kind.upper()}-{address['version']}{port}"
    name = _NAME.search(statement)
    if name:
        return f"CC-{name['kind'].upper().replace(' ', '-')}-{name['version']}"
    if _ZERO.search(statement):
        return "CC0-1.0"
    return _WHOLE.get(statement.strip().lower())
