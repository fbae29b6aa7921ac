"""The protocol of a store in which several processes share the rates of their providers."""

from typing import Protocol, runtime_checkable

__all__ = ["SharedRates"]


@runtime_checkable
class SharedRates(Protocol):
    """The time of each account, of which all processes book what their requests take, so that one rate holds for all.

    A request that costs 3 of a rate of 30 a second takes 0.1 seconds of its account's time. A gateway books some time
    ahead for all of its requests that wait. It is given to `Gateway(rates=…)`.
    """

    async def book(self, account: str, seconds: float, *, longest: float) -> float | None:
        """Book the next *seconds* of the time of *account*. Returns in how many seconds from now they begin, 0 or more.

        *account*: the name of the provider. None, and nothing is booked, if they would begin more than *longest*
        seconds from now. What is booked and not used is lost: others may have booked what follows it.

        It goes by one clock for all processes, and has a timeout of its own. If it raises, nothing is sent: the
        messages end as `NOT_SENT` with reason `NOT_RECORDED`. Of an account that is new to it, as all are after a loss
        of its data, one second counts as booked, so that what others have booked before is kept.
        """
        ...
