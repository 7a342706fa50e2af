"""Frozen records: `typing.NamedTuple` without the cost of importing `typing`.

A command of machdesc runs in every commit, so its cold start counts; importing `typing` or
`dataclasses` costs more than parsing a guest. To type checkers `Record` *is* `NamedTuple`; at
run time the same class body becomes a `collections.namedtuple` with its methods on top.
"""

from __future__ import annotations

__all__ = ["Record"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple as Record
else:
    from collections import namedtuple

    class _Meta(type):
        """Turns the annotations of a class body into the fields of a named tuple."""

        def __new__(cls, name, bases, body):
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = tuple(body.get("__annotations__", ()))
            defaults = [body.pop(field) for field in fields if field in body]
            base = namedtuple(name, fields, defaults=defaults, module=body["__module__"])
            body["__slots__"] = ()
            del body["__annotations__"]
            return type(name, (base,), body)

    class Record(metaclass=_Meta):
        """Base of all records; see the module's docstring."""
