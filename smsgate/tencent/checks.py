"""What Tencent's providers check before anything is sent. Each check returns what is wrong, or None."""

from typing import Final

from smsgate.provider.checks import rendered_text_problem, signature_problem
from smsgate.provider.protocol import Job

__all__ = ["LONGEST_TEXT", "app_id_problem", "job_problem"]

LONGEST_TEXT: Final = 450
"""Characters of a text for mainland China, its signature included (SMS Development Guide 2.0, Templated Single SMS)."""


def app_id_problem(sdk_app_id: object) -> str | None:
    """What is wrong with an SdkAppId, without showing it."""
    if isinstance(sdk_app_id, str) and sdk_app_id.isascii() and sdk_app_id.isdigit() and len(sdk_app_id) <= 20:
        return None
    return "sdk_app_id: must be the decimal digits from Tencent's SMS console, as text ('1400006666')"


def job_problem(job: Job, sign: str | None) -> str | None:
    """What is wrong with a job's signature or length, or keeps its texts from being written as JSON in UTF-8.

    *sign*: the signature that the provider has for it if the job has none of its own.
    """
    if job.signature is not None and (problem := signature_problem("signature", job.signature)):
        return problem
    for field, values in (("params", job.params), ("signature", (job.signature or "",))):
        try:
            "".join(values).encode()
        except (TypeError, UnicodeEncodeError):
            return f"{field}: must be text that can be written in UTF-8"
    if not job.to.is_mainland:
        return None
    return rendered_text_problem(job.text, sign if job.signature is None else job.signature, longest=LONGEST_TEXT)
