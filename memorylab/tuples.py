"""`NamedTuple`, made in half the time that `collections` takes: a `log` makes 120 of them before it does anything.

`typing` compiles every annotation to see whether it may be a type; the type checker, which sees `typing`'s own here,
has looked at them before. What `collections` makes for each class, all share here, but for the constructor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    from collections import _tuplegetter

    class _Fields(tuple):
        """What all of them can do, as `collections.namedtuple` documents it."""

        __slots__ = ()
        _fields, _field_defaults = (), {}

        @classmethod
        def _make(cls, values):
            made = tuple.__new__(cls, values)
            if len(made) != len(cls._fields):
                raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(made)}")
            return made

        def _replace(self, /, **values):
            made = self._make(map(values.pop, self._fields, self))
            if values:
                raise ValueError(f"Got unexpected field names: {list(values)!r}")
            return made

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self):
            told = ", ".join(f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True))
            return f"{type(self).__name__}({told})"

        def __getnewargs__(self):
            return tuple(self)

    def _constructor(fields, defaults):
        """As `collections` compiles it: arguments by place or by name are checked at the speed of any call."""
        names = ", ".join(fields)
        made = eval(f"lambda _cls, {names}: _new(_cls, ({names}{',' if fields else ''}))", {"_new": tuple.__new__})
        made.__defaults__ = tuple(defaults.values())
        made.__name__ = "__new__"
        return made

    class _Made(type):
        """Makes what a class statement says into a named tuple with its methods."""

        def __new__(cls, name: str, bases: tuple[type, ...], said: dict[str, object]) -> type:
            if not bases:  # NamedTuple itself
                return super().__new__(cls, name, bases, said)
            fields = tuple(said.get("__annotations__", ()))
            defaults = {field: said.pop(field) for field in fields if field in said}
            if tuple(defaults) != fields[len(fields) - len(defaults) :]:
                raise TypeError(f"{name}: a field without a default follows one with a default")

            getters = {field: _tuplegetter(at, None) for at, field in enumerate(fields)}
            own = {"__slots__": (), "__new__": _constructor(fields, defaults), "__match_args__": fields}
            return type(name, (_Fields,), {**own, "_fields": fields, "_field_defaults": defaults, **getters, **said})

    class NamedTuple(metaclass=_Made):
        """The base of typed tuples; its subclasses are tuples, and not subclasses of it."""
