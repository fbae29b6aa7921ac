"""A request to a callback, as every vendor makes it."""

from smsgate.wire import HttpRequest

__all__ = ["post"]


def post(url: str, content_type: str, body: bytes, *, connection: str = "") -> HttpRequest:
    """A POST with all the headers that go over the wire, so that they can be signed."""
    authority = url.partition("://")[2].partition("?")[0].partition("/")[0]
    headers = {"Host": authority.rpartition("@")[2], "Content-Type": content_type, "Content-Length": str(len(body))}
    return HttpRequest("POST", url, {**headers, "Connection": connection} if connection else headers, body)
