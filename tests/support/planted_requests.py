"""Planted defects of requests: their fields, what makes each new, their signature, and what a provider keeps."""

import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, Final

import attrs
from planted_defects import defect, other
from vendor_samples import KEY

from smsgate import Batch, HttpRequest, HttpResponse, Job, Verdict
from smsgate.provider import Batch as SendBatch

ALL: Final = ("template_id", "params", "signature", "sender", "extend", "expires_at")


def build(module: ModuleType, provider: Any, batch: Batch, nonce: str = "0" * 32) -> HttpRequest:
    """Heron's own request."""
    built: HttpRequest = module.Heron.build_request(provider, batch, now=0.0, nonce=nonce)
    return built


def with_fields(module: ModuleType, change: Callable[[dict[str, Any], Batch], None], **members: Any) -> dict[str, Any]:
    """The fields of its body are changed."""

    def send(self: Any, batch: Batch, *, now: float, nonce: str) -> HttpRequest:
        built = build(module, self, batch)
        fields = json.loads(built.body)
        change(fields, batch)
        return attrs.evolve(built, body=json.dumps(fields).encode())

    return other(module, build_request=send, **members)


def of_the_first(name: str) -> Callable[[ModuleType], dict[str, Any]]:
    def plant(module: ModuleType) -> dict[str, Any]:
        def change(fields: dict[str, Any], batch: Batch) -> None:
            fields[name] = str(getattr(batch.jobs[0], name))

        return {**with_fields(module, change), "unused": [each for each in ALL[2:] if each != name]}

    plant.__name__ = f"sends_the_{name}_of_the_first"
    return plant


for field, called in {
    "signature": "signatures", "sender": "senders", "extend": "extensions", "expires_at": "times of expiry"
}.items():  # fmt: skip
    text = f"two jobs with other {called} have equal batch_keys, but the request has the values of the first one"
    defect("batches", text)(of_the_first(field))


@defect("fields", "two jobs with other templates (Job.template_id) have the same request")
def sends_no_template(module: ModuleType) -> dict[str, Any]:
    return with_fields(module, lambda fields, batch: fields.pop("text"))


@defect("fields", "two jobs with other parameters (Job.params) have the same request")
def sends_the_first_parameter_alone(module: ModuleType) -> dict[str, Any]:
    return with_fields(module, lambda fields, batch: fields.update({"with": fields["with"][:1]}))


@defect("fields", "two jobs with other senders (Job.sender) have the same request. Send it, or refuse such a job")
def drops_the_sender(module: ModuleType) -> dict[str, Any]:
    return {"unused": ["signature", "extend", "expires_at"]}


@defect("fields", "two batches with other references have the same request. Send Batch.reference")
def sends_no_reference(module: ModuleType) -> dict[str, Any]:
    return with_fields(module, lambda fields, batch: fields.pop("echo"))


@defect("batches", "the request lacks 100 of 100 numbers")
def writes_another_country_s_code(module: ModuleType) -> dict[str, Any]:
    return with_fields(module, lambda fields, batch: fields.update(to=[f"+1{number}" for number in fields["to"]]))


@defect("facts", "refuse: its text has the number in full")
def refuses_with_the_number(module: ModuleType) -> dict[str, Any]:
    return other(module, refuse=lambda self, job: None if job.to.is_mainland else f"to: {job.to} is not in China")


@defect("facts", "refuse: its text has a key")
def refuses_with_the_key(module: ModuleType) -> dict[str, Any]:
    return other(module, refuse=lambda self, job: f"params: too many for {KEY}" if len(job.params) > 9 else None)


@defect("facts", "refuse: its text has a parameter of the message")
def refuses_with_the_parameter(module: ModuleType) -> dict[str, Any]:
    def refuse(self: Any, job: Job) -> str | None:
        return next((f"params: {value} is too long" for value in job.params if len(value) > 99), None)

    return other(module, refuse=refuse)


@defect("facts", "refuse: raised IndexError")
def refuses_by_raising(module: ModuleType) -> dict[str, Any]:
    return other(module, refuse=lambda self, job: "params: empty" if job.params[0] == "" else None)


def signature_of(request: HttpRequest) -> str:
    """HMAC over the time, the nonce and the body."""
    signed = f"{request.headers.get('X-Time')}{request.headers.get('X-Nonce')}".encode() + request.body
    return hmac.new(KEY.encode(), signed, hashlib.sha256).hexdigest()


def verify(request: HttpRequest) -> bool:
    return request.headers.get("X-Signature") == signature_of(request)


def signing(
    module: ModuleType,
    *,
    nonce: Callable[[float, str], str] = lambda now, nonce: nonce,
    time: Callable[[float], float] = lambda now: now,
    change: Callable[[HttpRequest], HttpRequest] = lambda request: request,
    **settings: Any,
) -> dict[str, Any]:
    """Heron as a vendor that signs. *change*: what is done to a request that is signed."""
    own_nonce = nonce

    def send(self: Any, batch: Batch, *, now: float, nonce: str) -> HttpRequest:
        body = build(module, self, batch).body
        headers = {"X-Time": f"{time(now):.0f}", "X-Nonce": own_nonce(now, nonce)}
        request = HttpRequest("POST", "https://api.heron.example/send", headers, body)
        signed = attrs.evolve(request, headers={**headers, "X-Signature": signature_of(request)})
        return change(signed)

    said = {"verify": verify, "uses_nonce": True, "uses_now": True}
    return {**other(module, build_request=send), **said, **settings}


@defect("nonce", "0 of the 32 digits of nonce make a difference to the request, and at least 5 must")
def has_one_nonce(module: ModuleType) -> dict[str, Any]:
    return signing(module, nonce=lambda now, nonce: "00")


@defect("nonce", "0 of the 32 digits of nonce make a difference")
def makes_its_nonce_of_the_time(module: ModuleType) -> dict[str, Any]:
    return signing(module, nonce=lambda now, nonce: hashlib.sha256(str(int(now)).encode()).hexdigest())


@defect("nonce", "2 of the 32 digits of nonce make a difference")
def has_a_short_nonce(module: ModuleType) -> dict[str, Any]:
    return signing(module, nonce=lambda now, nonce: nonce[:2], uses_nonce=None)


@defect("time", "the request of a minute, an hour, 30 days later is the same. The vendor refuses one with an old time")
def has_one_time(module: ModuleType) -> dict[str, Any]:
    return signing(module, time=lambda now: 1.7e9)


@defect("time", "the request of a minute later is the same")
def has_the_hour_alone(module: ModuleType) -> dict[str, Any]:
    return signing(module, time=lambda now: now // 3600, uses_now=None)


@defect("signature", "verify finds the signature wrong. Sign what is sent, byte by byte")
def changes_what_is_signed(module: ModuleType) -> dict[str, Any]:
    return signing(module, change=lambda request: attrs.evolve(request, body=request.body + b" "))


@defect("signature", "verify finds the signature wrong")
def signs_with_another_key(module: ModuleType) -> dict[str, Any]:
    wrong = {"X-Signature": hmac.new(b"other", b"", hashlib.sha256).hexdigest()}
    return signing(module, change=lambda request: attrs.evolve(request, headers={**request.headers, **wrong}))


@defect("signature", "verify finds the signature wrong")
def signs_odd_texts_wrongly(module: ModuleType) -> dict[str, Any]:
    def change(request: HttpRequest) -> HttpRequest:
        return attrs.evolve(request, body=request.body.replace(b"%7E", b"~"))

    return signing(module, change=change)


@defect("signature", "verify: it takes each request whose body, headers or query were changed")
def is_verified_by_nothing(module: ModuleType) -> dict[str, Any]:
    return signing(module, verify=lambda request: True)


def keeping(module: ModuleType, keep: Callable[[Any, Batch], Batch], **members: Any) -> dict[str, Any]:
    """Its requests are for the batch that *keep* gives, which may keep something of it."""

    def send(self: Any, batch: Batch, *, now: float, nonce: str) -> HttpRequest:
        return build(module, self, keep(self, batch))

    return other(module, build_request=send, **members)


@defect("state", "after the request for another batch was built, a response was read otherwise than by a new provider")
def reads_for_the_last_batch(module: ModuleType) -> dict[str, Any]:
    def keep(self: Any, batch: Batch) -> Batch:
        self.last = batch
        return batch

    def parse(self: Any, batch: Batch, response: HttpResponse) -> Sequence[Verdict]:
        last = getattr(self, "last", batch)
        jobs = [*last.jobs, *batch.jobs[len(last.jobs) :]][: len(batch.jobs)]
        found: Sequence[Verdict] = module.Heron.parse_response(self, SendBatch(jobs, ""), response)
        return found

    return keeping(module, keep, parse_response=parse)


@defect("state", "build_request: it changed the provider's last. Requests of a gateway run at the same time")
def keeps_the_last_batch(module: ModuleType) -> dict[str, Any]:
    def keep(self: Any, batch: Batch) -> Batch:
        self.last = batch
        return batch

    return keeping(module, keep)


@defect("state", "build_request: it changed the provider's seen")
def keeps_all_references(module: ModuleType) -> dict[str, Any]:
    def make() -> Any:
        made = type("Heron", (module.Heron,), {"build_request": send})(KEY)
        made.seen = []
        return made

    def send(self: Any, batch: Batch, *, now: float, nonce: str) -> HttpRequest:
        self.seen.append(batch.reference)
        return build(module, self, batch)

    return {"make": make}


@defect("state", "parse_response: it changed the provider's count")
def counts_responses(module: ModuleType) -> dict[str, Any]:
    def parse(self: Any, batch: Batch, response: HttpResponse) -> Sequence[Verdict]:
        self.count = getattr(self, "count", 0) + 1
        found: Sequence[Verdict] = module.Heron.parse_response(self, batch, response)
        return found

    return other(module, parse_response=parse)


@defect("state", "after requests for other jobs, the request is not that of a new provider")
def changes_after_a_second_template(module: ModuleType) -> dict[str, Any]:
    def keep(self: Any, batch: Batch) -> Batch:
        self.seen = {*getattr(self, "seen", ()), *[job.template_id for job in batch.jobs]}
        return attrs.evolve(batch, reference="again") if len(self.seen) > 1 else batch

    return keeping(module, keep)


@defect("state", "after other requests were refused, a response was read otherwise than by a new provider")
def remembers_a_refusal(module: ModuleType) -> dict[str, Any]:
    def parse(self: Any, batch: Batch, response: HttpResponse) -> Sequence[Verdict]:
        found: Sequence[Verdict] = module.Heron.parse_response(self, batch, response)
        self.bad = getattr(self, "bad", False) or any(each.code == "AUTH" for each in found)
        return [Verdict.unanswered("the key is wrong")] * len(found) if self.bad else found

    return other(module, parse_response=parse)
