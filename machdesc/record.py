"""Frozen records: `typing.NamedTuple` without the cost of importing `typing`.

A command of machdesc runs in every commit, so its cold start counts; importing `typing` or
`dataclasses` costs more than parsing a guest. To type checkers `Record` *is* `NamedTuple`; at
run time the same class body becomes a subclass of tuple with the same behaviour.
"""

from __future__ import annotations

__all__ = ["Record"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple as Record
else:
    try:
        from _collections import _tuplegetter
    except ImportError:  # an interpreter without CPython's accelerator, as in `collections`
        from operator import itemgetter

        def _tuplegetter(place, text):
            return property(itemgetter(place), doc=text)

    _new_tuple = tuple.__new__

    class _Meta(type):
        """Turns the annotations of a class body into the fields of a named tuple.

        `collections.namedtuple` compiles a constructor for each class, which takes a third of
        the start of a command; here all classes share one.
        """

        def __new__(cls, name, bases, body):
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = tuple(body.pop("__annotations__", ()))
            defaults = {field: body.pop(field) for field in fields if field in body}
            body.update({field: _tuplegetter(place, None) for place, field in enumerate(fields)})
            body.update(_Methods)
            body.update(__slots__=(), _fields=fields, _size=len(fields), __match_args__=fields)
            body.update(_defaults=defaults, _last=tuple(defaults.values()))
            return type(name, (tuple,), body)

    def _new(cls, *values, **named):
        lacking = cls._size - len(values)
        if named or lacking:
            if named or not 0 < lacking <= len(cls._last):
                values = _completed(cls, values, named)
            else:
                values += cls._last[-lacking:]
        return _new_tuple(cls, values)

    def _completed(cls, values, named):
        fields, defaults = cls._fields, cls._defaults
        rest = fields[len(values) :]
        try:
            values += tuple([named.pop(f) if f in named else defaults[f] for f in rest])
        except KeyError as missing:
            raise TypeError(f"{cls.__name__}: no value for {missing}") from None
        if named or len(values) != len(fields):
            raise TypeError(f"{cls.__name__}: takes {', '.join(fields)}, each once")
        return values

    def _replace(self, **named):
        values, fields = list(self), self._fields
        for field, value in named.items():
            if field not in fields:
                raise ValueError(f"{type(self).__name__} has no {field}")
            values[fields.index(field)] = value
        return _new_tuple(type(self), values)

    def _repr(self):
        pairs = zip(self._fields, self, strict=True)
        return f"{type(self).__name__}({', '.join(f'{field}={value!r}' for field, value in pairs)})"

    def _arguments(self):
        return tuple(self)

    _Methods = {
        "__new__": _new,
        "__repr__": _repr,
        "__getnewargs__": _arguments,
        "_replace": _replace,
    }

    class Record(metaclass=_Meta):
        """Base of all records; see the module's docstring."""
