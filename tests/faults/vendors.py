"""A vendor that a stranger might write: no base class, nothing from smsgate but its plain data."""

import json
from collections.abc import Hashable, Sequence

from smsgate import Batch, HttpRequest, HttpResponse, Job, Outcome, Reason, Verdict

__all__ = ["Bulky"]


class Bulky:
    """A vendor whose requests are as large as they are told to be."""

    batch_limit = 1

    def __init__(self, name: str, url: str, size: int = 0) -> None:
        self.name = name
        self._url = url
        self.size = size

    def batch_key(self, job: Job) -> Hashable | None:
        return None

    def refuse(self, job: Job) -> str | None:
        return None

    def build_request(self, batch: Batch, *, now: float, nonce: str) -> HttpRequest:
        mobile = str(batch.jobs[0].to).removeprefix("+86")
        content = {"tel": {"mobile": mobile}, "params": batch.jobs[0].params, "ext": "", "padding": "x" * self.size}
        return HttpRequest(
            "POST", f"{self._url}/send", {"Content-Type": "application/json"}, json.dumps(content).encode()
        )

    def parse_response(self, batch: Batch, response: HttpResponse) -> Sequence[Verdict]:
        if response.status in (401, 413):
            reason = Reason.AUTH_FAILED if response.status == 401 else Reason.INVALID_REQUEST
            return [Verdict(Outcome.REJECTED, reason, str(response.status))]
        return [Verdict.accepted(json.loads(response.body)["sid"])]
