"""Sending through Tencent Cloud API 3.0: `TencentCloud`.

Tencent Cloud SMS API, SendSms (2021-05-20) for version 2019-07-11, and the current reference for 2021-01-11.
"""

import copy
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final, Self

from smsgate.model.errors import ConfigurationError
from smsgate.model.phone import PhoneNumber
from smsgate.model.reason import Outcome
from smsgate.model.secret import Secret
from smsgate.provider.base_url import BaseUrl
from smsgate.provider.checks import template_id_problem, warn_of_signature
from smsgate.provider.credentials import CredentialSource, MaskedSource
from smsgate.provider.jobs import AlikeJobs, numbers_of
from smsgate.provider.protocol import Batch, Job, Verdict
from smsgate.provider.reading import as_text, read_text, rows_of, short_text
from smsgate.provider.responses import match_columns, request_refused, vendor_text, verdict_without_envelope
from smsgate.provider.texts import are_alike
from smsgate.provider.verdicts import read_rows
from smsgate.tencent.checks import RATE, job_problem, mixes_mainland, options_problem
from smsgate.tencent.cloud.api import LONGEST_CODE, MARKS, CloudAccount, CloudEnvelope, read_envelope
from smsgate.tencent.cloud.codes import CLOUD_CODES
from smsgate.tencent.cloud.credentials import TencentCredentials
from smsgate.tencent.cloud.field_names import Language, Version
from smsgate.tencent.cloud.global_bulk import global_body
from smsgate.tencent.values import read_fee
from smsgate.wire import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from smsgate.tencent.cloud.management import TencentCloudManagement

__all__ = ["TencentCloud"]

_TOO_MUCH: Final = "a call takes at most 200 numbers, either of the mainland or of other countries"


class TencentCloud:
    """One SMS application of a Tencent Cloud account, used through API 3.0. An `SmsProvider`.

    Numbers with the same template, parameters, signature, sender and extension share a request, up to 200, mainland and
    other countries apart. Texts to other countries without a signature share one also if each has its own template,
    parameters and sender (version 2021-01-11). *sign* is the signature without brackets, which mainland texts need;
    *sign_abroad* is for other countries, *sign* if not given, "" for none. *extend* is the channel extension, which
    replies carry (`Message.extend`). *token* goes with temporary credentials. *credentials*, in place of id, key and
    token, is a function that returns `TencentCredentials`, plain or async, which is called before each request
    (`smsgate.provider.CredentialSource`). *language* is that of the vendor's words. *region* is one of Tencent Cloud's;
    version 2021-01-11 needs one and takes ap-guangzhou if none is given. *rate*: requests a second at most, below the
    3,000 that Tencent allows (SendSms, "API Description"). Raises `ConfigurationError` if an argument cannot be right.
    """

    batch_limit = 200

    def __init__(
        self,
        secret_id: str | Secret = "",
        secret_key: str | Secret = "",
        *,
        sdk_app_id: str,
        sign: str | None = None,
        sign_abroad: str | None = None,
        extend: str | None = None,
        region: str | None = None,
        version: Version = "2021-01-11",
        token: str | Secret | None = None,
        credentials: CredentialSource[TencentCredentials] | None = None,
        language: Language = "en-US",
        rate: float = RATE,
        name: str = "tencent",
        base_url: str | BaseUrl = "https://sms.tencentcloudapi.com",
    ) -> None:
        self.name = name
        self.rate = rate
        # Rebound before anything is checked, so that no traceback's locals hold the raw values.
        secret_id, secret_key, base_url = Secret.wrap(secret_id), Secret.wrap(secret_key), BaseUrl.wrap(base_url)
        token = None if token is None else Secret.wrap(token)
        credentials = None if credentials is None else MaskedSource(credentials)
        account = options_problem(sign, sign_abroad, extend, rate) or CloudAccount.open(
            TencentCredentials(secret_id, secret_key, token),
            credentials,
            sdk_app_id=sdk_app_id,
            region=region,
            version=version,
            language=language,
            name=name,
            base_url=base_url,
        )
        if isinstance(account, str):
            sdk_app_id = ""  # it may be a key, given in the wrong place
            raise ConfigurationError(account)
        warn_of_signature("sign", sign)
        self._account = account
        self._sign = sign
        self._sign_abroad = sign if sign_abroad is None else sign_abroad
        self._extend = extend
        # SendMultiGlobalSms came with version 2021-01-11, and has no field for an extension.
        self._has_global = account.names.newer_calls and not extend

    def rate_cost(self, jobs: Sequence[Job]) -> float:
        """Requests are limited, whatever is in them."""
        return 1

    def signature_of(self, job: Job) -> str | None:
        """The signature that the text of *job* will have, without brackets."""
        return self._sign_of(job, mainland=job.to.is_mainland) or None

    @property
    def address(self) -> str:
        """Scheme, host and port of its requests."""
        return self._account.base_url.origin

    def __repr__(self) -> str:
        return f"TencentCloud(name={self.name!r})"

    @property
    def credential_source(self) -> MaskedSource[TencentCredentials] | None:
        """Where its credentials come from, if they may change."""
        return self._account.credential_source

    def with_credentials(self, credentials: TencentCredentials) -> Self:
        """A copy that signs with what the source returned."""
        renewed = copy.copy(self)
        renewed._account = self._account.with_credentials(credentials)
        return renewed

    def management(self) -> "TencentCloudManagement":
        """This application's templates, signatures, pulls, statistics and packages, under the same name."""
        from smsgate.tencent.cloud.management import TencentCloudManagement

        account = self._account
        empty, given = TencentCredentials("", ""), account.credentials
        keys = empty if isinstance(given, MaskedSource) else given
        return TencentCloudManagement(
            keys.secret_id,
            keys.secret_key,
            token=keys.token,
            sdk_app_id=account.sdk_app_id,
            region=account.region,
            version=account.names.version,
            credentials=account.credential_source,
            language=account.language,
            name=account.name,
            base_url=account.base_url,
        )

    def batch_key(self, job: Job) -> Hashable | None:
        """What a request has once: all of it in SendSms, nothing in SendMultiGlobalSms.

        SendSms takes mainland numbers or others.
        """
        if self._fits_global(job):
            return "SendMultiGlobalSms"
        return job.to.is_mainland, job.template_id, job.params, job.signature, job.sender, job.extend

    def number_kind(self, to: PhoneNumber) -> Hashable:
        """Whether it is of mainland China: what a text may be, and be sent with, differs there from everywhere else."""
        return to.is_mainland

    def refuse(self, job: Job) -> str | None:
        """Why SendSms cannot carry the job, or None: mainland texts have a signature and no sender of their own."""
        mainland = job.to.is_mainland
        sign = self._sign_of(job, mainland=mainland)
        if mainland:
            if not sign:
                return "signature: Tencent Cloud sends to mainland China only with a signature (sign=…)"
            if job.sender is not None:
                return "sender: Tencent Cloud takes a sender id only for numbers outside mainland China"
        return template_id_problem(job.template_id) or job_problem(job, sign)

    def build_request(self, batch: Batch, *, now: float, nonce: str) -> HttpRequest:
        """The signed call. *nonce* is not needed: the signature is bound to the time."""
        if len(batch.jobs) > self.batch_limit:
            raise ValueError(_TOO_MUCH)
        if self._needs_global(batch.jobs):
            return self._account.sign(
                "SendMultiGlobalSms",
                global_body((self._account.names.app_id, self._account.sdk_app_id), batch.jobs),
                now=now,
            )
        first, names, numbers = batch.jobs[0], self._account.names, numbers_of(batch.jobs)
        if mixes_mainland(numbers):
            raise ValueError(_TOO_MUCH)
        body: dict[str, object] = {
            "PhoneNumberSet": numbers,
            names.app_id: self._account.sdk_app_id,
            names.send_template: first.template_id,
            "TemplateParamSet": first.params,
            "SessionContext": first.reference or batch.reference,  # echoed in the response, and as `ext` in callbacks
        }
        if sign := self._sign_of(first, mainland=first.to.is_mainland):
            body[names.send_sign] = sign
        if first.sender is not None:
            body["SenderId"] = first.sender
        if extend := first.extend or self._extend:
            body["ExtendCode"] = extend
        return self._account.request("SendSms", body, now=now)

    def references_jobs(self, jobs: Sequence[Job]) -> bool:
        """Whether *jobs* have texts or senders of their own, so that SendMultiGlobalSms takes them.

        Equal ones go by SendSms, which every account has.
        """
        if are_alike(jobs):
            return False
        first = jobs[0]
        text = first.template_id, first.params, first.sender
        differ = any((job.template_id, job.params, job.sender) != text for job in jobs)
        return differ and all(map(self._fits_global, jobs))

    def _needs_global(self, jobs: Sequence[Job]) -> bool:
        """Whether SendSms has not enough fields for *jobs*.

        They may have references of their own and be alike: those that differed are too late by now, or not wanted.
        """
        if self.references_jobs(jobs):
            return True
        if isinstance(jobs, AlikeJobs) or len({job.reference for job in jobs}) == 1:
            return False
        if not all(map(self._fits_global, jobs)):
            raise ValueError("a call for numbers of the mainland, or with a signature, has one reference for all")
        return True

    def _fits_global(self, job: Job) -> bool:
        """Whether SendMultiGlobalSms has fields for all of *job*: it has none for a signature or an extension.

        It takes no mainland numbers (Tencent's own SDK, MultiSmsInfo).
        """
        if not self._has_global or job.extend or job.to.is_mainland:
            return False
        return not (self._sign_abroad if job.signature is None else job.signature)

    def _sign_of(self, job: Job, *, mainland: bool) -> str | None:
        if job.signature is not None:
            return job.signature
        return self._sign if mainland else self._sign_abroad

    def parse_response(self, batch: Batch, response: HttpResponse) -> Sequence[Verdict]:
        """One verdict per job. The rows of the status set are matched by number; one without a row is `UNKNOWN`."""
        envelope = read_envelope(response)
        if envelope is None:
            return [verdict_without_envelope(response, MARKS) for _ in batch.jobs]
        rows = rows_of(envelope.body.get("SendStatusSet")) or rows_of(envelope.body.get("SendMultiStatusSet"))
        refused = cache(partial(self._refused, batch, envelope))
        overall = None
        if envelope.error is not None:
            text, meaning = self._text(envelope.text, batch), CLOUD_CODES[envelope.error]
            overall = request_refused(
                response, envelope.error, meaning, text, request_id=envelope.request_id, messages=len(batch.jobs)
            )
        read = partial(self._verdict, envelope.request_id, refused)
        verdicts = read_rows(rows, read, "Code", "Fee", "IsoCode", id="SerialNo")
        return match_columns(batch.jobs, [row.get("PhoneNumber") for row in rows], verdicts, overall)

    def _refused(self, batch: Batch, envelope: CloudEnvelope, code: str, text: str) -> Verdict:
        return Verdict.refused(code, CLOUD_CODES[code], self._text(text, batch), request_id=envelope.request_id)

    def _verdict(
        self, request_id: str | None, refused: Callable[[str, str], Verdict], row: Mapping[str, Any]
    ) -> Verdict:
        """*refused*: the verdict that goes with a code and a text, made once for all rows that have them."""
        code = row.get("Code")
        if code != "Ok":
            code = short_text(code, LONGEST_CODE)
            if code is None:
                return Verdict.unanswered("this number's row has no code that can be read")
            if code.strip().lower() != "ok":  # as the reference prints it; none says that case matters
                return refused(code, as_text(row.get("Message")))
        id, country = read_text(row.get("SerialNo")), short_text(row.get("IsoCode"), LONGEST_CODE)
        # By position: to call a class with names takes three times as long, and this may be called for each number.
        return Verdict(Outcome.ACCEPTED, None, None, None, id, request_id, read_fee(row.get("Fee")), country)

    def _text(self, value: object, batch: Batch) -> str | None:
        return vendor_text(value, batch.jobs, *self._account.secrets)
