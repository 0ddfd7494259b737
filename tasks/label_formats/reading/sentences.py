"""Sentences of running text: where each begins and ends.

reads   a paragraph, in any script
writes  half-open spans of its characters, in order; what lies between two is blanks alone
rules   A sentence ends with its marks (. ! ? and their like in other scripts) and the quotes and brackets
        that close after them, where a blank follows; the wide marks of Chinese and Japanese need none.
        It goes on where the next letter is a small one ("What now?" he said), after a full stop that stands
        behind a single letter (J. S. Bach, at 3 p.m.) or an abbreviation that is named, and while it has no
        letter of its own (1. or ...). So a sentence that ends with p.m. or U.S.A. takes the next one along.
        Unicode's rule (UAX #29) ends one after every Mr. and J. instead, and at every end of a line.
"""

import re
from collections.abc import Collection, Iterator

# ? and ! in pairs, Arabic, Urdu, Devanagari, Armenian, Ethiopic, Burmese and Khmer.
_MARKS = ".!?\u2026\u203c\u2047-\u2049\u061f\u06d4\u0964\u0965\u0589\u1362\u1367\u1368\u104b\u17d4\u17d5"
_WIDE_MARKS = "\u3002\uff01\uff0e\uff1f\uff61"
_CLOSING = "\"')\\]}\u00bb\u203a\u2019\u201d\u300d\u300f\u3009\u300b\u3011\uff09\uff3d\uff63"
_OPENING = "\"'(\\[{\u00ab\u2039\u2018\u201c\u201e\u201a\u00bf\u00a1\u2013\u2014-"
_END = re.compile(f"(?P<marks>[{_MARKS}{_WIDE_MARKS}]+)[{_CLOSING}]*")
_BEFORE_A_LETTER = re.compile(rf"[\s{_OPENING}]*")
_LETTER = re.compile(r"[^\W\d_]")
_LAST_WORD = re.compile(r"[\w.]*\w\Z")
_LONGEST_WORD = 40


def sentence_spans(text: str, abbreviations: Collection[str]) -> Iterator[tuple[int, int]]:
    """From and to of each sentence; `abbreviations` are written without their last stop."""
    begin, letter = 0, _next_letter(text, 0)
    for found in _END.finditer(text):
        if letter < found.start() and _is_end(text, found, abbreviations):
            yield _stripped(text, begin, found.end())
            begin, letter = found.end(), _next_letter(text, found.end())
    if text[begin:].strip():
        yield _stripped(text, begin, len(text))


def _next_letter(text: str, begin: int) -> int:
    found = _LETTER.search(text, begin)
    return found.start() if found else len(text)


def _is_end(text: str, found: re.Match[str], abbreviations: Collection[str]) -> bool:
    wide = any(mark in _WIDE_MARKS for mark in found["marks"])
    if not wide and not text[found.end() : found.end() + 1].isspace():
        return False
    follows = _BEFORE_A_LETTER.match(text, found.end())
    if follows and text[follows.end() : follows.end() + 1].islower():
        return False
    if found["marks"] != ".":
        return True
    word = _LAST_WORD.search(text, max(0, found.start() - _LONGEST_WORD), found.start())
    last = word[0].rpartition(".")[2] if word else ""
    is_letter = len(last) == 1 and last.isalpha()
    return not (is_letter or last in abbreviations or (word and word[0] in abbreviations))


def _stripped(text: str, begin: int, stop: int) -> tuple[int, int]:
    """The span without blanks at its ends."""
    piece = text[begin:stop]
    return begin + len(piece) - len(piece.lstrip()), begin + len(piece.rstrip())
