"""The jobs of a request that differ in message and number alone: one of them, and the messages. Pure."""

from collections.abc import Sequence
from typing import Final, overload

import attrs

from smsgate.model.lazy import number_texts
from smsgate.model.masking import calling_code
from smsgate.model.message import Message
from smsgate.provider.protocol import Job

__all__ = ["AlikeJobs", "calling_codes", "numbers_of", "with_reference"]

_MAINLAND: Final = "+86"


class AlikeJobs(Sequence[Job]):
    """The jobs for *messages*, which differ from *example* in message and number alone.

    Each is made when it is asked for: hundreds share a request, and `numbers_of` is all that most need of them.
    """

    __slots__ = ("example", "messages")

    def __init__(self, example: Job, messages: Sequence[Message]) -> None:
        self.example: Job = example
        self.messages: Sequence[Message] = messages

    def __len__(self) -> int:
        return len(self.messages)

    @overload
    def __getitem__(self, index: int) -> Job: ...
    @overload
    def __getitem__(self, index: slice) -> "AlikeJobs": ...
    def __getitem__(self, index: int | slice) -> "Job | AlikeJobs":
        if isinstance(index, slice):
            return AlikeJobs(self.example, self.messages[index])
        message, example = self.messages[index], self.example
        return example if message is example.message else attrs.evolve(example, message=message, to=message.to)


def numbers_of(jobs: Sequence[Job]) -> list[str]:
    """The numbers of *jobs* in E.164, in their order."""
    return number_texts(jobs.messages) if isinstance(jobs, AlikeJobs) else [str(job.to) for job in jobs]


def with_reference(job: Job, reference: str) -> Job:
    """A copy of *job* with a reference of its own. By position: `attrs.evolve` takes five times as long."""
    copy = Job(job.message, job.to, job.template_id, job.params, job.signature, job.sender, job.extend, reference)
    copy.text = job.text
    return copy


def calling_codes(numbers: Sequence[str]) -> list[str]:
    """The country calling code of each of *numbers*, which are in E.164, without "+"."""
    return [_MAINLAND[1:] if number[:3] == _MAINLAND else calling_code(number) for number in numbers]
