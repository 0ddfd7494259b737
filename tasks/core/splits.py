"""The splits of a dataset, and how deliveries call them: `val2017`, `valid`, `train-00000-of-00002.parquet`.

The words are those of Hugging Face's `datasets`; capitals do not count.
"""

import re
from collections.abc import Iterable

TRAIN, VALIDATION, TEST = "train", "validation", "test"
SPLITS = (TRAIN, VALIDATION, TEST)
# Instead of a word: the first folder (or shard) on the way to a piece of media that is called like a split.
BY_FOLDERS = "folders"
# Instead of a word: the split that is in the name of the COCO export which lists the picture.
BY_EXPORTS = "exports"

_WORDS = {
    TRAIN: ("train", "training"),
    VALIDATION: ("validation", "val", "valid", "dev"),
    TEST: ("test", "testing", "eval", "evaluation"),
}
_SPLIT_OF = {word: split for split, words in _WORDS.items() for word in words}
# A name that is a split: the word, a year or a number of shards, endings. `train_station` is none.
_NAME = re.compile(rf"({'|'.join(_SPLIT_OF)})([-_ ]?set)?([-_ ]?\d+)*(-of-\d+)?(\.\w+)*", re.IGNORECASE)
_WORD = re.compile(r"[a-z]+")


def to_split(word: str) -> str:
    """The split that the word means; ValueError, which says what is allowed, when it means none."""
    split = _SPLIT_OF.get(word.strip().lower())
    if split is None:
        raise ValueError(f"expected {_allowed()}; got '{word}'")
    return split


def refuse_wrong_split(written: str) -> None:
    """ValueError for what `split` in a source cannot say; a template is filled later, piece by piece."""
    if "{" in written or written in (BY_FOLDERS, BY_EXPORTS):
        return
    if written.strip().lower() not in _SPLIT_OF:
        others = f'{BY_FOLDERS}, {BY_EXPORTS}, or a template such as "{{parent}}"'
        raise ValueError(f"expected {_allowed()}, {others}; got '{written}'")


def split_in_names(names: Iterable[str]) -> str | None:
    """The split of the first name that is one: of folders, from the top, or of a shard."""
    for name in names:
        found = _NAME.fullmatch(name)
        if found:
            return _SPLIT_OF[found[1].lower()]
    return None


def split_in_export_name(name: str) -> str | None:
    """The split that is a word of the name (`instances_val2017.json`); None for no split, or several."""
    found = {_SPLIT_OF[word] for word in _WORD.findall(name.lower()) if word in _SPLIT_OF}
    return found.pop() if len(found) == 1 else None


def _allowed() -> str:
    return ", ".join(f"{split} (or {', '.join(words[1:])})" for split, words in _WORDS.items())
