"""Sending through Huawei Cloud Message & SMS.

Messages with the same text are sent as one form (Message & SMS API Reference, 3.2.3 "SMS Sending API"), messages that
differ in template, parameters or signature as one JSON document (3.2.4 "Batch SMS Sending API"): at most 500 numbers
either way, and at most 64 KB of JSON.
"""

import copy
import json
import math
import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import lru_cache
from typing import Final, Literal, Self

from smsgate.huawei.credentials import HuaweiAppKey, check_key
from smsgate.huawei.hosts import DOMAINS
from smsgate.huawei.responses import read_verdicts
from smsgate.huawei.signing import sign, wsse
from smsgate.model.errors import ConfigurationError
from smsgate.model.phone import PhoneNumber
from smsgate.model.secret import Secret
from smsgate.provider.base_url import BaseUrl
from smsgate.provider.checks import rate_problem, signature_problem, template_id_problem, warn_of_signature
from smsgate.provider.credentials import CredentialSource, MaskedSource, choose, given, returned
from smsgate.provider.jobs import numbers_of
from smsgate.provider.percent import percent_encoded
from smsgate.provider.protocol import Batch, Job, Verdict
from smsgate.provider.texts import are_alike
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["HuaweiSms"]

_SAME_TEXT: Final = "/sms/batchSendSms/v1"
_OWN_TEXTS: Final = "/sms/batchSendDiffSms/v1"
_FORM: Final = "application/x-www-form-urlencoded"
_JSON: Final = "application/json"
_BATCH_LIMIT: Final = 500
_CONTENT_LIMIT: Final = 64_000
"""Bytes of `smsContent`: Table 3-60 says 64 KB, and this is the smaller reading of it."""
_SENDER: Final = re.compile(r"[\x21-\x7e]{1,21}")
_LONGEST_TEMPLATE_ID: Final = 32
_CALLBACK: Final = re.compile(r"https?://[\x21-\x7e]{1,1016}")
_NAME: Final = re.compile(r"[^\x00-\x1f\x7f]+")
_EXTEND: Final = re.compile(r"[!-z|~]{1,128}")
"""Printable ASCII without space and braces."""
_json: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_quoted: Final[Callable[[str], str]] = json.encoder.encode_basestring
"""What `_json` calls for a text."""


class HuaweiSms:
    """An application of Huawei Cloud Message & SMS: an `SmsProvider`.

    *app_key*, *app_secret*: the application's key and secret. *sender*: its channel number, the field `from`.
    *base_url*: its access address, with or without a port. *signature*: an approved signature name, without
    brackets, for general templates in mainland China. *auth*: "aksk", which signs the whole request, or "wsse".
    *status_callback*: where Huawei posts delivery reports; without it, it posts none. *credentials*, in place of
    key and secret: a function that returns `HuaweiAppKey`, plain or async, which is called before each request
    (`smsgate.provider.CredentialSource`). *rate*: messages a second at most. Huawei publishes no limit, and advises
    to stay below 500 (Message & SMS FAQs, "Product Specifications"). *name*: what templates call this provider.

    Raises `ConfigurationError`, naming the option at fault and never showing its value.
    """

    batch_limit = _BATCH_LIMIT
    weight_limit: int = _CONTENT_LIMIT - len("[]")

    def __init__(
        self,
        app_key: str | Secret = "",
        app_secret: str | Secret = "",
        *,
        sender: str,
        base_url: str | BaseUrl,
        signature: str | None = None,
        auth: Literal["aksk", "wsse"] = "aksk",
        status_callback: str | Secret | None = None,
        credentials: CredentialSource[HuaweiAppKey] | None = None,
        rate: float = math.inf,
        name: str = "huawei",
    ) -> None:
        # Rebound before anything is checked, so that no traceback's locals hold the raw values.
        app_key, app_secret, base_url = Secret.wrap(app_key), Secret.wrap(app_secret), BaseUrl.wrap(base_url)
        status_callback = None if status_callback is None else Secret.wrap(status_callback)
        credentials = None if credentials is None else MaskedSource(credentials)
        self.name: str = name
        """The name that templates, policies and results use."""
        self._sender, self._signature, self._auth = sender, signature, auth
        self._address, self._status_callback = base_url, status_callback
        self.rate = rate
        self._credentials = choose(HuaweiAppKey(app_key, app_secret), credentials)
        if isinstance(self._credentials, HuaweiAppKey):
            check_key("app_key", self._credentials.app_key)
        base_url.require("base_url").check_own_host(*DOMAINS)
        if status_callback is not None:
            status_callback.require("status_callback")
        for problem in self._problems():
            raise ConfigurationError(problem)
        warn_of_signature("signature", signature)

    def _problems(self) -> Iterator[str]:
        if not _fits(_SENDER, self._sender):
            yield "sender: must be the channel number of the application, 1 to 21 characters without spaces"
        if self._signature is not None and (problem := signature_problem("signature", self._signature)):
            yield problem
        if self._auth not in ("aksk", "wsse"):
            yield 'auth: must be "aksk" or "wsse"'
        if self._status_callback is not None and not _fits(_CALLBACK, self._status_callback.reveal()):
            yield "status_callback: must be a URL, https://…, of at most 1024 characters"
        if problem := rate_problem(self.rate):
            yield problem
        if not _fits(_NAME, self.name):
            yield "name: is empty, not text, or has characters that do not print"

    @property
    def address(self) -> str:
        """Scheme, host and port of its requests."""
        return self._address.origin

    @property
    def credential_source(self) -> MaskedSource[HuaweiAppKey] | None:
        """Where key and secret come from, if they may change."""
        return self._credentials if isinstance(self._credentials, MaskedSource) else None

    def with_credentials(self, credentials: HuaweiAppKey) -> Self:
        """A copy that signs with what the source returned."""
        renewed = copy.copy(self)
        renewed._credentials = returned(credentials, HuaweiAppKey)
        check_key("app_key", credentials.app_key)
        return renewed

    def signature_of(self, job: Job) -> str | None:
        """The signature that the text of *job* will have, without brackets."""
        return self._signature_of(job)

    def __repr__(self) -> str:
        return f"HuaweiSms(name={self.name!r}, host={self._address.host!r}, auth={self._auth!r})"

    def batch_key(self, job: Job) -> Hashable | None:
        """Messages from the same channel number may share a request, whatever their texts."""
        return job.sender or self._sender

    def number_kind(self, to: PhoneNumber) -> Hashable:
        """Its length, which is all of a number that `weight` counts."""
        return len(str(to))

    def refuse(self, job: Job) -> str | None:
        """Why Huawei would not take *job*, as far as its guide is certain about it; or None."""
        if problem := template_id_problem(job.template_id, longest=_LONGEST_TEMPLATE_ID):
            return problem
        if job.sender is not None and not _fits(_SENDER, job.sender):
            return "sender: must have 1 to 21 characters without spaces"
        if job.signature is not None and (problem := signature_problem("signature", job.signature)):
            return problem
        return None

    def rate_cost(self, jobs: Sequence[Job]) -> float:
        """Messages are limited, however many share a request."""
        return len(jobs)

    def weight(self, job: Job) -> int:
        """The bytes of *job* in `smsContent`, the request for messages with texts of their own."""
        return len(self._content(job).encode()) + len(",")

    def text_key(self, job: Job) -> Hashable:
        """Messages with equal keys have one text, and are sent as a form, which has no limit of size (3.2.3)."""
        return job.template_id, job.params, self._signature_of(job)

    def build_request(self, batch: Batch, *, now: float, nonce: str) -> HttpRequest:
        """The signed request for *batch*: a form if all its texts are equal, else JSON."""
        if are_alike(batch.jobs) or self._have_one_text(batch.jobs):
            return self._signed(_SAME_TEXT, _FORM, self._form(batch), now, nonce)
        return self._signed(_OWN_TEXTS, _JSON, self._document(batch), now, nonce)

    def _have_one_text(self, jobs: Sequence[Job]) -> bool:
        """Whether jobs that are written otherwise have one text all the same."""
        first = self.text_key(jobs[0])
        return all(self.text_key(job) == first for job in jobs)

    def parse_response(self, batch: Batch, response: HttpResponse) -> Sequence[Verdict]:
        """One verdict per message, matched by number. Never raises, whatever came back."""
        found = self._credentials
        keys = () if isinstance(found, MaskedSource) else (found.app_key, found.app_secret)
        callback = self._status_callback
        return read_verdicts(batch.jobs, response, keys if callback is None else (*keys, callback))

    def _form(self, batch: Batch) -> bytes:
        job = batch.jobs[0]
        # An empty `extend` is refused (E000503), so every empty field is left out.
        fields = {
            "from": job.sender or self._sender,
            "templateId": job.template_id,
            # Table 3-53: a JSON array written as a string, left out for a template without variables.
            "templateParas": _json(job.params) if job.params else "",
            "signature": self._signature_of(job) or "",
            **self._common(batch),
        }
        present = {name: value for name, value in fields.items() if value}
        # A number is a "+" and digits: to quote each character of hundreds takes longer than all else.
        to = "%2C".join(numbers_of(batch.jobs)).replace("+", "%2B")
        return "&".join([f"to={to}", *[f"{name}={percent_encoded(value)}" for name, value in present.items()]]).encode()

    def _document(self, batch: Batch) -> bytes:
        contents = ",".join([self._content(job) for job in batch.jobs])
        fields = {"from": batch.jobs[0].sender or self._sender, **self._common(batch)}
        return f'{_json(fields)[:-1]},"smsContent":[{contents}]}}'.encode()

    def _content(self, job: Job) -> str:
        """The element of `smsContent`: JSON that is made of its texts, since an encoder takes as long to start."""
        template, signature = _quoted_ends(job.template_id, job.signature or self._signature)
        # Table 3-61: a real array here
        params = f',"templateParas":[{",".join(map(_quoted, job.params))}]' if job.params else ""
        return f'{{"to":["{job.to!s}"],{template}{params}{signature}'

    def _signature_of(self, job: Job) -> str | None:
        return job.signature or self._signature

    def _common(self, batch: Batch) -> dict[str, str]:
        """`statusCallback` and `extend`. An empty `extend` is refused, and so is one with spaces, braces, 129 bytes."""
        fields: dict[str, str] = {}
        if self._status_callback is not None:
            fields["statusCallback"] = self._status_callback.reveal()
        if _EXTEND.fullmatch(batch.reference):
            fields["extend"] = batch.reference
        return fields

    def _signed(self, path: str, content_type: str, body: bytes, now: float, nonce: str) -> HttpRequest:
        headers, keys = [("Host", self._address.host), ("Content-Type", content_type)], given(self._credentials)
        if self._auth == "wsse":
            headers += wsse(keys.app_key.reveal(), keys.app_secret, now=now, nonce=nonce)
            return HttpRequest("POST", self._address.url(path), headers, body)
        request = HttpRequest("POST", self._address.url(path), headers, body)
        return sign(request, keys.app_key.reveal(), keys.app_secret, now=now)


@lru_cache(maxsize=100)
def _quoted_ends(template_id: str, signature: str | None) -> tuple[str, str]:
    """What stands before and after the parameters in an element of `smsContent`: the same for hundreds of them."""
    named = f',"signature":{_quoted(signature)}' if signature else ""
    return f'"templateId":{_quoted(template_id)}', f"{named}}}"


def _fits(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None
