"""What a stage's results depend on beside its data: the code that its imports reach, and the libraries.

reads   the source files of this package, and the versions of the installed libraries
writes  one digest per stage; `data/.digests-code.json` remembers what files mean, and may be deleted

Imports are followed from the stage's package on, wherever they stand in a module: no list of files can forget
one. Comments, docstrings and blank lines do not count. What is left is compared as text and not as a syntax
tree: Python's own trees differ between its versions, and the digest must not.
"""

import ast
import io
import json
import tokenize
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from tasks.core.digests import Digests, digest_of_lines

PACKAGE = Path(__file__).resolve().parents[1]
_MEMORY_FILE = ".digests-code.json"
# Distributions by the name that is imported. Extras are not here: whether one is installed changes no result.
_LIBRARIES = {
    "PIL": "pillow",
    "great_expectations": "great-expectations",
    "jinja2": "jinja2",
    "librosa": "librosa",
    "numba": "numba",
    "numpy": "numpy",
    "pyarrow": "pyarrow",
    "pycocotools": "pycocotools",
    "scipy": "scipy",
    "sklearn": "scikit-learn",
    "soundfile": "soundfile",
    "soxr": "soxr",
}


# By a file's name: its digest, and what a SourceFile says of it.
Remembered = tuple[str, str, list[str]]


class SourceFile(NamedTuple):
    """A digest of what the file means, and the dotted names that it imports."""

    meaning: str
    imports: list[str]


class SourceCode:
    """The source files of a package (this one), each parsed once as long as it stays the same."""

    def __init__(self, data: Path, digests: Digests, package: Path = PACKAGE) -> None:
        self._memory = data / _MEMORY_FILE
        self._digests = digests
        self._package = package
        self._known = _read_memory(self._memory)
        self._read: dict[Path, SourceFile] = {}

    def digest(self, stage: str) -> str:
        """One digest over the code and the libraries that `python -m tasks.<stage>` can reach."""
        reached = self.reached(stage)
        imported = {name.partition(".")[0] for source in reached.values() for name in source.imports}
        libraries = sorted(_LIBRARIES[name] for name in imported & _LIBRARIES.keys())
        files = (f"{source.meaning}  {self._name_of(path)}" for path, source in reached.items())
        return digest_of_lines([*files, *(f"{name} {version(name)}" for name in libraries)])

    def reached(self, stage: str) -> dict[Path, SourceFile]:
        """The files that the stage can load, by path: modules, and what else lies in its own package."""
        own = (path for path in (self._package / stage).glob("*") if path.is_file())
        waiting, found = [self._package / "__init__.py", *own], {}
        while waiting:
            path = waiting.pop()
            if path not in found:
                found[path] = self._source(path)
                waiting += [place for name in found[path].imports for place in self._files_of(name)]
        return dict(sorted(found.items()))

    def save(self) -> None:
        """Remember what was read, for the next process."""
        read = {
            self._name_of(path): (self._digests.of_file(path), *source) for path, source in self._read.items()
        }
        partial = self._memory.with_suffix(".partial")
        partial.write_text(json.dumps({**self._known, **read}), encoding="utf-8")
        partial.replace(self._memory)

    def _source(self, path: Path) -> SourceFile:
        if path not in self._read:
            known = self._known.get(self._name_of(path))
            same = known is not None and known[0] == self._digests.of_file(path)
            self._read[path] = SourceFile(*known[1:]) if known is not None and same else parse(path)
        return self._read[path]

    def _files_of(self, name: str) -> list[Path]:
        """The files that importing the name loads: its module, and the packages on the way."""
        first, *parts = name.split(".")
        if first != self._package.name:
            return []
        places = [self._package.joinpath(*parts[:length]) for length in range(len(parts) + 1)]
        candidates = [place / "__init__.py" for place in places] + [places[-1].with_suffix(".py")]
        return [path for path in candidates if path.is_file()]

    def _name_of(self, path: Path) -> str:
        return path.relative_to(self._package).as_posix()


def parse(path: Path) -> SourceFile:
    """The file without what means nothing to Python; a file that is no module counts byte for byte."""
    if path.suffix != ".py":
        return SourceFile(digest_of_lines(path.read_text("utf-8").split("\n")), [])
    source = path.read_text("utf-8")
    tree = ast.parse(source)
    return SourceFile(digest_of_lines(_meant(source, tree)), sorted(set(_imported(tree))))


def _meant(source: str, tree: ast.Module) -> Iterator[str]:
    """The lines without comments and docstrings; blank ones only where a string goes over them."""
    lines = source.split("\n")
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    documented = {row for first, last in _docstrings(tree) for row in range(first, last + 1)}
    inside_strings = {row for node in ast.walk(tree) for row in _rows_of_string(node)}
    for row, line in enumerate(lines, 1):
        if row in inside_strings and row not in documented:
            yield line
        elif row not in documented and line.strip():
            yield line.rstrip()


def _docstrings(tree: ast.Module) -> Iterator[tuple[int, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            match node.body:
                case [ast.Expr(value=ast.Constant(value=str())) as docstring, *_]:
                    yield docstring.lineno, docstring.end_lineno or docstring.lineno


def _rows_of_string(node: ast.AST) -> range:
    """The rows of a string of several lines but its last, which ends as code does."""
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        return range(node.lineno, node.end_lineno or node.lineno)
    return range(0)


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _read_memory(file: Path) -> dict[str, Remembered]:
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
        return {
            name: (str(digest), str(meaning), list(imports))
            for name, (digest, meaning, imports) in known.items()
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
