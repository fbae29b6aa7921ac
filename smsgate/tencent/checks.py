"""What Tencent's providers check before anything is sent. Each check returns what is wrong, or None."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from smsgate.provider.checks import rate_problem, rendered_text_problem, signature_problem
from smsgate.provider.protocol import Job

__all__ = ["LONGEST_TEXT", "RATE", "app_id_problem", "job_problem", "mixes_mainland", "options_problem"]

LONGEST_TEXT: Final = 450
"""Characters of a text for mainland China, its signature included (SMS Development Guide 2.0, Templated Single SMS)."""

RATE: Final = 2700.0
"""Requests a second. Tencent allows 3,000 (Tencent Cloud SMS API, SendSms, "API Description"); with a burst of a tenth
of this it is never more than that in a second."""

_MAINLAND: Final = "+86"
_EXTEND: Final = re.compile(r"[0-9]{1,20}", re.ASCII)


def app_id_problem(sdk_app_id: object) -> str | None:
    """What is wrong with an SdkAppId, without showing it."""
    if isinstance(sdk_app_id, str) and sdk_app_id.isascii() and sdk_app_id.isdigit() and len(sdk_app_id) <= 20:
        return None
    return "sdk_app_id: must be the decimal digits from Tencent's SMS console, as text ('1400006666')"


def options_problem(sign: object, sign_abroad: object, extend: object, rate: object) -> str | None:
    """What is wrong with what a provider sends unless a binding or message says otherwise."""
    for field, value, none in (("sign", sign, None), ("sign_abroad", sign_abroad, "")):
        if value not in (None, none) and (problem := signature_problem(field, value)):
            return problem
    if extend is not None and (problem := _extend_problem(extend)):
        return problem
    return rate_problem(rate)


def _extend_problem(extend: object) -> str | None:
    """What is wrong with a channel extension.

    Other text than digits is no extension to Tencent (SMS Development Guide 2.0, Templated Single SMS, `extend`), and a
    number has at most 21 digits with it.
    """
    if isinstance(extend, str) and _EXTEND.fullmatch(extend):
        return None
    return "extend: must be 1 to 20 decimal digits, as text ('01')"


def job_problem(job: Job, sign: str | None) -> str | None:
    """What is wrong with a job's extension, signature or length, or keeps its texts from being JSON in UTF-8.

    *sign*: the signature that the provider has for it if the job has none of its own.
    """
    if job.extend is not None and (problem := _extend_problem(job.extend)):
        return problem
    if job.signature is not None and (problem := signature_problem("signature", job.signature)):
        return problem
    problem = _encoding_problem("params", job.params)
    if problem or (job.signature and (problem := _encoding_problem("signature", job.signature))):
        return problem
    if job.text is None or not job.to.is_mainland:
        return None
    return rendered_text_problem(job.text, sign if job.signature is None else job.signature, longest=LONGEST_TEXT)


def _encoding_problem(field: str, values: Iterable[str]) -> str | None:
    try:
        "".join(values).encode()
    except (TypeError, UnicodeEncodeError):
        return f"{field}: must be text that can be written in UTF-8"
    return None


def mixes_mainland(numbers: Sequence[str]) -> bool:
    """Whether some of *numbers*, in E.164, are of mainland China and some are not: no request takes both."""
    return 0 < [number[:3] for number in numbers].count(_MAINLAND) < len(numbers)
