"""Whether jobs differ in more than message and number. Asked of hundreds at a time."""

from collections.abc import Sequence

from smsgate.provider.jobs import AlikeJobs
from smsgate.provider.protocol import Job

__all__ = ["are_alike"]


def are_alike(jobs: Sequence[Job]) -> bool:
    """Whether *jobs* have equal templates, values, signatures, senders and extensions, as those of most requests have.

    `send_many` knows it of most. Those of a text that came twice have one list of values, which is not compared.
    """
    if isinstance(jobs, AlikeJobs):
        return True
    first = jobs[0]
    for job in jobs:
        if (
            (job.params is not first.params and job.params != first.params)
            or job.template_id != first.template_id
            or job.signature != first.signature
            or job.sender != first.sender
            or job.extend != first.extend
        ):
            return False
    return True
