"""What is fuzzed: each place where a vendor's bytes are read, and the corpus of bytes that found something."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

from contracts import check_reply, check_report, check_verdict

from smsgate import HttpRequest, HttpResponse, Message, PhoneNumber, VendorError, huawei, tencent
from smsgate.provider import Batch, Callback, CallbackError, Job, SmsProvider
from smsgate.provider.records import Pulled

CORPUS: Final = Path(__file__).parents[1] / "fuzz" / "corpus"
SAMPLES: Final = Path(__file__).parents[1]
NUMBERS: Final = ("+8613800138000", "+8613800138001", "+8613105551234", "+13105551234")
V5: Final = tencent.TencentV5("1400006666", "the-app-key", name="fuzz")
CLOUD: Final = tencent.TencentCloud("AKID", "the-secret-key", sdk_app_id="1400006666", sign="Acme", name="fuzz")
HUAWEI: Final = huawei.HuaweiSms("the-app-key", "secret", sender="isms1", base_url="https://h", name="fuzz")


def push(parse: Callable[..., Callback]) -> Callable[[bytes], None]:
    """A target that reads a push."""

    def target(body: bytes) -> None:
        try:
            found: Callback | CallbackError = parse(HttpRequest("POST", "/push", {}, body), provider="fuzz")
        except CallbackError as error:
            found = error
        if isinstance(found, CallbackError):
            assert found.where
            assert found.status in (400, 413)
        for report in found.reports:
            check_report(report, "fuzz")
        for reply in found.replies:
            check_reply(reply, "fuzz")

    return target


def response(provider: SmsProvider, numbers: tuple[str, ...]) -> Callable[[bytes], None]:
    """A target that reads the response to a send, with each HTTP status that is read differently."""
    batch = Batch(tuple(Job(Message(to, "login"), PhoneNumber(to), "19", ("4821",)) for to in numbers), "ref")

    def target(body: bytes) -> None:
        for status in (200, 403, 500):
            verdicts = provider.parse_response(batch, HttpResponse(status, {}, body))
            assert len(verdicts) == len(numbers)
            for verdict in verdicts:
                check_verdict(verdict)

    return target


def pull(parse: Callable[[HttpResponse], Pulled]) -> Callable[[bytes], None]:
    """A target that reads what was pulled."""

    def target(body: bytes) -> None:
        try:
            found = parse(HttpResponse(200, {}, body))
        except VendorError:
            return
        assert found.unreadable >= 0
        for report in found.reports:
            check_report(report, "fuzz")
        for reply in found.replies:
            check_reply(reply, "fuzz")

    return target


TARGETS: Final[dict[str, Callable[[bytes], None]]] = {
    "tencent-push": push(tencent.parse_callback),
    "huawei-push": push(huawei.parse_callback),
    "v5-response": response(V5, NUMBERS[:3]),
    "cloud-response": response(CLOUD, NUMBERS[:3]),
    "huawei-response": response(HUAWEI, (*NUMBERS, NUMBERS[0])),
    "v5-pull": pull(V5.management().pull_reports().parse),
    "cloud-pull": pull(CLOUD.management().pull_reports().parse),
}
SEEDS: Final[dict[str, str]] = {
    "tencent-push": "tencent/samples/callback/*",
    "huawei-push": "huawei/samples/callbacks/*/body",
    "v5-response": "tencent/samples/v5/*",
    "cloud-response": "tencent/samples/cloud/*",
    "huawei-response": "huawei/samples/responses/*/*",
    "v5-pull": "tencent/samples/v5-management/pullstatus*/*",
    "cloud-pull": "tencent/samples/cloud-management/Pull*/*",
}
ODD: Final[tuple[Any, ...]] = (
    None, True, False, 0, -1, 1.5, 10**25, 1e308, "", " ", "0", "000000", "Ok", "FAIL", "SUCCESS", "DELIVRD", "86", "+",
    "2015-10-17", "20151017", "2015-10-17+08:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", 1445040184,
    "+8613800138000", "13800138000", "13105551234", "1; DROP\r\nTABLE", "１３８００１３８０００",
    "\ud800", "\0", [], {}, [[]],
)  # fmt: skip
BYTES: Final = (
    b"\xff", b"\0", b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"NaN", b"1e999", b"%zz", b"&", b"=", b"+",
    b"\xef\xbb\xbf",
    b'"sid":"2",', b'"report_status":"SUCCESS",', b'"status":"DELIVRD",', b'"result":0,',
    b'"code":"000000",', b'"Code":"Ok",',
)  # fmt: skip


def corpus(target: str) -> list[bytes]:
    """The vendor's samples, and what was found before."""
    files = [*SAMPLES.glob(SEEDS[target]), *(CORPUS / target).iterdir()]
    return [file.read_bytes() for file in sorted(files) if file.name != "README.md"]


def mutations(body: bytes, random: Random) -> Iterator[bytes]:
    """Without end: *body* with a few of its bytes, or of its JSON values, changed."""
    try:
        value: Any = json.loads(body)
    except ValueError:
        value = None
    while True:
        changed = body
        if value is not None and random.random() < 0.6:
            changed = json.dumps(_other_values(value, random), ensure_ascii=random.random() < 0.5).encode(
                "utf-8", "surrogatepass"
            )
        if changed is body or random.random() < 0.2:
            changed = _other_bytes(changed, random)
        yield changed


def _other_values(value: Any, random: Random) -> Any:
    if random.random() < 0.12:
        return random.choice(ODD)
    if isinstance(value, dict):
        kept = [(key, _other_values(each, random)) for key, each in value.items() if random.random() > 0.05]
        return dict(kept)
    if isinstance(value, list):
        found = [_other_values(each, random) for each in value]
        return found * random.choice((1, 1, 1, 2, 60)) if len(found) < 5 else found
    return value


def _other_bytes(body: bytes, random: Random) -> bytes:
    for _ in range(random.randrange(1, 4)):
        at, cut = random.randrange(len(body) + 1), random.choice((0, 0, 1, 2, 20))
        body = body[:at] + random.choice(BYTES) + body[at + cut :]
    return body
