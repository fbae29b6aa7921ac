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
    alike = [
        (job.params is first.params or job.params == first.params)
        and job.template_id == first.template_id
        and job.signature == first.signature
        and job.sender == first.sender
        and job.extend == first.extend
        for job in jobs
    ]
    return all(alike)
