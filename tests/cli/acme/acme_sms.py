"""A vendor in a package of its own, as somebody else would publish it: `test_vendors.py` installs it."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from smsgate.management import DeliveryStatistics, SendStatistics
from smsgate.model.errors import ConfigurationError
from smsgate.model.reason import Outcome, Reason
from smsgate.model.secret import Secret
from smsgate.provider import (
    AccountKind,
    Batch,
    Call,
    Callback,
    Codebook,
    CodeTable,
    Job,
    Meaning,
    RequestContext,
    Vendor,
    Verdict,
)
from smsgate.wire import HttpRequest, HttpResponse

SEND_CODES = Codebook({"A1": Meaning(Reason.BLOCKLISTED, "the number is on Acme's list", "remove the number")})
STATUS_CODES = Codebook({"GONE": Meaning(Reason.INVALID_NUMBER, "the number is not in service", "remove the number")})


class AcmeSms:
    """Sends one message a request: POST /send."""

    batch_limit = 1

    def __init__(self, *, key: Secret, base_url: str, sender: str = "Acme", name: str = "acme") -> None:
        if not base_url.startswith("http"):
            raise ConfigurationError("base_url: must be a URL")
        self.name = name
        self._key, self._base_url, self._sender = key, base_url, sender

    def batch_key(self, job: Job) -> None:
        """Every message travels alone."""

    def refuse(self, job: Job) -> str | None:
        """Everything is taken."""
        return None

    def build_request(self, batch: Batch, *, now: float, nonce: str) -> HttpRequest:
        """The number, the template and its values as JSON."""
        job = batch.jobs[0]
        body = {"to": [str(job.to)], "from": self._sender, "template": job.template_id, "values": job.params}
        headers = {"Content-Type": "application/json", "X-Key": self._key.reveal()}
        return HttpRequest("POST", f"{self._base_url}/send", headers, json.dumps(body).encode())

    def parse_response(self, batch: Batch, response: HttpResponse) -> Sequence[Verdict]:
        """Accepted with an id, refused with a code; anything else leaves it open."""
        answer = _read(response)
        if response.status == 200 and isinstance(answer.get("id"), str):
            return [Verdict.accepted(answer["id"])]
        if isinstance(answer.get("code"), str):
            return [Verdict.refused(answer["code"], SEND_CODES[answer["code"]])]
        return [Verdict(Outcome.UNKNOWN, Reason.NO_ANSWER, description=f"HTTP {response.status}")]


class AcmeStatistics:
    """Counts of the same account."""

    def __init__(self, *, key: Secret, base_url: str, name: str = "acme") -> None:
        self.name = name
        self._key, self._base_url = key, base_url

    def send_statistics(self, *, begin: datetime, end: datetime) -> Call[SendStatistics]:
        """GET /counts."""
        return Call("counts", self._build, lambda response: SendStatistics(**_read(response)["sent"]))

    def delivery_statistics(self, *, begin: datetime, end: datetime) -> Call[DeliveryStatistics]:
        """GET /counts."""
        return Call("counts", self._build, lambda response: DeliveryStatistics(**_read(response)["delivered"]))

    def _build(self, context: RequestContext) -> HttpRequest:
        return HttpRequest("GET", f"{self._base_url}/counts", {"X-Key": self._key.reveal()})


def parse_callback(request: HttpRequest, *, provider: str = "acme") -> Callback:
    """Acme pushes nothing that is worth reading."""
    return Callback((), (), HttpResponse(204))


def _read(response: HttpResponse) -> dict[str, Any]:
    try:
        value = json.loads(response.body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


HELP = {"key": "the key of your project", "sender": "what phones show"}

ACME = Vendor(
    name="acme",
    accounts={
        "acme": AccountKind(
            make=AcmeSms, required=("key", "base_url"), optional=("sender",), secrets=("key",), help=HELP
        ),
    },
    codebooks=(
        CodeTable(place="in a delivery report", codes=STATUS_CODES, of_reports=True),
        CodeTable(place="in the response to a send", codes=SEND_CODES),
    ),
    parse_callback=parse_callback,
    management={"acme": AccountKind(make=AcmeStatistics, required=("key", "base_url"), secrets=("key",))},
)
