"""The name of an export as ids and origins have it: like the ids of items, and with no machine path in it."""

from tasks.core.delivered import delivered_name

__all__ = ["delivered_name"]
