"""Requests as the vendors' own SDKs put them on the wire: tests/sandbox/samples/*.http."""

from pathlib import Path

from smsgate.wire import HttpRequest

__all__ = ["captured"]

_SAMPLES = Path(__file__).parents[1] / "sandbox" / "samples"


def captured(name: str) -> HttpRequest:
    """A captured request."""
    head, _, body = (_SAMPLES / f"{name}.http").read_bytes().partition(b"\r\n\r\n")
    line, *fields = head.decode("latin-1").split("\r\n")
    method, target, _ = line.split(" ")
    headers = [(name, value) for name, _, value in (field.partition(": ") for field in fields)]
    return HttpRequest(method, f"http://sandbox{target}", headers, body)
