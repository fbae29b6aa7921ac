"""What Tencent's providers check before anything is sent. Each check returns what is wrong, or None."""

from collections.abc import Collection

from smsgate.provider.protocol import Job

__all__ = ["app_id_problem", "choice_problem", "job_problem", "label_problem", "sign_problem"]


def app_id_problem(sdk_app_id: object) -> str | None:
    """What is wrong with an SdkAppId, without showing it."""
    if isinstance(sdk_app_id, str) and sdk_app_id.isascii() and sdk_app_id.isdigit() and len(sdk_app_id) <= 20:
        return None
    return "sdk_app_id: must be the decimal digits from Tencent's SMS console, as text ('1400006666')"


def label_problem(field: str, value: object) -> str | None:
    """What is wrong with a name or another label of a provider."""
    if not isinstance(value, str) or not value.strip():
        return f"{field}: must be text that is not empty"
    return None if value.isprintable() else f"{field}: has a character that cannot be printed"


def sign_problem(sign: object) -> str | None:
    """What is wrong with a provider's signature, which may be left out."""
    return None if sign is None else label_problem("sign", sign)


def choice_problem(field: str, value: object, choices: Collection[str]) -> str | None:
    """What is wrong with a value that must be one of *choices*."""
    if isinstance(value, str) and value in choices:
        return None
    return f"{field}: must be one of {', '.join(sorted(choices))}"


def job_problem(job: Job) -> str | None:
    """What keeps a job's texts from being written as JSON in UTF-8."""
    for field, values in (("params", job.params), ("signature", (job.signature or "",))):
        try:
            "".join(values).encode()
        except (TypeError, UnicodeEncodeError):
            return f"{field}: must be text that can be written in UTF-8"
    return None
