"""VIA 3: files, views of them, and metadata with a time (z) and a place (xy) in a view.

z is in seconds from the start of the file: [] for no time, [t] for a moment (a frame that is shown), [t0,
t1] for a segment; a segment without an end has only its start. Attributes are by their ids; a choice is by
the id of its option, a check box is a list of such ids with commas between them.
"""

from dataclasses import dataclass
from typing import Any

from tasks.core.rejects import Reason
from tasks.core.times import seconds_to_ns
from tasks.label_formats.reading.fault_error import FaultError
from tasks.label_formats.reading.json_export import JsonObject, list_of, object_of, text_of, to_number

_CHECKBOX = 2


@dataclass(frozen=True)
class ViaProject:
    """The project's own tables: its files, views and attributes by their ids."""

    files: JsonObject
    views: JsonObject
    attributes: JsonObject

    @property
    def attribute_names(self) -> set[str]:
        """What the attributes of the project are called."""
        told = [one for one in self.attributes.values() if isinstance(one, dict)]
        return {str(one["aname"]) for one in told if one.get("aname")}

    def media(self, metadata: JsonObject) -> str:
        """The file that the metadata is about; UNSUPPORTED_LABEL when its view shows several."""
        view = object_of(self.views.get(str(metadata.get("vid"))))
        shown = list_of(view, "fid_list")
        if len(shown) != 1:
            detail = f"its view shows {len(shown)} files, and it is not said which is meant"
            raise FaultError(Reason.UNSUPPORTED_LABEL, detail)
        file = object_of(self.files.get(str(shown[0])))
        return text_of(file, "fname")

    def named_attributes(self, metadata: JsonObject) -> JsonObject:
        """The values by the attributes' names, choices as they are shown."""
        values = object_of(metadata.get("av") or {})
        named: JsonObject = {}
        for attribute_id, value in values.items():
            known = self.attributes.get(attribute_id)
            about = known if isinstance(known, dict) else {}
            named[str(about.get("aname") or attribute_id)] = _shown(value, about)
        return named


def _shown(value: Any, about: JsonObject) -> Any:
    options = about.get("options")
    if not isinstance(options, dict) or not options or not isinstance(value, str):
        return value
    if about.get("type") == _CHECKBOX:
        return {str(options.get(one, one)): True for one in value.split(",") if one}
    return options.get(value, value)


def span_of(metadata: JsonObject) -> dict[str, int]:
    """The moment or the segment, as fields of a label."""
    times = [to_number(time, "z") for time in list_of(metadata, "z")]
    if len(times) > 2:
        detail = f"a time of {len(times)} numbers is not read, only a moment and a segment"
        raise FaultError(Reason.UNSUPPORTED_LABEL, detail)
    if not times:
        return {}
    return {"start_ns": seconds_to_ns(times[0]), "end_ns": seconds_to_ns(times[-1])}
