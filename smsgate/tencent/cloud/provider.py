"""Sending through Tencent Cloud API 3.0: `TencentCloud`.

Tencent Cloud SMS API, SendSms (2021-05-20) for version 2019-07-11, and the current reference for 2021-01-11.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from smsgate.model.errors import ConfigurationError
from smsgate.model.reason import Reason
from smsgate.model.secret import Secret
from smsgate.provider.base_url import BaseUrl
from smsgate.provider.group_refusal import of_each
from smsgate.provider.protocol import Batch, Job, Verdict
from smsgate.provider.responses import match_rows, retry_after, vendor_text, verdict_without_envelope
from smsgate.tencent.checks import job_problem, label_problem, sign_problem
from smsgate.tencent.cloud.api import CloudAccount, CloudAnswer, error_code_of, read_cloud_answer
from smsgate.tencent.cloud.codes import CLOUD_CODES
from smsgate.tencent.cloud.field_names import Language, Version
from smsgate.tencent.cloud.management import TencentCloudManagement
from smsgate.tencent.values import count_of, mobile_of, text_of
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["TencentCloud"]


class TencentCloud:
    """One SMS application of a Tencent Cloud account, used through API 3.0. An `SmsProvider`.

    Numbers with the same template, parameters and signature share a request, up to 200, mainland and other countries
    apart. *sign* is the signature without brackets, which mainland texts need. *token* goes with temporary credentials.
    *language* is that of the vendor's words. *region* is one of Tencent Cloud's; version 2021-01-11 needs one and takes
    ap-guangzhou if none is given. Raises `ConfigurationError` if an argument cannot be right.
    """

    batch_limit = 200

    def __init__(
        self,
        secret_id: str | Secret,
        secret_key: str | Secret,
        *,
        sdk_app_id: str,
        sign: str | None = None,
        region: str | None = None,
        version: Version = "2021-01-11",
        token: str | Secret | None = None,
        language: Language = "en-US",
        name: str = "tencent",
        base_url: str | BaseUrl = "https://sms.tencentcloudapi.com",
    ) -> None:
        self.name = name
        secret_id, secret_key, base_url = Secret.wrap(secret_id), Secret.wrap(secret_key), BaseUrl.wrap(base_url)
        token = None if token is None else Secret.wrap(token)
        account = sign_problem(sign) or CloudAccount.open(
            secret_id,
            secret_key,
            sdk_app_id=sdk_app_id,
            region=region,
            version=version,
            token=token,
            language=language,
            name=name,
            base_url=base_url,
        )
        if isinstance(account, str):
            sdk_app_id = ""  # it may be a key, given in the wrong place
            raise ConfigurationError(account)
        self._account = account
        self._sign = sign

    def __repr__(self) -> str:
        return f"TencentCloud(name={self.name!r})"

    def management(self) -> TencentCloudManagement:
        """This application's templates, signatures, pulls, statistics and packages, under the same name."""
        account = self._account
        return TencentCloudManagement(
            account.secret_id,
            account.secret_key,
            sdk_app_id=account.sdk_app_id,
            region=account.region,
            version=account.names.version,
            token=account.token,
            language=account.language,
            name=account.name,
            base_url=account.base_url,
        )

    def batch_key(self, job: Job) -> Hashable | None:
        """SendSms takes mainland numbers or others, with one template, parameter list, signature and sender."""
        return job.to.is_mainland, job.template_id, job.params, job.signature, job.sender

    def refuse(self, job: Job) -> str | None:
        """Why SendSms cannot carry the job, or None: mainland texts have a signature and no sender of their own."""
        if job.to.is_mainland and not self._sign_of(job):
            return "signature: Tencent Cloud sends to mainland China only with a signature (sign=…)"
        if job.to.is_mainland and job.sender is not None:
            return "sender: Tencent Cloud takes a sender id only for numbers outside mainland China"
        return label_problem("template id", str(job.template_id)) or job_problem(job)

    def build_request(self, batch: Batch, *, now: float, nonce: str) -> HttpRequest:
        """The signed call of SendSms. *nonce* is not needed: the signature is bound to the time."""
        if len({job.to.is_mainland for job in batch.jobs}) > 1 or len(batch.jobs) > self.batch_limit:
            raise ValueError("a call takes at most 200 numbers, either of the mainland or of other countries")
        first, names = batch.jobs[0], self._account.names
        body: dict[str, object] = {
            "PhoneNumberSet": [str(job.to) for job in batch.jobs],
            names.app_id: self._account.sdk_app_id,
            names.send_template: str(first.template_id),
            "TemplateParamSet": first.params,
            "SessionContext": batch.reference,
        }
        if self._sign_of(first):
            body[names.send_sign] = self._sign_of(first)
        if first.sender is not None:
            body["SenderId"] = first.sender
        return self._account.request("SendSms", body, now=now)

    def _sign_of(self, job: Job) -> str | None:
        return self._sign if job.signature is None else job.signature

    def parse_response(self, batch: Batch, response: HttpResponse) -> Sequence[Verdict]:
        """One verdict per job. The rows of `SendStatusSet` are matched by number; one without a row is `UNKNOWN`."""
        answer = read_cloud_answer(response)
        rows = answer.rows("SendStatusSet") if answer else []
        if answer is None or not (rows or answer.error):
            return [verdict_without_envelope(response) for _ in batch.jobs]
        read = ((mobile_of(row.get("PhoneNumber")), self._of_row(row, answer, batch)) for row in rows)
        return [
            verdict or self._overall(answer, batch, response)
            for verdict in match_rows([mobile_of(str(job.to)) for job in batch.jobs], read)
        ]

    def _overall(self, answer: CloudAnswer, batch: Batch, response: HttpResponse) -> Verdict:
        """What the answer says of a number that has no row."""
        if answer.error is None:
            return Verdict.unanswered("the answer does not mention this number")
        verdict = self._refused(answer.error, answer.words, answer, batch, count=len(batch.jobs))
        if verdict.reason is Reason.TRY_LATER:
            verdict.retry_after = retry_after(response)
        return verdict

    def _of_row(self, row: Mapping[str, Any], answer: CloudAnswer, batch: Batch) -> Verdict:
        code = error_code_of(row.get("Code"))
        if code is None:
            return Verdict.unanswered("this number's row has no code that can be read")
        if code.strip().lower() == "ok":
            fee, number = count_of(row.get("Fee")), text_of(row.get("SerialNo"))
            return Verdict.accepted(number, segments=fee, request_id=answer.request_id)
        return self._refused(code, row.get("Message"), answer, batch)

    def _refused(self, code: str, words: object, answer: CloudAnswer, batch: Batch, *, count: int = 1) -> Verdict:
        """What *code* says of each of the *count* messages that it speaks of."""
        own_words = vendor_text(words, batch.jobs[:1], self._account.secret_key)
        return Verdict.refused(code, of_each(CLOUD_CODES[code], count), own_words, request_id=answer.request_id)
