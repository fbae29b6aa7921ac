"""Sending through Tencent's v5 interface: `TencentV5`.

Tencent SMS Development Guide 2.0: Templated Single SMS (sendsms), Templated Bulk SMS (sendmultisms2), Templated Single
International SMS (sendisms).
"""

import copy
import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final, Self

from smsgate.model.errors import ConfigurationError
from smsgate.model.phone import PhoneNumber
from smsgate.model.reason import Outcome
from smsgate.model.secret import Secret
from smsgate.provider.base_url import BaseUrl
from smsgate.provider.checks import template_id_problem, warn_of_signature
from smsgate.provider.credentials import CredentialSource, MaskedSource, secret_or_source
from smsgate.provider.jobs import calling_codes, numbers_of
from smsgate.provider.protocol import Batch, Job, Verdict
from smsgate.provider.reading import as_text, decimal_text, read_text, rows_of
from smsgate.provider.responses import match_columns, request_refused, vendor_text, verdict_without_envelope
from smsgate.provider.verdicts import read_rows
from smsgate.tencent.checks import RATE, job_problem, mixes_mainland, options_problem
from smsgate.tencent.v5.api import MARKS, SUCCESS, V5Account, V5Envelope, error_text, read_envelope
from smsgate.tencent.v5.codes import SEND_CODES
from smsgate.tencent.values import read_fee
from smsgate.wire import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from smsgate.tencent.v5.management import TencentV5Management

__all__ = ["TencentV5"]

_LIMIT: Final = 200
_SUCCEEDED: Final = int(SUCCESS)
_TEMPLATE_ID: Final = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


class TencentV5:
    """One Tencent SMS application (sdkappid), used through the v5 interface. An `SmsProvider`.

    Numbers with the same template, parameters, signature and extension share a request, up to 200, mainland and other
    countries apart. *app_key* is the application's key, or a function that returns it, plain or async, which is called
    before each request (`smsgate.provider.CredentialSource`). *sign* is the signature without brackets; without one
    Tencent uses the application's default. *sign_abroad* is for numbers outside mainland China, *sign* if not given.
    *extend* is the channel extension, which replies carry (`Message.extend`). *rate*: requests a second at most; none
    is published for v5, and the default is that of API 3.0. Raises `ConfigurationError` if an argument cannot be right.
    """

    batch_limit = _LIMIT

    def __init__(
        self,
        sdk_app_id: str,
        app_key: str | Secret | CredentialSource[str | Secret],
        *,
        sign: str | None = None,
        sign_abroad: str | None = None,
        extend: str | None = None,
        rate: float = RATE,
        name: str = "tencent-v5",
        base_url: str | BaseUrl = "https://yun.tim.qq.com",
    ) -> None:
        self.name = name
        self.rate = rate
        app_key, base_url = secret_or_source(app_key), BaseUrl.wrap(base_url)
        account = options_problem(sign, sign_abroad, extend, rate) or V5Account.open(
            sdk_app_id, app_key, name=name, base_url=base_url
        )
        if isinstance(account, str):
            sdk_app_id = ""  # it may be the key, given in the wrong place
            raise ConfigurationError(account)
        warn_of_signature("sign", sign)
        self._account = account
        self._sign = sign or ""
        self._sign_abroad = self._sign if sign_abroad is None else sign_abroad
        self._extend = extend or ""

    def rate_cost(self, jobs: Sequence[Job]) -> float:
        """Requests are limited, whatever is in them."""
        return 1

    def signature_of(self, job: Job) -> str | None:
        """The signature that the text of *job* will have, without brackets."""
        return self._sign_of(job) or None

    @property
    def address(self) -> str:
        """Scheme, host and port of its requests."""
        return self._account.base_url.origin

    def __repr__(self) -> str:
        return f"TencentV5(name={self.name!r})"

    @property
    def credential_source(self) -> MaskedSource[str | Secret] | None:
        """Where the key comes from, if it may change."""
        return self._account.credential_source

    def with_credentials(self, credentials: str | Secret) -> Self:
        """A copy that signs with the key that the source returned."""
        credentials, renewed = Secret.wrap(credentials), copy.copy(self)
        renewed._account = self._account.with_credentials(credentials)
        return renewed

    def management(self) -> "TencentV5Management":
        """This application's templates, signatures, pulls and statistics, under the same name."""
        from smsgate.tencent.v5.management import TencentV5Management

        account = self._account
        return TencentV5Management(account.sdk_app_id, account.app_key, name=account.name, base_url=account.base_url)

    def batch_key(self, job: Job) -> Hashable | None:
        """sendmultisms2 takes mainland numbers or others, with one template, parameter list, signature and extend.

        Guide 2.0 says of the call that it is for mainland numbers (Templated Bulk SMS), of international texts that the
        same calls send them, and has a code for a mix of both alone (1034).
        """
        return job.to.is_mainland, job.template_id, job.params, job.signature, job.extend

    def number_kind(self, to: PhoneNumber) -> Hashable:
        """Whether it is of mainland China: what a text may be, and be sent with, differs there from everywhere else."""
        return to.is_mainland

    def refuse(self, job: Job) -> str | None:
        """Why v5 cannot carry the job, or None. `tpl_id` is a JSON number, and no field chooses a channel number."""
        if problem := template_id_problem(job.template_id):
            return problem
        if not _TEMPLATE_ID.fullmatch(job.template_id):
            return "template id: must be the decimal number from Tencent's console"
        if job.sender is not None:
            return "sender: Tencent's v5 interface has no channel number to choose"
        return job_problem(job, self._sign_of(job))

    def build_request(self, batch: Batch, *, now: float, nonce: str) -> HttpRequest:
        """The signed call. `random` comes from *nonce*, and is *nonce* itself if that is 1 to 10 decimal digits."""
        first, tel = batch.jobs[0], None
        numbers = numbers_of(batch.jobs)
        codes = calling_codes(numbers)
        # They are signed without country codes (Templated Bulk SMS).
        mobiles = [number[1 + len(code) :] for number, code in zip(numbers, codes, strict=True)]
        if len(batch.jobs) > 1:
            _check_bulk(numbers)
            operation, recipients = "sendmultisms2", f"[{_tels(mobiles, codes)}]"
        elif first.to.is_mainland:
            operation, recipients = "sendsms", _tels(mobiles, codes)
        else:
            # One text with a literal "+", also in the signature (Templated Single International SMS).
            operation, recipients = "sendisms", f'"{(tel := numbers[0])}"'
        fields = {
            "ext": batch.reference,  # comes back in reports once Tencent's support has enabled it
            "extend": self._extend if first.extend is None else first.extend,
            "params": first.params,
            "sign": self._sign_of(first),
            "tpl_id": int(first.template_id),  # a JSON number (Templated Single SMS)
        }
        return self._account.request(
            operation, fields, now=now, nonce=nonce, mobiles=mobiles, tel=tel, recipients=recipients
        )

    def _sign_of(self, job: Job) -> str:
        if job.signature is not None:
            return job.signature
        return self._sign if job.to.is_mainland else self._sign_abroad

    def parse_response(self, batch: Batch, response: HttpResponse) -> Sequence[Verdict]:
        """One verdict per job. The rows of `detail` are matched by number; a number without a row is `UNKNOWN`.

        A `result` of 0 at the top says nothing about any one number of a bulk call (Templated Bulk SMS).
        """
        envelope = read_envelope(response)
        if envelope is None:
            return [verdict_without_envelope(response, MARKS) for _ in batch.jobs]
        # The envelope decides at any HTTP status: the guide prints none, and Tencent's SDKs stop at any but 200.
        rows = rows_of(envelope.body.get("detail"))
        if not rows:
            return match_columns(batch.jobs, (), (), self._overall(envelope, batch, response))
        refused = cache(partial(self._refused, batch))
        return match_columns(
            batch.jobs,
            [row.get("mobile") for row in rows],
            read_rows(rows, partial(self._verdict, refused), "result", "fee", "nationcode", id="sid"),
            countries=[row.get("nationcode") for row in rows],
        )

    def _overall(self, envelope: V5Envelope, batch: Batch, response: HttpResponse) -> Verdict:
        if envelope.code == SUCCESS:
            return _accepted(envelope.body)
        text = self._text(error_text(envelope.body), batch)
        return request_refused(response, envelope.code, SEND_CODES[envelope.code], text, messages=len(batch.jobs))

    def _refused(self, batch: Batch, code: str, text: str) -> Verdict:
        return Verdict.refused(code, SEND_CODES[code], self._text(text, batch))

    def _verdict(self, refused: Callable[[str, str], Verdict], row: Mapping[str, Any]) -> Verdict:
        """*refused*: the verdict that goes with a code and a text, made once for all rows that have them."""
        code = row.get("result")
        code = SUCCESS if type(code) is int and code == _SUCCEEDED else decimal_text(code)
        if code is None:
            return Verdict.unanswered("this number's row has no result that can be read")
        return _accepted(row) if code == SUCCESS else refused(code, as_text(error_text(row)))

    def _text(self, text: object, batch: Batch) -> str | None:
        return vendor_text(text, batch.jobs, *self._account.secrets)


def _accepted(body: Mapping[str, Any]) -> Verdict:
    id, country = read_text(body.get("sid")), decimal_text(body.get("nationcode"))
    # By position: to call a class with names takes three times as long, and this may be called for each number.
    return Verdict(Outcome.ACCEPTED, None, None, None, id, None, read_fee(body.get("fee")), country)


def _tels(mobiles: Sequence[str], codes: Sequence[str]) -> str:
    """The fields `tel` of numbers, all of them digits: an encoder takes longer, and so does a mapping for each."""
    if codes.count(codes[0]) == len(codes):  # what stands between two numbers is the same
        begin, end = '{"mobile":"', f'","nationcode":"{codes[0]}"}}'
        return f"{begin}{f'{end},{begin}'.join(mobiles)}{end}"
    return ",".join(
        [f'{{"mobile":"{mobile}","nationcode":"{code}"}}' for mobile, code in zip(mobiles, codes, strict=True)]
    )


def _check_bulk(numbers: list[str]) -> None:
    if len(numbers) > _LIMIT:  # refused with 1046, and a mix of countries with 1034 (Error Codes for SMS Delivery)
        raise ValueError(f"a bulk call takes at most {_LIMIT} numbers")
    if mixes_mainland(numbers):
        raise ValueError("a bulk call takes either mainland numbers or numbers of other countries")
