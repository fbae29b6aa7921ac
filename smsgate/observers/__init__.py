"""What a gateway tells of itself: events, and what is done with them.

`Gateway(…, observer=[LogObserver(), PrometheusObserver()])` takes one or several.
"""

# Each name is imported when it is first used.

import typing

if typing.TYPE_CHECKING:
    from smsgate.observers.events import (
        Event,
        FailedOver,
        HealthChanged,
        MessageRefused,
        RequestEnded,
        RequestStarted,
        ResultRecorded,
    )
    from smsgate.observers.log import LogObserver
    from smsgate.observers.observer import Observer
    from smsgate.observers.prometheus import PrometheusObserver

__all__ = [
    "Event",
    "FailedOver",
    "HealthChanged",
    "LogObserver",
    "MessageRefused",
    "Observer",
    "PrometheusObserver",
    "RequestEnded",
    "RequestStarted",
    "ResultRecorded",
]

_HOMES: typing.Final = {
    "Event": "smsgate.observers.events",
    "FailedOver": "smsgate.observers.events",
    "HealthChanged": "smsgate.observers.events",
    "LogObserver": "smsgate.observers.log",
    "MessageRefused": "smsgate.observers.events",
    "Observer": "smsgate.observers.observer",
    "PrometheusObserver": "smsgate.observers.prometheus",
    "RequestEnded": "smsgate.observers.events",
    "RequestStarted": "smsgate.observers.events",
    "ResultRecorded": "smsgate.observers.events",
}

if not typing.TYPE_CHECKING:  # a type checker shall go on to find misspelt names

    def __getattr__(name: str) -> object:
        from smsgate._lazy import import_name

        return import_name(__name__, name, _HOMES)
