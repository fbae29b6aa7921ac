"""What a refusal of a whole request says about each of its messages."""

import attrs

from smsgate.model.reason import Fault, Reason
from smsgate.provider.meanings import Meaning

__all__ = ["of_each"]


def of_each(meaning: Meaning, count: int) -> Meaning:
    """What *meaning*, said once of a request for *count* messages, says of each of them.

    A code about one number, at the top of an answer, does not say which number: to believe it for all would strike
    off, or hold back, everybody in the request. The request was refused, and nothing was sent.
    """
    reason = meaning.reason
    if count < 2 or reason is None:
        return meaning
    if reason.rule.fault is not Fault.RECIPIENT and reason is not Reason.RATE_LIMITED:
        return meaning
    return attrs.evolve(
        meaning,
        reason=Reason.INVALID_REQUEST,
        text=f"all of the request was refused for one number, without saying which: {meaning.text}",
        remedy="send the messages one by one to find the number",
        suppress=False,
    )
