"""Ports that belong to one vendor alone, as the sandbox's own calls see them."""

from collections.abc import Sequence
from typing import Protocol

__all__ = ["Ports"]


class Ports(Protocol):
    """The ports of single vendors."""

    def has(self, interface: str) -> bool:
        """Whether *interface* has a port of its own."""
        ...

    @property
    def closed(self) -> Sequence[str]:
        """The interfaces whose ports refuse connections."""
        ...

    def close(self, interface: str) -> None:
        """Let its connections be refused."""
        ...

    def open(self, interface: str | None = None) -> None:
        """Listen again, on that port or on all."""
        ...
