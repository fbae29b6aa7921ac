"""What is fuzzed: each place where a vendor's bytes are read, and the corpus of bytes that found something."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from smsgate import HttpRequest, HttpResponse, Message, PhoneNumber, VendorError, huawei, tencent
from smsgate.provider import Batch, Callback, CallbackError, Job, SmsProvider
from smsgate.provider.records import Pulled
from smsgate.testing.contracts import check_reply, check_report, check_verdict

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


def corpus(target: str) -> list[bytes]:
    """The vendor's samples, and what was found before."""
    files = [*SAMPLES.glob(SEEDS[target]), *(CORPUS / target).iterdir()]
    return [file.read_bytes() for file in sorted(files) if file.name != "README.md"]
