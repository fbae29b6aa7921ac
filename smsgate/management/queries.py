"""Queries for single numbers: they take nothing out of a queue."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from smsgate.management.client import ManagementClient
from smsgate.management.gaps import Repaired
from smsgate.model.phone import PhoneNumber, resolve_number
from smsgate.model.report import Reply, StatusReport
from smsgate.provider.call import Call
from smsgate.provider.records import Pulled

__all__ = ["find_each", "size_of"]


class _Find(Protocol):
    def __call__(self, number: PhoneNumber, /, *, begin: datetime, end: datetime, limit: int) -> Call[Pulled]: ...


async def find_each(
    client: ManagementClient,
    find: _Find,
    numbers: Iterable[PhoneNumber | str],
    *,
    begin: datetime,
    end: datetime,
    limit: int,
) -> Repaired:
    """What the vendor has of *numbers* between two aware times, asked for one by one. *find*: of a `ReportSource`.

    Raises `VendorError` if a query failed, and `InvalidCallError` if *begin* is before what the vendor remembers.
    """
    reports: list[StatusReport] = []
    replies: list[Reply] = []
    incomplete: list[PhoneNumber] = []
    unreadable = 0
    for number in numbers:
        to = resolve_number(number)
        found = await client.run(find(to, begin=begin, end=end, limit=limit))
        reports += found.reports
        replies += found.replies
        unreadable += found.unreadable
        if size_of(found) >= limit:
            incomplete.append(to)
    return Repaired(tuple(reports), tuple(replies), unreadable, tuple(incomplete))


def size_of(pulled: Pulled) -> int:
    """How many items the vendor gave."""
    return len(pulled.reports) + len(pulled.replies) + pulled.unreadable
