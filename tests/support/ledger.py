"""The books of a bulk send: what was read, what was recorded."""

from collections import Counter
from collections.abc import Iterable, Iterator

from fake_vendors import LOGIN, Wire, alpha, login, number

from smsgate import Gateway, Message, Outcome, Result

__all__ = ["Ledger", "gateway", "messages"]


class Ledger:
    """What was read from a source, and what was recorded of it."""

    def __init__(self) -> None:
        self.read: list[Message] = []
        self.recorded: list[Result] = []

    def source(self, messages: Iterable[Message]) -> Iterator[Message]:
        for message in messages:
            self.read.append(message)
            yield message

    def on_result(self, result: Result) -> None:
        self.recorded.append(result)

    @property
    def balanced(self) -> bool:
        """Each message that was read has exactly one recorded result."""
        return Counter(map(id, self.read)) == Counter(id(result.message) for result in self.recorded)

    def count(self, outcome: Outcome) -> int:
        return sum(result.outcome is outcome for result in self.recorded)


def messages(count: int) -> list[Message]:
    return [login(number(index)) for index in range(count)]


def gateway(wire: Wire, ledger: Ledger, *, batch_limit: int = 10) -> Gateway:
    return Gateway([alpha(batch_limit=batch_limit)], templates=[LOGIN], transport=wire, on_result=ledger.on_result)
