"""YAML to frozen dataclasses, strictly: every fault has a file, a line, what was expected and what came.

A dataclass states the whole form: its fields are the only keys, a field without a default must be there.
Field types understood: str, int, float, bool, DurationNs, PathText, PathsText, SplitText, nested
dataclasses, tuple[X, ...], dict[str, X], X | None, Literal, and `OneOf` for mappings that are told apart by
one key.
"""

import math
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import yaml

from tasks.core.braces import expand_braces
from tasks.core.errors import ConfigError
from tasks.core.registry import nearest_word
from tasks.core.splits import refuse_wrong_split
from tasks.core.times import parse_duration_ns

Config = TypeVar("Config")

LONGEST_BYTES = 4_000_000

# The type of a duration written with its unit ("20ms") and kept in nanoseconds.
DurationNs = Annotated[int, "duration"]

# The type of a path to what is delivered; `written_paths` finds every one in a dataclass.
PathText = Annotated[str, "path"]

# The type of a path that may mean several, by its braces.
PathsText = Annotated[str, "paths"]

# The type of a split as a source tells it: a word, a template, or where to look.
SplitText = Annotated[str, "split"]


@dataclass(frozen=True)
class OneOf:
    """Marks a field whose mapping is one of several dataclasses, told apart by the key `key`."""

    key: str
    choices: Mapping[str, type]


@dataclass(frozen=True)
class _Place:
    """Where a value stands: the file, its YAML node, and its name for people."""

    path: Path
    node: yaml.Node
    name: str

    def fault(self, message: str) -> ConfigError:
        said = f"{self.name}: {message}" if self.name else message
        return ConfigError(self.path, self.node.start_mark.line + 1, said)

    def inner(self, node: yaml.Node, name: str) -> "_Place":
        return _Place(self.path, node, f"{self.name}.{name}" if self.name else name)


def read_config(path: Path, form: type[Config], *, block: str | None = None) -> Config:
    """The file (or its top-level mapping `block`) as that dataclass; ConfigError says what is wrong where."""
    node = read_node(path)
    if block is None:
        return to_config(path, node, form)
    values = {key.value: value for key, value in _pairs(_Place(path, node, ""))}
    if block not in values:
        raise ConfigError(path, None, f"expected a block '{block}'.{nearest_word(block, sorted(values))}")
    return to_config(path, values[block], form, name=block)


def read_blocks(path: Path, node: yaml.Node) -> dict[str, int]:
    """The keys of the file's mapping, and the line of each."""
    return {str(key.value): key.start_mark.line + 1 for key, _ in _pairs(_Place(path, node, ""))}


def to_config(path: Path, node: yaml.Node, form: type[Config], *, name: str = "") -> Config:
    """The node as that dataclass."""
    built: Config = _convert(_Place(path, node, name), form)
    return built


def read_node(path: Path) -> yaml.Node:
    """The YAML document of the file as nodes with their lines; anchors are refused (they can explode)."""
    if not path.is_file():
        raise ConfigError(path, None, "there is no such file")
    if path.stat().st_size > LONGEST_BYTES:
        raise ConfigError(path, None, f"expected at most {LONGEST_BYTES} bytes, got {path.stat().st_size}")
    try:
        text = path.read_text(encoding="utf-8")
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text, yaml.SafeLoader)):
            raise ConfigError(path, None, "YAML aliases (*name) are not used here: write the value out")
        node = yaml.compose(text, yaml.SafeLoader)
    except UnicodeDecodeError as error:
        raise ConfigError(path, None, f"expected UTF-8 text, got byte {error.start} that is none") from error
    except RecursionError as error:
        raise ConfigError(path, None, "it is nested too deeply") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise ConfigError(path, line, f"not YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise ConfigError(path, None, f"not YAML: {error}") from error
    if node is None:
        raise ConfigError(path, 1, "the file is empty")
    return node


def written_paths(built: Any) -> Iterator[str]:
    """Every path that the dataclass, and those inside it, say in a PathText or PathsText, braces expanded."""
    hints = get_type_hints(type(built), include_extras=True)
    for field in fields(built):
        value = getattr(built, field.name)
        if is_dataclass(value):
            yield from written_paths(value)
        elif isinstance(value, str) and _is_kind(hints[field.name], PathText):
            yield value
        elif isinstance(value, str) and _is_kind(hints[field.name], PathsText):
            yield from expand_braces(value)


def _is_kind(kind: Any, wanted: Any) -> bool:
    return kind == wanted or any(choice == wanted for choice in get_args(kind))


def _convert(place: _Place, kind: Any) -> Any:
    if is_dataclass(kind):
        return _to_dataclass(place, kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _to_annotated(place, arguments)
    if origin in (Union, types.UnionType):
        return _to_optional(place, arguments)
    converters: dict[Any, Callable[[_Place, tuple[Any, ...]], Any]] = {
        tuple: _to_tuple,
        dict: _to_dict,
        Literal: _to_literal,
    }
    if origin in converters:
        return converters[origin](place, arguments)
    return _to_scalar(place, kind)


def _to_dataclass(place: _Place, form: Any) -> Any:
    hints = get_type_hints(form, include_extras=True)
    known = [field.name for field in fields(form)]
    given: dict[str, Any] = {}
    for key, value in _pairs(place):
        if key.value not in known:
            raise ConfigError(
                place.path,
                key.start_mark.line + 1,
                f"unknown key '{key.value}'{' in ' + place.name if place.name else ''};"
                f" expected one of {known}.{nearest_word(str(key.value), known)}",
            )
        given[key.value] = _convert(place.inner(value, str(key.value)), hints[key.value])
    for field in fields(form):
        if field.name not in given and field.default is MISSING and field.default_factory is MISSING:
            kind = described(hints[field.name])
            raise place.fault(f"the key '{field.name}' is missing: {kind}; the keys are {known}")
    try:
        return form(**given)
    except ValueError as error:
        raise place.fault(str(error)) from error


def _to_annotated(place: _Place, arguments: tuple[Any, ...]) -> Any:
    mark = arguments[1]
    if isinstance(mark, OneOf):
        return _to_one_of(place, mark)
    text = place.node.value if _is_bare_number(place.node, mark) else _to_scalar(place, str)
    if mark == "path":
        return text
    try:
        if mark == "duration":
            return parse_duration_ns(text)
        if mark == "split":
            refuse_wrong_split(text)
        else:
            expand_braces(text)
    except ValueError as error:
        raise place.fault(str(error)) from error
    return text


def _is_bare_number(node: yaml.Node, mark: Any) -> bool:
    """Whether it is a duration without its unit, which is told so and not called no text."""
    numbers = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
    return mark == "duration" and isinstance(node, yaml.ScalarNode) and node.tag in numbers


def described(kind: Any) -> str:
    """What a value of that type is, in words for the user who has to write one."""
    if is_dataclass(kind):
        return f"a mapping of {', '.join(field.name for field in fields(kind))}"
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        mark = arguments[1]
        if isinstance(mark, OneOf):
            return f"a mapping whose {mark.key} is one of {sorted(mark.choices)}"
        return {"duration": "a duration such as 20ms, 1.25s or 2min"}.get(mark, "a path")
    if origin is Literal:
        return f"one of {[str(choice) for choice in arguments]}"
    if origin in (Union, types.UnionType):
        return " or ".join(described(choice) for choice in arguments if choice is not type(None))
    if origin is tuple:
        return f"a list, each {described(arguments[0])}"
    if origin is dict:
        return f"a mapping from names, each to {described(arguments[1])}"
    return _SCALARS[kind][0]


def _to_one_of(place: _Place, mark: OneOf) -> Any:
    named = {key.value: value for key, value in _pairs(place)}
    if mark.key not in named:
        raise place.fault(f"the key '{mark.key}' is missing; it is one of {sorted(mark.choices)}")
    chosen = named[mark.key]
    if chosen.value not in mark.choices:
        choices = sorted(mark.choices)
        hint = nearest_word(str(chosen.value), choices)
        raise place.inner(chosen, mark.key).fault(f"expected one of {choices}, got '{chosen.value}'.{hint}")
    return _to_dataclass(place, mark.choices[chosen.value])


def _to_optional(place: _Place, arguments: tuple[Any, ...]) -> Any:
    if place.node.tag == "tag:yaml.org,2002:null":
        return None
    choices = [kind for kind in arguments if kind is not type(None)]
    mappings = [kind for kind in choices if is_dataclass(kind)]
    others = [kind for kind in choices if not is_dataclass(kind)]
    wanted = mappings if isinstance(place.node, yaml.MappingNode) and mappings else others or mappings
    return _convert(place, wanted[0])


def _to_tuple(place: _Place, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    if not isinstance(place.node, yaml.SequenceNode):
        raise place.fault(f"expected a list, got {_shown(place.node)}")
    return tuple(_convert(place.inner(node, str(n)), arguments[0]) for n, node in enumerate(place.node.value))


def _to_dict(place: _Place, arguments: tuple[Any, ...]) -> dict[str, Any]:
    return {key.value: _convert(place.inner(value, key.value), arguments[1]) for key, value in _pairs(place)}


def _to_literal(place: _Place, arguments: tuple[Any, ...]) -> Any:
    choices = [str(choice) for choice in arguments]
    if not isinstance(place.node, yaml.ScalarNode) or place.node.value not in choices:
        hint = nearest_word(str(place.node.value), choices)
        raise place.fault(f"expected one of {choices}, got {_shown(place.node)}.{hint}")
    return place.node.value


_SCALARS: dict[type, tuple[str, tuple[str, ...]]] = {
    str: ("a text", ("str", "timestamp")),
    int: ("a whole number", ("int",)),
    float: ("a number", ("float", "int")),
    bool: ("true or false", ("bool",)),
}


def _to_scalar(place: _Place, kind: Any) -> Any:
    expected, tags = _SCALARS[kind]
    tag = place.node.tag.removeprefix("tag:yaml.org,2002:")
    if not isinstance(place.node, yaml.ScalarNode) or tag not in tags:
        raise place.fault(f"expected {expected}, got {_shown(place.node)}")
    if kind is str:
        return place.node.value
    try:
        number = kind(yaml.safe_load(place.node.value))
    except ValueError as error:
        raise place.fault(
            f"expected {expected} of fewer digits, got one of {len(place.node.value)}"
        ) from error
    if isinstance(number, float) and not math.isfinite(number):
        raise place.fault(f"expected {expected}, got {_shown(place.node)}")
    return number


def _pairs(place: _Place) -> list[tuple[yaml.Node, yaml.Node]]:
    if not isinstance(place.node, yaml.MappingNode):
        raise place.fault(f"expected a mapping, got {_shown(place.node)}")
    seen: set[str] = set()
    for key, _ in place.node.value:
        if not isinstance(key, yaml.ScalarNode) or key.value in seen:
            raise ConfigError(
                place.path, key.start_mark.line + 1, f"the key {_shown(key)} is given twice or is no text"
            )
        seen.add(key.value)
    return list(place.node.value)


def _shown(node: yaml.Node) -> str:
    if isinstance(node, yaml.ScalarNode):
        return f"'{node.value}'" if node.value else "nothing"
    return "a list" if isinstance(node, yaml.SequenceNode) else "a mapping"
