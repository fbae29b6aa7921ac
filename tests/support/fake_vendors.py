"""Vendors made up for tests: a provider with a JSON interface of its own, and the network that answers it by a script.

No event loop, no socket: `Wire` is an httpx transport. It is `traced`, so an error's class tells whether the request
may have left: `httpx.ConnectError` never did, `httpx.ReadError` may have.
"""

import json
import math
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from functools import partial
from typing import Any

import attrs
import httpx

from smsgate import Batch, HttpRequest, HttpResponse, Job, Message, Reason, Template, Verdict
from smsgate.provider import Meaning
from smsgate.testing import traced

__all__ = ["CANARY", "LOGIN", "Call", "FakeVendor", "Paced", "Wire", "alpha", "beta", "gamma", "login", "number"]

Answer = Reason | Mapping[str, Reason] | Exception | httpx.Response | None
"""What a vendor does with a request: refuse all, refuse some numbers, fail, answer this; None: accept all."""
Step = Answer | Callable[["Call"], Awaitable[Answer]]

LOGIN = Template(
    "login",
    params=("code", "minutes"),
    text="Your code is {code}, valid for {minutes} minutes.",
    ids={"alpha": "a-1", "beta": "b-1", "gamma": "g-1"},
)


CANARY = "canary-4821"
"""A code that is found by no chance: four digits alone stand in many a time and number."""


def login(to: str = "+8613800138000", code: str = "4821", **options: Any) -> Message:
    """A message that every fake vendor can take."""
    return Message(to, "login", {"code": code, "minutes": "5"}, **options)


def number(index: int) -> str:
    """The mobile number of mainland China with this index."""
    return f"+86139{index:08d}"


@attrs.define
class FakeVendor:
    """A provider. Messages with equal template, parameters and signature share a request, up to *batch_limit*."""

    name: str
    batch_limit: int = 1
    takes: Callable[[Job], str | None] = lambda job: None
    """What `refuse` says."""
    shares: Callable[[Job], Hashable | None] = lambda job: (job.template_id, job.params, job.signature)
    """What `batch_key` says."""
    url: str | None = None
    """Where it is, if not on a `Wire`."""

    def batch_key(self, job: Job) -> Hashable | None:
        return self.shares(job)

    def refuse(self, job: Job) -> str | None:
        return self.takes(job)

    def build_request(self, batch: Batch, *, now: float, nonce: str) -> HttpRequest:
        content = {"to": [str(job.to) for job in batch.jobs], "now": now, "nonce": nonce, "tag": batch.reference}
        url = self.url or f"https://{self.name}.test/send"
        return HttpRequest("POST", url, {"Content-Type": "application/json"}, json.dumps(content).encode())

    def parse_response(self, batch: Batch, response: HttpResponse) -> Sequence[Verdict]:
        rows = json.loads(response.body)
        return [self._verdict(str(job.to), rows[str(job.to)]) for job in batch.jobs]

    def _verdict(self, to: str, word: str) -> Verdict:
        if word == "OK":
            return Verdict.accepted(f"{self.name}-{to[-4:]}", segments=1, request_id="r-1")
        return Verdict.refused(word, Meaning(Reason(word), Reason(word).meaning))


@attrs.define
class Paced(FakeVendor):
    """One whose vendor limits requests, or messages."""

    rate: float = math.inf
    by_message: bool = False

    def rate_cost(self, jobs: Sequence[Job]) -> float:
        return len(jobs) if self.by_message else 1


alpha = partial(FakeVendor, "alpha")
beta = partial(FakeVendor, "beta")
gamma = partial(FakeVendor, "gamma")


@attrs.frozen
class Call:
    """One request that arrived."""

    vendor: str
    to: tuple[str, ...]
    tag: str
    now: float
    nonce: str


class Wire(httpx.AsyncBaseTransport):
    """The network: each vendor's steps are taken one after another, the last one again and again."""

    def __init__(self, **scripts: Sequence[Step] | Step) -> None:
        self.calls: list[Call] = []
        self._mock = traced(httpx.MockTransport(self._answer))
        self._scripts = {name: list(steps) if isinstance(steps, list) else [steps] for name, steps in scripts.items()}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._mock.handle_async_request(request)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        content = json.loads(request.content)
        call = Call(request.url.host.removesuffix(".test"), tuple(content.pop("to")), **content)
        self.calls.append(call)
        steps = self._scripts.get(call.vendor, [None])
        step: Any = steps.pop(0) if len(steps) > 1 else steps[0]
        answer: Answer = await step(call) if callable(step) else step
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):
            return answer
        refused = answer if isinstance(answer, Mapping) else dict.fromkeys(call.to, answer)
        return httpx.Response(200, json={to: str(refused.get(to) or "OK") for to in call.to})

    @property
    def asked(self) -> list[str]:
        """The vendors in the order in which they were asked."""
        return [call.vendor for call in self.calls]
