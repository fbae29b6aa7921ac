"""Which send a delivery report is about.

A vendor's report carries the vendor's message id and, where the vendor echoes it, the reference that the request was
sent with. The id is known only if the response to the send was. The reference is known before the request leaves; where
several messages shared a request they share it, and the number tells them apart. So a report and a result that have one
`correlation_id` are about the same message, whatever was lost between the two.
"""

from typing import Final

from smsgate.model.phone import PhoneNumber

__all__ = ["REQUEST_TAGS", "correlation_id"]

REQUEST_TAGS: Final = ("sgq", "sgr")
"""How the tags of requests for several messages begin (see `smsgate.tags`)."""


def correlation_id(reference: str | None, to: PhoneNumber | None) -> str | None:
    """What results and reports of one message have in common, to store with a send and to look up with a report.

    *reference*: as sent (`Attempt.reference`) or as echoed (`StatusReport.reference`). *to*: the number in E.164.
    The reference itself if it was that of one message, else the reference and the number. None where the vendor echoes
    no reference, or leaves out the number that it would take.
    """
    if not reference:
        return None
    if not reference.startswith(REQUEST_TAGS):
        return reference
    return None if to is None else f"{reference}/{to}"
