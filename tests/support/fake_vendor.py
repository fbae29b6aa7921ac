"""A vendor that exists for these tests only: its calls, its token, its queue."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from smsgate import HttpRequest, HttpResponse, Reply, Secret, StatusReport
from smsgate.model.errors import VendorError
from smsgate.model.phone import PhoneNumber
from smsgate.model.reason import Outcome, Reason
from smsgate.model.states import DeliveryState
from smsgate.provider import Call, RequestContext, Token, TokenSource
from smsgate.provider.records import Page, Pulled

NOW = 1_700_000_000.0
BASE = "http://vendor.test"


def request(path: str, moment: RequestContext) -> HttpRequest:
    """A POST that shows its token."""
    token = moment.token.reveal() if moment.token else ""
    return HttpRequest("POST", BASE + path, {"X-Token": token}, b"{}")


def read(response: HttpResponse) -> dict[str, object]:
    """The answer as an object, or the vendor's refusal."""
    body: dict[str, object] = json.loads(response.body)
    if response.status != 200:
        outcome = Outcome.UNKNOWN if response.status >= 500 else Outcome.REJECTED
        raise VendorError("refused", outcome=outcome, reason=Reason.AUTH_FAILED, code=str(body["code"]))
    return body


def token_source(lifetime: float = 86400.0) -> TokenSource:
    """Tokens that live for *lifetime* seconds from `NOW`."""

    def parse(response: HttpResponse) -> Token:
        value = str(read(response)["token"])
        return Token(Secret(value), datetime.fromtimestamp(NOW, UTC) + timedelta(seconds=lifetime))

    return TokenSource("me", Call("token", lambda moment: request("/token", moment), parse))


def listing(source: TokenSource | None = None) -> Callable[..., Call[Page[int]]]:
    """A paged list of numbers."""

    def list_numbers(*, offset: int, limit: int) -> Call[Page[int]]:
        def parse(response: HttpResponse) -> Page[int]:
            body = read(response)
            items = body["items"]
            assert isinstance(items, list)
            total = body.get("total")
            return Page(tuple(items), total if isinstance(total, int) else None)

        path = f"/list?offset={offset}&limit={limit}"
        return Call("list", lambda moment: request(path, moment), parse, source)

    return list_numbers


class Queue:
    """A `ReportSource` whose reports are message ids in a JSON list."""

    name = "fake"

    def pull_reports(self, *, limit: int = 100) -> Call[Pulled]:
        return Call("pull", lambda moment: request(f"/pull?max={limit}", moment), self._parse)

    def pull_replies(self, *, limit: int = 100) -> Call[Pulled]:
        return Call("pull-replies", lambda moment: request(f"/replies?max={limit}", moment), self._parse_replies)

    def find_reports(self, to: PhoneNumber, *, begin: datetime, end: datetime, limit: int = 100) -> Call[Pulled]:
        path = f"/find?to={str(to)[1:]}&begin={begin.timestamp():.0f}&end={end.timestamp():.0f}"
        return Call("find", lambda moment: request(path, moment), self._parse)

    def find_replies(self, sender: PhoneNumber, *, begin: datetime, end: datetime, limit: int = 100) -> Call[Pulled]:
        return self.find_reports(sender, begin=begin, end=end, limit=limit)

    def _parse(self, response: HttpResponse) -> Pulled:
        if response.status != 200:
            read(response)
        ids: list[str] = json.loads(response.body)
        return Pulled(tuple(StatusReport("fake", each, None, DeliveryState.DELIVERED) for each in ids))

    def _parse_replies(self, response: HttpResponse) -> Pulled:
        texts: list[str] = json.loads(response.body)
        return Pulled((), tuple(Reply("fake", None, PhoneNumber("+8613800138000"), each) for each in texts))
