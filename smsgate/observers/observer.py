"""The protocol of an observer, and the one place that calls observers."""

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, Protocol, cast, runtime_checkable

from smsgate.model.errors import ConfigurationError
from smsgate.model.masking import describe_failure

if TYPE_CHECKING:
    from smsgate.observers.events import Event

__all__ = ["Emitter", "Observer"]

logger: Final = logging.getLogger("smsgate")


@runtime_checkable
class Observer(Protocol):
    """Whoever wants to be told what a gateway does.

    An observer may also have an attribute `wants`: a collection of the classes of events that it is told. The others
    are not made then, which is worth it in bulk: `ResultRecorded` is made for each message.
    """

    def observe(self, event: "Event") -> None:
        """Called with each event, on the gateway's event loop: it must not block.

        What it raises is logged and changes nothing else.
        """
        ...


class Emitter:
    """Tells observers of events, and survives what they raise. A gateway has one."""

    def __init__(self, observer: Observer | Iterable[Observer]) -> None:
        self._observers = _observers(observer)
        wanted = [getattr(each, "wants", None) for each in self._observers]
        self._wanted: frozenset[type[Event]] | None = None
        if None not in wanted:
            self._wanted = frozenset().union(*filter(None, wanted))

    def wants(self, kind: "type[Event]") -> bool:
        """Whether an observer is to be told of events of this class."""
        return self._wanted is None or kind in self._wanted

    def emit(self, event: "Event") -> None:
        """Tell the observers that want it of *event*. Ask `wants` before an event is made."""
        for observer in self._observers:
            wanted = getattr(observer, "wants", None)
            if wanted is None or type(event) in wanted:
                self._tell(observer, event)

    def _tell(self, observer: Observer, event: "Event") -> None:
        try:
            observer.observe(event)
        except GeneratorExit:  # the coroutine that sends is being closed
            raise
        except BaseException as error:  # it cannot undo what was sent, and must not cost a message its record
            name = type(observer).__name__
            logger.error("observer %s failed: %s", name, describe_failure(error))


def _observers(observer: object) -> tuple[Observer, ...]:
    found = tuple(cast("Iterable[object]", observer)) if isinstance(observer, Iterable) else (observer,)
    for each in found:
        if isinstance(each, type) or not isinstance(each, Observer):
            given = each.__name__ if isinstance(each, type) else type(each).__name__
            raise ConfigurationError(f"observer: must have a method observe(event) (see smsgate.observers): {given}")
    return cast("tuple[Observer, ...]", found)
