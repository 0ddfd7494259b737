"""The examples of all label formats: one small file per format, each with an `EXAMPLE`."""

from importlib import import_module
from pathlib import Path

from tests.label_formats.examples.example import Example

_NAMES = sorted({path.stem for path in Path(__file__).parent.glob("*.py")} - {"__init__", "example"})

EXAMPLES: dict[str, Example] = {
    name: import_module(f"tests.label_formats.examples.{name}").EXAMPLE for name in _NAMES
}
