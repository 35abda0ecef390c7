"""`NamedTuple`, made in a third of the time: a command makes some 130 of them before it does anything.

`typing` compiles every annotation to see whether it may be a type, which costs a `log` as much as half a start of
Python. The type checker, which sees `typing`'s own here, has looked at them before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    from collections import namedtuple

    class _Made(type):
        """Makes what a class statement says into a named tuple with its methods."""

        def __new__(cls, name: str, bases: tuple[type, ...], said: dict[str, object]) -> type:
            if not bases:  # NamedTuple itself
                return super().__new__(cls, name, bases, said)
            fields = said.get("__annotations__", {})
            made = namedtuple(
                name, fields, defaults=[said[field] for field in fields if field in said], module=said["__module__"]
            )
            for key, value in said.items():
                if key not in fields and key != "__slots__":
                    setattr(made, key, value)
            return made

    class NamedTuple(metaclass=_Made):
        """The base of typed tuples; its subclasses are tuples, and not subclasses of it."""
