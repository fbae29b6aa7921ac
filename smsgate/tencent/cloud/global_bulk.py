"""The body of SendMultiGlobalSms: a text for each number, to other countries.

It is what `json.dumps` makes of its fields, written element by element: an encoder and its mappings take twice as long.
"""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from smsgate.provider.protocol import Job

__all__ = ["global_body"]

_quoted: Final = json.encoder.encode_basestring_ascii
_quoted_once: Final = lru_cache(maxsize=100)(_quoted)
"""For what hundreds of elements share."""


def global_body(app_id: tuple[str, str], jobs: Sequence[Job]) -> bytes:
    """The body for *jobs*. *app_id*: the name of its field, and the application (MultiSmsInfo of Tencent's own SDK)."""
    name, id = map(_quoted, app_id)
    return f'{{{name}: {id}, "MultiSmsInfoSet": [{", ".join(map(_info, jobs))}]}}'.encode()


def _info(job: Job) -> str:
    params = ", ".join(map(_quoted, job.params))
    sender = "" if job.sender is None else f', "SenderId": {_quoted_once(job.sender)}'
    return (
        f'{{"PhoneNumber": "{job.to!s}", '
        f'"TemplateId": {_quoted_once(job.template_id)}, "TemplateParamSet": [{params}], '
        f'"SessionContext": {_quoted(job.reference or "")}{sender}}}'
    )
