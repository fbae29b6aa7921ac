"""The assertions of the test gateways, which say when they fail what was sent to whom, with nothing secret in it."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from smsgate.model.phone import PhoneNumber
from smsgate.model.result import Result
from smsgate.testing.accounting import Accounts, Tries, sent_twice, unaccounted
from smsgate.testing.sent import Received, Wanted, listed, nearest, results_to

__all__ = ["Assertions"]

__tracebackhide__ = True
"""pytest leaves this module out of its tracebacks, and shows the line of the test and the text of the error."""

M = TypeVar("M")


class Assertions(ABC, Generic[M]):
    """Each raises `AssertionError` with what was sent to whom: numbers masked, parameters by their names alone."""

    _accounts: Accounts

    @abstractmethod
    def _received(self) -> Sequence[Received[M]]:
        """What was accepted, oldest first."""

    @abstractmethod
    def _e164(self, number: str | PhoneNumber) -> PhoneNumber:
        """*number* in E.164."""

    @abstractmethod
    def _without_report(self, received: Sequence[Received[M]]) -> list[str]:
        """Lines about those of *received* on which no report was taken by the application."""

    def assert_sent(
        self,
        to: str | PhoneNumber,
        *,
        template: str | None = None,
        params: Mapping[str, str] | None = None,
        text: str | None = None,
        times: int | None = None,
    ) -> M:
        """A message to the number *to* was accepted: the newest one comes back.

        *template*: your name for it. *params*: values that it must have, of all its parameters or of some. *text*: a
        part of what the recipient reads. *times*: how many such messages there must be, instead of at least one.
        """
        wanted = Wanted(to=self._e164(to), template=template, params=params, text=text)
        received = self._received()
        found = [each for each in received if not wanted.differences(each)]
        if found if times is None else len(found) == times and times:
            return found[-1].message
        if times is None:
            problem = f"no message {wanted.line} was accepted"
        else:
            messages, were = ("message", "was") if len(found) == 1 else ("messages", "were")
            problem = f"{len(found)} {messages} {wanted.line} {were} accepted, not {times}"
        others = [each for each in received if wanted.differences(each)]
        failed = results_to(wanted.to, self._accounts.results)
        if not received and not self._accounts.has_any:
            failed = ["this gateway was given no message at all: does the code under test use another one?"]
        raise AssertionError("\n".join([problem, *nearest(wanted, others), *listed(received), *failed]))

    def assert_not_sent_twice(self, to: str | PhoneNumber | None = None, *, results: Iterable[Result] = ()) -> None:
        """No message was accepted more than once, by one vendor or by several; with *to*, none to that number.

        Messages of one `key` are one message. Of those without a key, those are that have number, template and
        parameters in common. *results*: of other gateways over the same simulated vendors, so that their keys count.
        """
        number = None if to is None else self._e164(to)
        received = [each for each in self._received() if number in (None, each.to)]
        copies = sent_twice(received, Tries((*self._accounts.results, *results)))
        if copies:
            raise AssertionError("\n".join(["a message was sent twice", *copies]))

    def assert_all_accounted_for(self, *, results: Iterable[Result] = (), reported: bool = False) -> None:
        """Every message has one result, and the vendors have accepted what the results say, and nothing else.

        *results*: of other gateways over the same simulated vendors. *reported*: your application has taken a delivery
        report on each accepted message as well.
        """
        received, tries = self._received(), Tries((*self._accounts.results, *results))
        problems = [*self._accounts.without_result(), *unaccounted(received, tries)]
        if reported:
            problems += self._without_report(received)
        if problems:
            raise AssertionError("\n  ".join(["not everything is accounted for:", *problems]))
