"""SendMultiGlobalSms: texts of their own to other countries in one request, over the simulated vendor."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate import Binding, Gateway, HttpRequest, Message, Outcome, PhoneNumber, Reason, Secret, Template
from smsgate.provider import Batch, Job
from smsgate.sandbox import Sandbox, SandboxConfig, SandboxTemplate, SandboxTransport
from smsgate.sandbox.tencent import TENCENT_SDK_APP_ID, TENCENT_SECRET_ID, TENCENT_SECRET_KEY
from smsgate.tags import read_tag
from smsgate.tencent import TencentCloud
from smsgate.tencent.cloud.global_bulk import global_body
from smsgate.wire import HttpResponse

ABROAD = [f"+65812345{index:02d}" for index in range(100)] + [f"+1415555{index:04d}" for index in range(100)]
LOGIN = Template("login", params=("code", "minutes"), ids={"tencent": Binding("19", abroad="1110")})
NEWS = Template("news", ids={"tencent": Binding("20", abroad=Binding("1111", sender="Acme"))})


def provider(**options: Any) -> TencentCloud:
    account = {"sdk_app_id": TENCENT_SDK_APP_ID, "sign": "Acme", "sign_abroad": ""}
    return TencentCloud(TENCENT_SECRET_ID, TENCENT_SECRET_KEY, **account | options)


def transport() -> SandboxTransport:
    text = "Your code is {1}, valid for {2} minutes."
    texts = (("19", text), ("1110", text), ("20", "News."), ("1111", "News."))
    templates = tuple(SandboxTemplate("tencent", id, text) for id, text in texts)
    return SandboxTransport(Sandbox(SandboxConfig(templates=templates, signatures=(("tencent", "Acme"),))))


def login(to: str, code: str, **options: Any) -> Message:
    return Message(to, "login", {"code": code, "minutes": "5"}, **options)


def job(to: str = "+6581234567", **changes: Any) -> Job:
    fields: dict[str, Any] = {"template_id": "1110", "params": ("1234",)} | changes
    return Job(Message(to, "login"), PhoneNumber(to), **fields)


def action(request: HttpRequest) -> str:
    return request.headers["x-tc-action"]


@pytest.mark.anyio
async def test_each_number_has_its_own_text_and_tag() -> None:
    """200 codes abroad are one request, and each message has a tag of its own, which its report carries."""
    wire = transport()
    messages = [login(to, f"{index:06d}", key=f"order-{index}") for index, to in enumerate(ABROAD)]
    async with Gateway([provider()], templates=[LOGIN], transport=wire, tag_secret="s" * 32) as gateway:
        results = [result async for result in gateway.send_many(messages, linger=60)]
    assert [action(request) for request in wire.requests] == ["SendMultiGlobalSms"]
    assert all(result.accepted and result.message_id and result.country in ("SG", "US") for result in results)
    sent = {message.to: message for message in wire.sandbox.messages}
    for result in results:
        accepted = sent[str(result.message.to)]
        assert accepted.params == (result.message.params["code"], "5")
        assert accepted.reference == result.reference
        tag = read_tag(result.reference, to=result.message.to, secrets=[Secret("s" * 32)])
        assert tag is not None
        assert (tag.key, tag.proven, tag.of_request) == (result.message.key, True, False)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(ABROAD),
            st.sampled_from(["1110", "1111"]),
            st.lists(TEXTS, max_size=3).map(tuple),
            st.sampled_from([None, "sgu.1", ""]),
            st.sampled_from([None, "Acme", 'A "b"']),
        ),
        min_size=1,
    )
)
def test_the_body_is_the_json_of_its_fields(
    rows: list[tuple[str, str, tuple[str, ...], str | None, str | None]],
) -> None:
    """Whatever the values are, the body is what an encoder makes of the vendor's fields."""
    jobs = [
        job(to, template_id=template, params=params, reference=reference, sender=sender)
        for to, template, params, reference, sender in rows
    ]
    infos = [
        {"PhoneNumber": to, "TemplateId": template, "TemplateParamSet": params, "SessionContext": reference or ""}
        | ({} if sender is None else {"SenderId": sender})
        for to, template, params, reference, sender in rows
    ]
    fields = {"SmsSdkAppId": "1400006666", "MultiSmsInfoSet": infos}
    assert global_body(("SmsSdkAppId", "1400006666"), jobs) == json.dumps(fields).encode()


@pytest.mark.anyio
async def test_equal_texts_and_mainland_numbers_go_by_sendsms() -> None:
    """SendSms has the mainland with its signature, and abroad what is alone or alike."""
    wire = transport()
    async with Gateway([provider()], templates=[LOGIN, NEWS], transport=wire) as gateway:
        for group in (
            [login(to, "1111") for to in ABROAD[:3]],
            [login(f"+861378888888{index}", f"{index}") for index in range(3)],
            [login(ABROAD[0], "1"), Message(ABROAD[1], "news"), login("+8613788888888", "2")],
        ):
            results = [result async for result in gateway.send_many(group, linger=60)]
            assert [result.description for result in results if not result.accepted] == []
    assert sorted(action(request) for request in wire.requests) == ["SendMultiGlobalSms", *["SendSms"] * 5]
    (body,) = [json.loads(request.body) for request in wire.requests if action(request) == "SendMultiGlobalSms"]
    assert [(info["TemplateId"], info.get("SenderId")) for info in body["MultiSmsInfoSet"]] == [
        ("1110", None),
        ("1111", "Acme"),
    ]


@given(
    st.lists(
        st.builds(
            job,
            st.sampled_from([*ABROAD[:3], "+8613788888888"]),
            template_id=st.sampled_from(["1", "2"]),
            signature=st.sampled_from([None, "", "Acme"]),
            sender=st.sampled_from([None, "A"]),
            extend=st.sampled_from([None, "1"]),
        ),
        min_size=2,
        max_size=2,
    ),
    st.sampled_from(["2019-07-11", "2021-01-11"]),
    st.sampled_from(["", "Acme"]),
    st.sampled_from([None, "7"]),
)
def test_jobs_that_share_a_request_lose_nothing_in_it(jobs: list[Job], version: Any, sign: str, extend: Any) -> None:
    """Whatever two jobs share a request, it has the template, signature, sender and extension of each of them."""
    by = provider(version=version, sign_abroad=sign, extend=extend)
    if by.batch_key(jobs[0]) != by.batch_key(jobs[1]):
        return
    request = by.build_request(Batch(tuple(jobs), "shared"), now=1e9, nonce="0")
    body = json.loads(request.body)
    infos = body.get("MultiSmsInfoSet") or [body] * 2
    for each, info in zip(jobs, infos, strict=True):
        signature = each.signature if each.signature is not None else "Acme" if each.to.is_mainland else sign
        assert info.get("TemplateId", info.get("TemplateID")) == each.template_id
        assert (info.get("SignName", info.get("Sign")) or "") == signature
        assert info.get("SenderId") == each.sender
        assert info.get("ExtendCode") == (each.extend or extend)
    assert (action(request) == "SendMultiGlobalSms") is by.references_jobs(jobs)


@pytest.mark.parametrize("reference", [None, "sgu.1"])
def test_numbers_of_the_mainland_among_others_are_no_request(reference: str | None) -> None:
    """Whoever asks an adapter itself for one gets an error, and no call that has a number which it does not take."""
    jobs = [job(reference=reference), job("+8613800138000", params=("2",), reference=reference)]
    assert not provider().references_jobs(jobs)
    with pytest.raises(ValueError, match="either of the mainland or of other countries"):
        provider().build_request(Batch(jobs, "tag"), now=0.0, nonce="n")


def test_response_is_read_number_by_number() -> None:
    """`SendMultiStatusSet` has a status for each number, as `SendStatusSet` has; one without a row is UNKNOWN."""
    row = {"SerialNo": "2640:1", "Fee": 2, "Code": "Ok", "Message": "", "IsoCode": "SG", "PhoneNumber": ABROAD[0]}
    refused = row | {"Code": "FailedOperation.PhoneNumberInBlacklist", "PhoneNumber": ABROAD[1]}
    body = {"Response": {"SendMultiStatusSet": [refused, row], "RequestId": "r-1"}}
    jobs = tuple(job(to, params=(to,)) for to in ABROAD[:3])
    first, second, third = provider().parse_response(Batch(jobs, ""), HttpResponse(200, {}, json.dumps(body).encode()))
    assert (first.outcome, first.message_id, first.segments, first.country) == (Outcome.ACCEPTED, "2640:1", 2, "SG")
    assert (second.outcome, second.reason) == (Outcome.REJECTED, Reason.BLOCKLISTED)
    assert third.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("info", "code"),
    [
        ({"PhoneNumber": "+8613788888888", "TemplateId": "1110"}, "UnsupportedOperation.Contain"),
        ({"PhoneNumber": "+6581234567"}, "MissingParameter"),
        ({"PhoneNumber": "+6581234567", "TemplateId": 1110}, "InvalidParameter"),
        ({"PhoneNumber": "+6581234567", "TemplateId": "1110", "TemplateParamSet": "x"}, "InvalidParameter"),
        ({"PhoneNumber": "+6581234567", "TemplateId": "1110", "SignName": "Acme"}, "UnknownParameter"),
    ],
)
def test_simulated_call_refuses_what_the_model_does_not_have(info: dict[str, Any], code: str) -> None:
    """What MultiSmsInfo lacks, and a number of the mainland, is refused; 2019-07-11 does not have the action."""
    for version, expected in (("2021-01-11", code), ("2019-07-11", "InvalidAction")):
        account = provider(version=version)._account  # no call of ours makes such a request
        fields = {"SmsSdkAppId": TENCENT_SDK_APP_ID, "MultiSmsInfoSet": [info]}
        answer = Sandbox().handle(account.request("SendMultiGlobalSms", fields, now=1e9), now=1e9)
        assert answer.response is not None
        assert json.loads(answer.response.body)["Response"]["Error"]["Code"].startswith(expected)
