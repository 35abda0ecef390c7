"""One family of errors, each with what happened, what to do about it, and the exit code it ends in."""

from __future__ import annotations

EXIT_OK = 0
EXIT_ERROR = 1
EXIT_BLOCKED = 2
EXIT_USAGE = 64


class LabError(Exception):
    """Anything that MemoryLab refuses or can't do; printed as `error: message; hint: hint`."""

    exit_code = EXIT_ERROR

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}; hint: {self.hint}" if self.hint else self.message


_SHOWN = 120


def shown(value: object) -> str:
    """A value in a message; what a program wrote may be a megabyte long, or nested or large beyond what is printed."""
    try:
        told = repr(value)
    except (RecursionError, ValueError):
        return f"a {type(value).__name__}"
    return told if len(told) <= _SHOWN else f"{told[:_SHOWN]}..."


class UsageError(LabError):
    """The command line asks for something that doesn't exist or doesn't fit together."""

    exit_code = EXIT_USAGE


class InputError(LabError):
    """A file or value handed in is missing, malformed or contradicts itself."""


class ConfigError(LabError):
    """`memorylab.toml` can't be read or holds a value of the wrong kind."""


class LedgerError(LabError):
    """The ledger can't be read or written as asked; nothing was appended."""


class LedgerUnsure(LedgerError):
    """Appending failed and couldn't be taken back: the rows may be stored, and may be gone after a power cut."""


class LedgerMoved(LedgerError):
    """Another writer appended first: the expected position is no longer the end of the ledger."""


class LedgerTooNew(LedgerError):
    """A row was written by a newer MemoryLab, whose meaning this one can't know."""


EXTRAS = {"notebook": "pandas matplotlib", "plots": "matplotlib", "web": "starlette uvicorn jinja2"}
"""What the extras of pyproject.toml install, by the packages' own names: nobody is sent to a package index for ours."""


class MissingExtra(LabError):
    """Something needs a package that only an extra installs."""

    def __init__(self, what: str, package: str, extra: str) -> None:
        super().__init__(f"{what} needs {package}", f"pip install {EXTRAS[extra]}")
