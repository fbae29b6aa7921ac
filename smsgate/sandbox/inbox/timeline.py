"""The timeline of an entry: the send, what the vendor made of it, its reports, and how they were answered."""

from collections.abc import Iterator
from typing import Any

import attrs

from smsgate.sandbox.pushes.push import Push
from smsgate.sandbox.state.entry import Entry, EntryState, Exchange, ReportNote

__all__ = ["timeline_of"]


@attrs.frozen(kw_only=True)
class _Step:
    time: float
    title: str
    text: str = ""
    tone: str = "plain"
    """ "good", "bad", "wait" or "plain"."""
    push: Push | None = None

    def as_json(self) -> dict[str, Any]:
        step = {"time": self.time, "title": self.title, "text": self.text, "tone": self.tone}
        return {**step, "push": self.push.as_json()} if self.push else step


def timeline_of(entry: Entry, exchange: Exchange | None) -> list[dict[str, Any]]:
    """The steps, oldest first."""
    begin = [*_received(exchange), *_outcome(entry), *_response(exchange)]
    pulls = [_Step(time=time, title="Pulled", text="A program of yours took it.", tone="good") for time in entry.pulls]
    follows = [*map(_reported, entry.reports), *map(_pushed, entry.pushes), *pulls]
    return [step.as_json() for step in (*begin, *sorted(follows, key=lambda step: step.time))]


def _received(exchange: Exchange | None) -> Iterator[_Step]:
    if exchange is not None:
        record = exchange.record
        name = record.operation or f"{record.method} {record.path}"
        yield _Step(time=record.time, title="Request received", text=f"{record.vendor or 'no interface'}: {name}")
        if record.struck:
            yield _Step(time=record.time, title="Struck by a fault", text="It was set by hand.", tone="wait")


def _outcome(entry: Entry) -> Iterator[_Step]:
    if entry.kind is EntryState.REPLY:
        yield _Step(time=entry.time, title="The person replied", tone="good")
    elif entry.message is not None:
        count = entry.message.segments
        text = f"{count} segment{'' if count == 1 else 's'} charged, id {entry.id}"
        yield _Step(time=entry.time, title="Accepted", text=text, tone="good")
    elif entry.kind is EntryState.LOST:
        yield _Step(time=entry.time, title="Not processed", text=entry.code, tone="bad")
    else:
        text = " ".join(filter(None, (entry.code, entry.words)))
        yield _Step(time=entry.time, title="Refused", text=text, tone="bad")
        if entry.why and entry.why != entry.words:
            yield _Step(time=entry.time, title="Why", text=entry.why, tone="bad")


def _response(exchange: Exchange | None) -> Iterator[_Step]:
    if exchange is None:
        return
    time, late = exchange.record.time + min(exchange.delay, 86_400.0), f" after {exchange.delay:g} s"
    when = late if exchange.delay else ""
    if exchange.response is None:
        yield _Step(time=time, title="No response", text=f"The connection was closed{when}.", tone="bad")
    else:
        good = exchange.response.status < 400
        text = f"HTTP {exchange.response.status}{when}"
        yield _Step(time=time, title="Response sent", text=text, tone="plain" if good else "bad")


def _reported(note: ReportNote) -> _Step:
    where = "pushed to your endpoint" if note.url else "waits to be pulled" if note.waits else "has nowhere to go"
    if not note.came:
        return _Step(time=note.due, title=f"Report {note.code} is due", text=f"It {where}.", tone="wait")
    tone = "good" if note.code == "DELIVRD" else "bad"
    text = f"It is {where}." if note.url else f"It {where}."
    return _Step(time=note.due, title=f"Report {note.code}", text=text, tone=tone)


def _pushed(push: Push) -> _Step:
    answer = f"HTTP {push.status}" if push.status is not None else push.error or "no answer"
    text = f"{answer}, {'acknowledged' if push.acknowledged else 'not acknowledged'}"
    tone = "good" if push.acknowledged else "bad"
    return _Step(time=push.time, title=f"Your endpoint, try {push.attempt}", text=text, tone=tone, push=push)
