"""Faults: make a simulated vendor fail for the next requests, whatever they are."""

import math
from collections.abc import Iterable

import attrs

from smsgate.sandbox.state.answer import Answer, Drop
from smsgate.wire import HttpResponse

__all__ = ["Faults"]


@attrs.define
class _Fault:
    processed: bool
    left: float
    """Requests that it is still good for."""
    drop: Drop | None = None
    delay: float = 0.0
    response: HttpResponse | None = None

    def apply(self, answer: Answer) -> Answer:
        if self.drop is not None:
            return Answer(delay=self.delay, drop=self.drop)
        return Answer(self.response or answer.response, max(self.delay, answer.delay), answer.drop)


class Faults:
    """Faults per vendor, used up in the order in which they were set.

    *vendors*: the names of all there are. *times*: for how many requests; None: until `clear()`. Raises `ValueError`
    for an unknown vendor.
    """

    def __init__(self, vendors: Iterable[str]) -> None:
        self._queues: dict[str, list[_Fault]] = {vendor: [] for vendor in vendors}

    def refuse(self, vendor: str, *, times: int | None = None) -> None:
        """Connections are refused. Over a socket, stop the `SandboxServer` instead: it can only reset."""
        self._add(vendor, _Fault(False, _count(times), drop=Drop.CONNECT))

    def drop(self, vendor: str, at: Drop = Drop.AFTER, *, times: int | None = 1) -> None:
        """The connection drops: after the request was processed, or earlier."""
        self._add(vendor, _Fault(at is Drop.AFTER, _count(times), drop=at))

    def stall(self, vendor: str, seconds: float = math.inf, *, processed: bool = True, times: int | None = 1) -> None:
        """The response takes *seconds*. Where the request is not *processed*, the connection drops in the end."""
        self._add(vendor, _Fault(processed, _count(times), drop=None if processed else Drop.BEFORE, delay=seconds))

    def answer(
        self,
        vendor: str,
        status: int,
        body: bytes = b"",
        *,
        headers: dict[str, str] | None = None,
        processed: bool = False,
        times: int | None = 1,
    ) -> None:
        """This comes back in place of the vendor's response, after processing the request or without."""
        fields = {"Content-Length": str(len(body)), **(headers or {})}
        self._add(vendor, _Fault(processed, _count(times), response=HttpResponse(status, fields, body)))

    def clear(self, vendor: str | None = None) -> None:
        """Work again: one vendor, or all."""
        for name in self._queues if vendor is None else (vendor,):
            self._queue(name).clear()

    def take_early(self, vendor: str) -> Drop | None:
        """The drop of the next request of *vendor* before its body leaves, if that is what is set."""
        queue = self._queue(vendor)
        early = bool(queue) and queue[0].drop in (Drop.CONNECT, Drop.HEADERS)
        fault = self.take(vendor) if early else None
        return fault.drop if fault else None

    def take(self, vendor: str) -> _Fault | None:
        """The fault for the next request of *vendor*, if there is one."""
        queue = self._queue(vendor)
        if not queue:
            return None
        fault = queue[0]
        fault.left -= 1
        if fault.left <= 0:
            queue.pop(0)
        return fault

    def _add(self, vendor: str, fault: _Fault) -> None:
        self._queue(vendor).append(fault)

    def _queue(self, vendor: str) -> list[_Fault]:
        if vendor not in self._queues:
            raise ValueError(f"no vendor {vendor!r}: the sandbox has {', '.join(self._queues)}")
        return self._queues[vendor]


def _count(times: int | None) -> float:
    return math.inf if times is None else times
