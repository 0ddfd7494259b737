"""The layout of WebDataset: samples are members of a tar that are called alike up to the first dot.

Format: the WebDataset library's own rule: `train/0001.left.jpg` is of the sample with the key `train/0001`
and has the extension `left.jpg`; capitals of an extension do not count.
"""

# What WebDataset writes labels as: a class, and anything else.
CLASS_EXTENSION, JSON_EXTENSION = "cls", "json"


def split_member_name(name: str) -> tuple[str, str]:
    """The key and the extension, which is empty where the file's name has no dot."""
    folder, slash, file = name.rpartition("/")
    stem, _, extension = file.partition(".")
    return f"{folder}{slash}{stem}", extension.lower()


def kind_of(extension: str) -> str:
    """The last part of an extension, which says what the bytes are."""
    return extension.rpartition(".")[2]


def is_label(extension: str) -> bool:
    """Whether a member of this extension says something about its sample and is no media."""
    return kind_of(extension) in (CLASS_EXTENSION, JSON_EXTENSION)
