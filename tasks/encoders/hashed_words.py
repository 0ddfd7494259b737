"""Texts by their words, word pairs and letter groups, hashed: no vocabulary to learn, any language.

reads   UTF-8 text
writes  512 float32 of unit length: 256 for words and pairs of words, 256 for groups of 3 and 4 letters
        within words, counted by hash without signs (Weinberger et al. 2009, "Feature hashing for large
        scale multitask learning"); all 0 for a text without a word character
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from tasks.core.encoder import Encoder
from tasks.core.vectors import Matrix

_PART_DIMENSIONS = 256
_WORD = r"(?u)\b\w+\b"  # words of one letter too: "a" and "I" are words


def encode(payloads: Sequence[bytes]) -> Matrix:
    """One row per text."""
    if not payloads:  # scikit-learn's hasher cannot look at the first of none
        return np.empty((0, 2 * _PART_DIMENSIONS), np.float32)
    texts = [payload.decode("utf-8") for payload in payloads]
    parts = [vectorizer.transform(texts).toarray() for vectorizer in _vectorizers()]
    matrix = np.hstack(parts)
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.asarray(matrix / np.where(lengths, lengths, 1.0), np.float32)


@cache
def _vectorizers() -> tuple[Any, Any]:
    from sklearn.feature_extraction.text import HashingVectorizer

    form = {"n_features": _PART_DIMENSIONS, "alternate_sign": False, "norm": "l2"}
    words = HashingVectorizer(ngram_range=(1, 2), token_pattern=_WORD, **form)
    letters = HashingVectorizer(analyzer="char_wb", ngram_range=(3, 4), **form)
    return words, letters


ENCODER = Encoder("hashed_words", "text", 2 * _PART_DIMENSIONS, encode)
