"""Whether the vendors' addresses, and our own for their pushes, can be reached and are what they should be."""

import secrets
import time
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

from smsgate.management.findings import Finding, Level
from smsgate.provider.base_url import BaseUrl
from smsgate.provider.reading import read_object
from smsgate.transport.exchange import Exchange, NoResponse
from smsgate.transport.progress import Progress
from smsgate.transport.timeouts import Timeouts
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["REACHING", "Network", "callback_finding"]

REACHING: Final = "look at base_url, the name server, a firewall or proxy on the way, and the time of this machine"
"""What to do about a vendor that is not reached."""

_MOST_SECONDS: Final = 60.0
"""How far the clock may be off. Vendors refuse requests that are some minutes off."""


class Network:
    """Makes requests that say nothing of an account."""

    def __init__(self, timeouts: Timeouts) -> None:
        self._exchange = Exchange(timeouts=timeouts)

    async def request(self, method: str, url: str, body: bytes = b"") -> HttpResponse | NoResponse:
        """The response, whatever its status."""
        headers = {"Host": urlsplit(url).netloc, **({"Content-Type": "application/json"} if body else {})}
        return await self._exchange.send(HttpRequest(method, url, headers, body), Progress())

    async def look_at(self, address: str) -> list[Finding]:
        """Whether there is an HTTP server at *address*, with a certificate that is trusted, and what time it has."""
        began = time.time()
        response = await self.request("GET", f"{address}/")
        if isinstance(response, NoResponse):
            return [Finding(Level.ERROR, address, "address", response.error, REACHING)]
        secure = "TLS and its certificate are in order" if address.startswith("https:") else "without TLS"
        reached = Finding(Level.OK, address, "address", f"reached, {secure}")
        return [reached, _clock(address, response, (began + time.time()) / 2)]

    async def aclose(self) -> None:
        """Close its connections."""
        await self._exchange.aclose()


def _clock(address: str, response: HttpResponse, now: float) -> Finding:
    try:
        there = parsedate_to_datetime(response.headers.get("date", "")).timestamp()
    except ValueError:
        return Finding(Level.SKIPPED, address, "clock", "its responses have no time that can be read")
    ahead = now - there
    text = f"this machine is {abs(ahead):.0f} seconds {'ahead of' if ahead > 0 else 'behind'} it"
    if abs(ahead) <= _MOST_SECONDS:
        return Finding(Level.OK, address, "clock", text)
    return Finding(Level.ERROR, address, "clock", text, "set the clock of this machine, and keep it right by NTP")


async def callback_finding(network: Network, base: str, account: str) -> Finding:
    """Whether our own application is at the address that the vendor pushes to: it refuses a made-up token.

    It is as a real push until the token is looked at, so that what a proxy does to pushes shows.
    """
    subject = f"callbacks of {account}"
    problem = BaseUrl.wrap(base).problem
    if problem is not None:
        return Finding(Level.ERROR, subject, "address", f"--callbacks: {problem}", "write https://host/path")
    response = await network.request("POST", f"{base.rstrip('/')}/{account}/{secrets.token_urlsafe(24)}", b"[]")
    if isinstance(response, NoResponse):
        remedy = "start the application, and open its port to the vendors"
        return Finding(Level.ERROR, subject, "address", response.error, remedy)
    if response.status in (401, 404) and _is_ours(response):
        text = f"smsgate answers, and refuses a made-up token ({response.status})"
        return Finding(Level.OK, subject, "address", text)
    if response.status < 300:
        remedy = "give the route tokens=, and let nothing else answer there"
        return Finding(Level.ERROR, subject, "address", f"a made-up token is accepted ({response.status})", remedy)
    text = f"something else answers: {response.status}"
    return Finding(Level.ERROR, subject, "address", text, "let the proxy pass POST with its whole path to CallbackApp")


def _is_ours(response: HttpResponse) -> bool:
    """Whether it has the form of `CallbackApp`'s refusals."""
    answer = read_object(response.body)
    return answer is not None and set(answer) == {"result", "errmsg"} and answer["result"] == response.status
