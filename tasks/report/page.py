"""The page itself: facts into the template, everything escaped, nothing fetched from elsewhere."""

from pathlib import Path
from typing import Any

TEMPLATE_FILE = "page.html.j2"


def render(**sections: Any) -> str:
    """The report as one HTML document."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(TEMPLATE_FILE).render(**sections)
