"""Words of texts, spelt so that two people who write down the same words write the same.

reads   texts in any script
writes  Words: which word each is, the text it stands in, and its place in it, counted in characters of words
rules   Unicode NFKC and case folding. Apostrophes within a word, marks of grouped digits (1,000), joiners and
        soft hyphens are left out, and so is a hyphen at the end of a line; any other hyphen parts words.
        Han, kana, Thai, Lao, Burmese, Khmer and Javanese have no spaces: there each character, with its
        marks, is a word. What is no letter, number or mark belongs to no word.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

Int64s = NDArray[np.int64]

_SILENT = re.compile(
    "[\u00ad\u200c\u200d\u2060\ufeff]"  # soft hyphen, joiners
    r"|(?<=\w)['\u2019\u02bc](?=\w)"
    r"|(?<=\d)[.,](?=\d{3}(?!\d))"
    r"|(?<=\w)[-\u2010]\s*\n\s*(?=\w)"
)
_UNSPACED = (
    "\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\ua980-\ua9df\uaa60-\uaa7f\uf900-\ufaff\U00020000-\U000323af"
)


@dataclass(frozen=True)
class Words:
    """`ids` are rows of the vocabulary, `owner` rows of the texts.

    `before` and `until` count the characters of the words of its text up to the word and with it, and
    `total` those of the whole text.
    """

    ids: Int64s
    owner: Int64s
    before: Int64s
    until: Int64s
    total: Int64s

    @property
    def sizes(self) -> Int64s:
        """The number of characters of each word."""
        return self.until - self.before


def to_words(*sides: Sequence[str]) -> tuple[list[Words], list[str]]:
    """The words of each side, and the vocabulary that they share."""
    plain = [[_plain(text) for text in texts] for texts in sides]
    pattern = _word_pattern(text for texts in plain for text in texts)
    vocabulary: dict[str, int] = {}
    found = [_numbered([pattern.findall(text) for text in texts], vocabulary) for texts in plain]
    return found, list(vocabulary)


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return _SILENT.sub("", folded)


def _word_pattern(texts: Iterable[str]) -> re.Pattern[str]:
    """A word of these texts; without the marks, which are no letters, Hindi would fall to pieces."""
    characters = set[str]().union(*texts)
    marks = sorted(one for one in characters if unicodedata.category(one).startswith("M"))
    trailing = f"[{''.join(map(re.escape, marks))}]*" if marks else ""
    return re.compile(rf"(?=[^\W_])[{_UNSPACED}]{trailing}|(?:[^\W_{_UNSPACED}]{trailing})+")


def _numbered(texts: list[list[str]], vocabulary: dict[str, int]) -> Words:
    """The words of all texts in one row, new ones added to the vocabulary."""
    counts = [len(words) for words in texts]
    ids = [vocabulary.setdefault(word, len(vocabulary)) for words in texts for word in words]
    until = [place for words in texts for place in accumulate(map(len, words))]
    sizes = [len(word) for words in texts for word in words]
    stops = np.array(until, np.int64)
    owner = np.repeat(np.arange(len(texts), dtype=np.int64), counts)
    totals = np.array([sum(map(len, words)) for words in texts], np.int64)
    return Words(np.array(ids, np.int64), owner, stops - np.array(sizes, np.int64), stops, totals[owner])
