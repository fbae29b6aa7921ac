"""Which extra of the package a command's module needs, for the error where it is not installed."""

from typing import Final

__all__ = ["how_to_install"]

_EXTRAS: Final = {"click": "cli", "rich": "cli", "sqlalchemy": "ledger", "starlette": "sandbox", "uvicorn": "sandbox"}
"""The packages of the extras in pyproject.toml: "sandbox" has those of "cli" too."""


def how_to_install(error: ModuleNotFoundError) -> str | None:
    """One line about what is missing and how to get it; None if it belongs to no extra."""
    package = (error.name or "").partition(".")[0]
    extra = _EXTRAS.get(package)
    return extra and f"needs {package}: pip install 'smsgate[{extra}]'"
