"""Claiming keys: the first process that asks for one has it, and what it led to is the answer to all others."""

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import ClassVar, Final, NamedTuple, Self

import attrs
from sqlalchemy import Connection, bindparam, update

from smsgate.ledger.content import content_of, stored_difference
from smsgate.ledger.handles import of_key
from smsgate.ledger.holding import HOLDER_BYTES, Holding, forget_keys, release
from smsgate.ledger.indexing import index_some
from smsgate.ledger.jobs import GroupedWork
from smsgate.ledger.privacy import Privacy
from smsgate.ledger.rows import insert_missing, lock_rows
from smsgate.ledger.schema import Tables
from smsgate.ledger.tries import Tries
from smsgate.model.message import Message
from smsgate.model.reason import Outcome, Reason
from smsgate.sending.idempotency import may_try_again
from smsgate.sending.ledger import GRANTED, Claim

__all__ = ["Claiming", "Concluding", "lock_keys"]

_HELD: Final = Claim(held=True)


class KeyRow(NamedTuple):
    """A row of `keys`."""

    handle: bytes
    holder: bytes | None
    content: bytes


def lock_keys(connection: Connection, tables: Tables, handles: Iterable[bytes]) -> dict[bytes, KeyRow]:
    """The rows of the keys with *handles*, by handle, as `lock_rows` gives them."""
    rows = [KeyRow(*row) for row in lock_rows(connection, tables.keys, handles)]
    return {row.handle: row for row in rows}


@attrs.define
class Claiming(GroupedWork):
    """Claims the keys of *messages*. It may be called again: its transaction may have failed, or not."""

    rank: ClassVar[int] = -1

    tables: Tables
    privacy: Privacy
    holding: Holding
    messages: Sequence[Message]
    claim: bytes = attrs.field(init=False)
    handles: list[bytes] = attrs.field(init=False)
    contents: dict[bytes, bytes] = attrs.field(init=False, factory=dict[bytes, bytes])
    """What is kept of each message's content, by handle."""
    answers: list[Claim] = attrs.field(init=False, factory=list[Claim])
    unfinished: bool = attrs.field(init=False, default=False)
    """What was done with these keys is to be found first: it has done some of that, and is to be called again."""
    marked_at: float | None = attrs.field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        self.claim = self.holding.new_claim()
        self.handles = [of_key(message.key or "") for message in self.messages]

    @classmethod
    def run_all(cls, connection: Connection, works: Sequence[Self]) -> None:
        """Do all of *works*: at once if nobody has any of their keys, as is usual; else one after another.

        So the second that wants a key sees that the first has it.
        """
        marked_at = works[0].holding.mark_if_due(connection)
        for work in works:
            work.begin(marked_at)
        if len(works) > 1 and _take_all(connection, works):
            for work in works:
                work.unfinished, work.answers = False, [GRANTED] * len(work.handles)
        else:
            for work in works:
                work.run(connection)

    def begin(self, marked_at: float | None) -> None:
        """Begin, in a transaction in which *marked_at* was returned by `mark_if_due`."""
        self.marked_at = marked_at
        if not self.claim.startswith(self.holding.id):  # it counted as dead meanwhile
            self.claim = self.holding.new_claim()
        if not self.contents:
            secret = self.privacy.secret
            pairs = zip(self.handles, self.messages, strict=True)
            self.contents = {handle: content_of(message, secret) for handle, message in pairs}

    def run(self, connection: Connection) -> None:
        """Do this one, once it has begun."""
        contents = self.contents
        known = self._take_free(connection, contents)
        if known is None:
            self.unfinished, self.answers = False, [GRANTED] * len(self.handles)
            return
        others = [handle for handle, key in known.items() if key.holder != self.claim]
        found = self._tried_before(known)
        given_back = len(known) < len(contents)  # between two statements: they are free after all
        self.unfinished = given_back or (bool(others) and index_some(connection, self.tables, self.privacy))
        if others:
            found |= self._answers_to(connection, known, contents, others)
        self.answers = [found.get(handle, GRANTED) for handle in self.handles]

    def _tried_before(self, known: Mapping[bytes, KeyRow]) -> dict[bytes, Claim]:
        """What it has said of reopened keys that it has, because it was called before, and that was committed."""
        said = zip(self.handles, self.answers, strict=False)
        return {
            handle: answer
            for handle, answer in said
            if answer.tried and handle in known and known[handle].holder == self.claim
        }

    def _take_free(self, connection: Connection, contents: Mapping[bytes, bytes]) -> dict[bytes, KeyRow] | None:
        """Take those keys that nobody has or had. Returns what is known of all then; None if all were free."""
        free = contents
        known: dict[bytes, KeyRow] = {}
        # Elsewhere another process may have been quicker, and what it has is waited for: in one order, which needs
        # that those are locked first that are there.
        on_sqlite = connection.dialect.name == "sqlite"
        if not on_sqlite:
            known = lock_keys(connection, self.tables, contents)
            free = {handle: content for handle, content in contents.items() if handle not in known}
        rows = [(handle, self.claim, content) for handle, content in free.items()]
        taken = insert_missing(connection, self.tables.keys, sorted(rows))
        return (
            None
            if taken == len(contents)
            else known | lock_keys(connection, self.tables, contents if on_sqlite else free)
        )

    def undo(self, connection: Connection) -> None:
        """Give back what was claimed."""
        release(connection, self.tables, self.claimed().items())

    def claimed(self) -> dict[bytes, bytes]:
        """The claims of keys that it may have, by handle: none if it has not begun."""
        return dict.fromkeys(self.contents, self.claim)

    def granted(self) -> list[bytes]:
        """The handles of the keys that it has."""
        return [
            handle
            for handle, answer in zip(self.handles, self.answers, strict=True)
            if answer is GRANTED or answer.tried
        ]

    def _answers_to(
        self,
        connection: Connection,
        known: Mapping[bytes, KeyRow],
        contents: Mapping[bytes, bytes],
        handles: list[bytes],
    ) -> dict[bytes, Claim]:
        """What is said of keys that somebody has or had. Those of which nothing is said are taken over."""
        tries, living = self._tries(connection, known, handles)
        if self.unfinished:
            return {}
        messages = dict(zip(self.handles, self.messages, strict=True))
        reopened = {handle for handle in handles if self.holding.is_reopened(handle, known[handle].holder)}
        held = {
            handle
            for handle in handles
            if (known[handle].holder or b"")[:HOLDER_BYTES] in living and not tries.is_taken(handle)
        } - reopened
        results = tries.results({handle: messages[handle] for handle in handles if handle not in held})
        answers, again = dict.fromkeys(held, _HELD), list[bytes]()
        for handle in (each for each in handles if each not in held):
            first = results.get(handle)
            if first is None or may_try_again(first):
                again.append(handle)
                continue
            if first.reason is Reason.CANCELLED:  # by its key alone, whatever it was to say
                answers[handle] = Claim(result=first)
                continue
            message, content = messages[handle], contents[handle]
            differs = stored_difference(message, content, self.privacy, *tries.last(handle), known[handle].content)
            answers[handle] = Claim(differs=differs) if differs else Claim(result=first)
            if handle in reopened and differs is None and first.outcome is Outcome.UNKNOWN:
                answers[handle] = Claim(tried=first.attempts)
                again.append(handle)
        self._take_over(connection, {handle: contents[handle] for handle in again})
        return answers

    def _tries(
        self, connection: Connection, known: Mapping[bytes, KeyRow], handles: list[bytes]
    ) -> tuple[Tries, set[bytes]]:
        """What was done with these keys, and which of their holders are alive."""
        tries = Tries.load(connection, self.tables, handles)
        rows = [known[handle] for handle in handles if not tries.is_taken(handle)]
        holders = {row.holder[:HOLDER_BYTES] for row in rows if row.holder is not None}
        living = self.holding.living_of(connection, holders) if holders else set[bytes]()
        if holders - living:  # what they had begun before they were removed counts
            self.unfinished = index_some(connection, self.tables, self.privacy) or self.unfinished
            tries = Tries.load(connection, self.tables, handles)
        return tries, living

    def _take_over(self, connection: Connection, contents: Mapping[bytes, bytes]) -> None:
        if contents:
            keys = self.tables.keys
            query = update(keys).where(keys.c.handle == bindparam("own"))
            rows = [{"own": handle, "to": self.claim, "says": says} for handle, says in sorted(contents.items())]
            connection.execute(query.values(holder=bindparam("to"), content=bindparam("says")), rows)


def _take_all(connection: Connection, works: Sequence[Claiming]) -> bool:
    """Take the keys of all *works*. Whether all were free: else some are taken, each for the first that wants it."""
    tables = works[0].tables
    rows = [(handle, work.claim, content) for work in works for handle, content in work.contents.items()]
    rows.sort(key=itemgetter(0))  # of two that want one key, the first one stays before the other
    # See `_take_free`: those that are there are locked first.
    if connection.dialect.name != "sqlite" and lock_keys(connection, tables, [row[0] for row in rows]):
        return False
    return insert_missing(connection, tables.keys, rows) == len(rows)


@attrs.define
class Concluding(GroupedWork):
    """Lets others claim keys whose results are known, or that may be tried again. It may be called again."""

    rank: ClassVar[int] = 2

    tables: Tables
    held: Mapping[bytes, bytes]
    unsent: Sequence[bytes]
    """Those of which nothing was sent, nor tried."""

    @classmethod
    def run_all(cls, connection: Connection, works: Sequence[Self]) -> None:
        """Do all of *works*."""
        tables = works[0].tables
        release(connection, tables, [each for work in works for each in work.held.items()])
        forget_keys(connection, tables, [handle for work in works for handle in work.unsent])
