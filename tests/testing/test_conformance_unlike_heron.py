"""The conformance kit for vendors unlike Heron: one message a request, XML and forms, ids that are numbers, no rows."""

import hashlib
import json
from collections.abc import Hashable, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import attrs
import pytest
from vendor_samples import answer, heron, heron_adapter

from smsgate import (
    Batch,
    ConfigurationError,
    DeliveryState,
    HttpRequest,
    HttpResponse,
    Job,
    Reason,
    Secret,
    StatusReport,
    Verdict,
)
from smsgate.provider import (
    BadItem,
    Callback,
    Codebook,
    Meaning,
    ParsedItems,
    Row,
    as_list,
    as_object,
    decimal_text,
    match_rows,
    read_form,
    read_number,
    read_object,
    read_text,
    request_refused,
    short_text,
    state_of,
    vendor_text,
    verdict_without_envelope,
)
from smsgate.testing.conformance import Adapter, SampleReport, SampleRow, checks

PASSWORD: Final = "the-password"
CODES: Final = Codebook(
    {
        "101": Meaning(Reason.AUTH_FAILED, "the password is wrong"),
        "102": Meaning(Reason.INVALID_NUMBER, "no such number"),
    }
)
REPORTS: Final = Codebook({"0": Meaning(None, "delivered", state=DeliveryState.DELIVERED)})
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}


def sign(fields: dict[str, str]) -> str:
    text = "".join(fields.get(name, "") for name in ("ts", "rnd", "to", "tpl", "args")) + PASSWORD
    return hashlib.sha256(text.encode()).hexdigest()


class Plover:
    """Takes one message a request, as a signed form, and responds in XML. Its ids are numbers, its pushes are forms."""

    name = "plover"
    batch_limit = 1

    def batch_key(self, job: Job) -> Hashable:
        return None

    def refuse(self, job: Job) -> str | None:
        return None

    def build_request(self, batch: Batch, *, now: float, nonce: str) -> HttpRequest:
        (job,) = batch.jobs
        fields = {"ts": str(int(now)), "rnd": nonce, "to": str(job.to)[1:], "tpl": job.template_id}
        fields |= {"args": "|".join(job.params), "ref": batch.reference}
        body = urlencode({**fields, "sig": sign(fields)}).encode()
        return HttpRequest("POST", "https://plover.example/send", FORM, body)

    def parse_response(self, batch: Batch, response: HttpResponse) -> Sequence[Verdict]:
        without = [verdict_without_envelope(response, ["resp", "code", "msgid"])] * len(batch.jobs)
        try:
            root = ElementTree.fromstring(response.body)
        except (ValueError, LookupError, ElementTree.ParseError):
            return without
        code = short_text(root.findtext("code"), 16)
        if root.tag != "resp" or code is None:
            return without
        if code != "0":
            text = vendor_text(root.findtext("desc"), batch.jobs, Secret(PASSWORD))
            return match_rows(batch.jobs, [], request_refused(response, code, CODES[code], text))
        accepted = Verdict.accepted(decimal_text(root.findtext("msgid")))
        return match_rows(batch.jobs, [Row(node.text, accepted) for node in root.findall("to")])


def read_report(item: dict[str, Any], provider: str) -> StatusReport:
    id, code = decimal_text(item.get("msgid")), read_text(item.get("status"))
    if id is None or code is None:
        raise BadItem("msgid" if id is None else "status", "is missing")
    meaning = REPORTS[code]
    reference = read_text(item.get("ref"))
    return StatusReport(
        provider,
        id,
        read_number(item.get("to")),
        state_of(meaning),
        meaning.reason,
        code,
        meaning.text,
        meaning.remedy,
        reference=reference,
        raw=item,
        certainty=meaning.certainty,
        suppress=meaning.suppress,
    )


def parse_callback(request: HttpRequest, *, provider: str = "plover") -> Callback:
    form, found = read_form(request.body), ParsedItems()
    if isinstance(form, str):
        found.fault("body", form)
    else:
        found.read(form, lambda item: read_report(item, provider), "")
    found.raise_for_fault("Plover")
    return Callback(tuple(found.reports), (), HttpResponse(200, {}, b"ok"))


def xml(text: str) -> HttpResponse:
    return HttpResponse(200, {"Content-Type": "text/xml"}, f"<resp>{text}</resp>".encode())


def respond(batch: Batch, rows: Sequence[SampleRow]) -> HttpResponse:
    if rows and rows[0].code:
        return refuse(batch, rows[0].code, rows[0].text or "refused")
    return xml("<code>0</code>" + "".join(f"<msgid>{row.id}</msgid><to>{row.to[1:]}</to>" for row in rows[:1]))


def refuse(batch: Batch, code: str, text: str) -> HttpResponse:
    return xml(f"<code>{code}</code><desc>{escape(text)}</desc>")


def push(reports: Sequence[SampleReport]) -> HttpRequest:
    (report,) = reports
    fields = {"msgid": report.id, "to": report.to[1:], "status": report.code, "ref": report.reference or ""}
    return HttpRequest("POST", "/plover", FORM, urlencode(fields).encode())


def verify(request: HttpRequest) -> bool:
    fields = dict(parse_qsl(request.body.decode(errors="replace")))
    return fields.get("sig") == sign(fields)


PLOVER: Final = Adapter(
    make=Plover,
    secrets=[PASSWORD],
    respond=respond,
    refuse=refuse,
    refusals={"102": Reason.INVALID_NUMBER},
    request_refusals={"101": Reason.AUTH_FAILED},
    parse_callback=parse_callback,
    push=push,
    push_limit=1,
    states={"0": DeliveryState.DELIVERED},
    make_id=lambda index: str(1000 + index),
    unused=["signature", "sender", "extend", "expires_at"],
    verify=verify,
)


@pytest.mark.parametrize("check", checks(PLOVER), ids=str)
def test_a_vendor_of_single_messages_conforms(check: Any) -> None:
    """One message a request, XML, ids that are numbers, and pushes of one report as a form are all said to the kit."""
    check()


def failure(adapter: Adapter, name: str) -> str:
    """What the check says."""
    (check,) = [each for each in checks(adapter) if str(each) == name]
    with pytest.raises(AssertionError) as caught:
        check()
    return str(caught.value)


def test_ids_of_another_form() -> None:
    """Without `make_id` the kit's ids are no numbers, and it says how to give others."""
    assert "said by Adapter(make_id=…)" in failure(attrs.evolve(PLOVER, make_id="id{}".format), "numbers")


def test_a_row_of_another_number() -> None:
    """One that takes any row for its own where there is one message is found, though it goes by number in batches."""
    module = heron()
    own = module.Heron.parse_response

    def parse(self: Any, batch: Batch, response: HttpResponse) -> Sequence[Verdict]:
        rows = as_list((read_object(response.body) or {}).get("rows"))
        if len(batch.jobs) == len(rows) == 1:
            return [Verdict.accepted(short_text(as_object(rows[0]).get("id"), 64))]
        found: Sequence[Verdict] = own(self, batch, response)
        return found

    made = type("Heron", (module.Heron,), {"parse_response": parse})
    adapter = heron_adapter(module, make=lambda: made("the-key-of-heron"))
    assert "the row of another number" in failure(adapter, "numbers")


def test_half_of_an_acceptance_in_xml() -> None:
    """An adapter whose marks are of another form believes half an acceptance, and is found."""

    class Marks(Plover):
        def parse_response(self, batch: Batch, response: HttpResponse) -> Sequence[Verdict]:
            if response.body.endswith(b"</resp>"):
                return super().parse_response(batch, response)
            return [verdict_without_envelope(response, ["<resp>"])] * len(batch.jobs)

    said = failure(attrs.evolve(PLOVER, make=Marks), "no envelope")
    assert "half a response with status 403 is REJECTED" in said


def test_what_is_not_said_is_not_held_against_an_adapter() -> None:
    """Without the options that make it stricter, the kit asks for no fields, nonce, time and codes that it guesses."""
    plain = attrs.evolve(PLOVER, unused=None, families=None, verify=None)
    assert "signature" not in map(str, checks(plain))
    for check in checks(plain):
        check()
    assert "(Job.signature) have the same request" in failure(attrs.evolve(plain, unused=[]), "fields")


def test_a_vendor_with_one_id_for_a_request_conforms() -> None:
    """With `rows=False` each message has the id of the request, or its code."""
    module = heron()
    own = module.Heron.parse_response

    def parse(self: Any, batch: Batch, response: HttpResponse) -> Sequence[Verdict]:
        body = read_object(response.body) or {}
        if body.get("code") != "OK":
            found: Sequence[Verdict] = own(self, batch, response)
            return found
        return [Verdict.accepted(short_text(body.get("id"), 64)) for _ in batch.jobs]

    def respond(batch: Batch, rows: Sequence[SampleRow]) -> HttpResponse:
        if rows and rows[0].code:
            return answer({"code": rows[0].code, "text": rows[0].text})
        return answer({"code": "OK", "id": rows[0].id if rows else None})

    made = type("Heron", (module.Heron,), {"parse_response": parse})
    adapter = heron_adapter(module, make=lambda: made("the-key-of-heron"), rows=False, respond=respond)
    for check in checks(adapter):
        check()


def test_a_limit_that_is_none_is_said_by_every_check_that_needs_it() -> None:
    """No check fails with an error of its own because `batch_limit` is 0."""
    module = heron()
    made = type("Heron", (module.Heron,), {"batch_limit": 0})
    said: list[str] = []
    for check in checks(heron_adapter(module, make=lambda: made("the-key-of-heron"))):
        try:
            check()
        except AssertionError as error:
            said.append(str(error).partition(": ")[2])
    assert len(said) > 9
    assert set(said) == {"batch_limit: must be a whole number from 1, not 0"}


def test_a_field_that_no_job_has() -> None:
    """What is unused is one of the fields of a job."""
    with pytest.raises(ConfigurationError, match="unused has colour; the fields are template_id, params"):
        attrs.evolve(PLOVER, unused=["colour"])


def test_a_time_of_its_own_zone() -> None:
    """A push that has a time is read back with it, and one in another zone is found."""
    module = heron()

    def push(reports: Sequence[SampleReport]) -> HttpRequest:
        items = [
            {
                "id": each.id,
                "to": each.to[1:],
                "state": each.code,
                "at": each.reported_at and each.reported_at.strftime("%Y-%m-%dT%H:%M:%S+08:00"),
            }
            for each in reports
        ]
        return HttpRequest("POST", "/heron", {}, json.dumps(items).encode())

    assert "Read it with read_time, with the vendor's own time zone" in failure(
        heron_adapter(module, push=push), "callback round trip"
    )
