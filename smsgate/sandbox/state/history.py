"""What happened to each message, for people to look at. Bounded: the oldest entries and requests are dropped."""

import uuid
from collections import OrderedDict, deque
from collections.abc import Callable, Collection, Iterable, Sequence
from heapq import heappop, heappush
from itertools import count
from typing import Final

import attrs

from smsgate.sandbox.pushes.push import Push
from smsgate.sandbox.state.answer import Answer
from smsgate.sandbox.state.entry import Entry, EntryState, Exchange, ReportNote
from smsgate.sandbox.state.message import AcceptedMessage
from smsgate.sandbox.state.queue import SandboxReply
from smsgate.sandbox.state.records import NumberResult, RequestRecord
from smsgate.wire import HttpRequest

__all__ = ["CLEARED", "FAULTS", "History"]

CLEARED: Final = "cleared"
FAULTS: Final = "faults"
_RING: Final = 8192
"""Changes that a page which was cut off can catch up with."""
_MOST_BYTES: Final = 64 * 1024 * 1024
"""Of requests and responses."""


class History:
    """Entries by id, the requests behind them, and a ring buffer of changes. Guarded by the lock of its sandbox.

    *keep*: how many entries at most.
    """

    def __init__(self, keep: int) -> None:
        self.keep = keep
        self.epoch: str = uuid.uuid4().hex[:8]
        """Tells the numbers of changes apart from those of another run."""
        self.version: int = 0
        """The number of the newest change."""
        self.entries: OrderedDict[str, Entry] = OrderedDict()
        self.exchanges: OrderedDict[int, Exchange] = OrderedDict()
        self.changed: set[str] | None = None
        """The ids of entries that changed since somebody looked, if anybody does."""
        self._ring: deque[tuple[int, str]] = deque(maxlen=_RING)
        self._serials, self._numbers, self._waits = count(1), count(1), count()
        self._due: list[tuple[float, int, str, ReportNote | Entry]] = []
        self._bytes = 0
        self._now = 0.0

    def restore(self, entries: Iterable[Entry], exchanges: Iterable[Exchange]) -> None:
        """Begin with these, oldest first."""
        for exchange in exchanges:
            self._add_exchange(exchange)
        for entry in entries:
            self._keep(entry, entry.serial)
        self._serials = count(max((entry.serial for entry in self.entries.values()), default=0) + 1)
        self._numbers = count(max(self.exchanges, default=0) + 1)

    def tick(self, now: float) -> None:
        """It is *now* (Unix seconds): what is due by then has come."""
        self._now = now
        while self._due and self._due[0][0] <= now:
            _, _, id, what = heappop(self._due)
            if isinstance(what, Entry):
                self._keep(what)
            elif (entry := self.entries.get(id)) is not None:
                entry.reports = [attrs.evolve(note, came=True) if note is what else note for note in entry.reports]
                self._note(id)

    def add_message(self, message: AcceptedMessage) -> None:
        """A vendor accepted *message*."""
        entry = Entry(
            id=message.message_id,
            time=message.time.timestamp(),
            kind=EntryState.ACCEPTED,
            vendor=message.vendor,
            interface=message.vendor,
            number=message.to,
            text=message.text,
            message=message,
        )
        self._keep(entry)

    def add_report(self, message_id: str, code: str, due: float, *, url: str, waits: bool) -> None:
        """A report on a message comes at *due* (Unix seconds)."""
        entry = self.entries.get(message_id)
        if entry is None:
            return
        note = ReportNote(code=code, due=due, url=url, waits=waits, came=due <= self._now)
        entry.reports.append(note)
        if not note.came:
            heappush(self._due, (due, next(self._waits), message_id, note))
        self._note(message_id)

    def add_reply(self, vendor: str, reply: SandboxReply) -> None:
        """A person replies, at the time of *reply*."""
        entry = Entry(
            id=reply.entry,
            time=reply.time,
            kind=EntryState.REPLY,
            vendor=vendor,
            interface=vendor,
            number=reply.sender,
            text=reply.text,
        )
        if reply.time > self._now:
            heappush(self._due, (reply.time, next(self._waits), entry.id, entry))
        else:
            self._keep(entry)

    def add_exchange(
        self,
        record: RequestRecord,
        request: HttpRequest,
        answer: Answer,
        accepted: Sequence[AcceptedMessage],
        sent_to: Callable[[], Collection[str]],
    ) -> None:
        """A request came of which *accepted* were accepted. *sent_to*: reads the numbers that it sends to."""
        known = [self.entries[each.message_id] for each in accepted if each.message_id in self.entries]
        refused = _refused(record, accepted, sent_to)
        if not known and not refused:
            return
        exchange = Exchange.made(next(self._numbers), record, request, answer)
        self._add_exchange(exchange)
        for entry in known:
            entry.exchange, entry.interface = exchange.number, record.vendor
            self._note(entry.id)
        for index, (number, result) in enumerate(refused):
            self._add_refused(exchange, index, number, result)

    def add_pull(self, ids: Iterable[str]) -> None:
        """The reports on these messages, or these replies, were pulled."""
        for id in ids:
            if (entry := self.entries.get(id)) is not None:
                entry.pulls.append(self._now)
                self._note(id)

    def add_push(self, push: Push) -> None:
        """A push was made, and answered or not."""
        for id in push.about:
            if (entry := self.entries.get(id)) is not None:
                entry.pushes.append(push)
                self._note(id)

    def find_push(self, number: int) -> Push | None:
        """The push with that number, if it is still known."""
        made = (push for entry in reversed(self.entries.values()) for push in entry.pushes)
        return next((push for push in made if push.number == number), None)

    def note_faults(self) -> None:
        """Faults were set, used up or cleared."""
        self._note(FAULTS)

    def clear(self) -> None:
        """Forget everything."""
        self.entries.clear()
        self.exchanges.clear()
        self._due.clear()
        self._bytes = 0
        self._ring.clear()
        self._note(CLEARED)

    def since(self, version: int, most: int) -> tuple[int, list[str]] | None:
        """What changed after *version*, at most *most* changes, and up to which number that reaches.

        None if the buffer does not reach back so far.
        """
        oldest = self._ring[0][0] if self._ring else self.version + 1
        if not oldest - 1 <= version <= self.version:
            return None
        first = version - oldest + 1
        changes = [self._ring[index] for index in range(first, min(first + most, len(self._ring)))]
        return (changes[-1][0] if changes else version), list(dict.fromkeys(id for _, id in changes))

    def _add_refused(self, exchange: Exchange, index: int, number: str, result: NumberResult | None) -> None:
        record = exchange.record
        entry = Entry(
            id=f"r{exchange.number}-{index}",
            time=record.time,
            kind=EntryState.REFUSED if result or 0 < (record.status or 0) < 500 else EntryState.LOST,
            interface=record.vendor,
            number=number,
            code=result.code if result else f"HTTP {record.status}" if record.status else "",
            words=result.text if result else "",
            why=record.why,
            exchange=exchange.number,
        )
        self._keep(entry)

    def _add_exchange(self, exchange: Exchange) -> None:
        self.exchanges[exchange.number] = exchange
        self._bytes += exchange.size
        while self._bytes > _MOST_BYTES or len(self.exchanges) > self.keep:
            self._bytes -= self.exchanges.popitem(last=False)[1].size

    def _keep(self, entry: Entry, serial: int | None = None) -> None:
        entry.serial = next(self._serials) if serial is None else serial
        self.entries[entry.id] = entry
        if len(self.entries) > self.keep:
            self._forget(next(iter(self.entries)))
        self._note(entry.id)

    def _forget(self, id: str) -> None:
        del self.entries[id]
        if self.changed is not None:
            self.changed.add(id)

    def _note(self, what: str) -> None:
        self.version += 1
        self._ring.append((self.version, what))
        if self.changed is not None:
            self.changed.add(what)


def _refused(
    record: RequestRecord, accepted: Sequence[AcceptedMessage], sent_to: Callable[[], Collection[str]]
) -> list[tuple[str, NumberResult | None]]:
    """The numbers of a request that were not accepted, each with the vendor's result; "" where they cannot be read."""
    failed = [result for result in record.results if not result.accepted]
    of_numbers = [result for result in failed if result.to]
    if of_numbers:
        return [(_in_full(result.to, sent_to()), result) for result in of_numbers]
    is_unanswered = record.status is None and not accepted
    if not record.refused and not is_unanswered:
        return []
    taken = {message.to for message in accepted}
    first = failed[0] if failed else None
    return [(number, first) for number in dict.fromkeys(sent_to()) if number not in taken] or [("", first)]


def _in_full(written: str, sent_to: Collection[str]) -> str:
    """A number in E.164 that a response has without its country."""
    digits = written.lstrip("+")
    return next((number for number in sent_to if number.endswith(digits)), written if written.startswith("+") else "")
