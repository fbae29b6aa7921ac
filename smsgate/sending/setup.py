"""What a gateway is given, found to be right when it is made; and what the caller of a send says. Pure."""

from collections.abc import Awaitable, Callable, Iterable, Mapping

import attrs

from smsgate.model.errors import ConfigurationError
from smsgate.model.masking import safe_text
from smsgate.model.result import Result
from smsgate.model.suggestion import did_you_mean
from smsgate.provider.protocol import SmsProvider
from smsgate.routing.health import HealthState
from smsgate.sending.router import ProviderChoice

__all__ = [
    "Timing",
    "check_name",
    "checked_state",
    "choice_of",
    "is_simulated",
    "providers_by_name",
    "timing_of",
]


@attrs.frozen
class Timing:
    """The time of a gateway, apart from that of the network."""

    pause: Callable[[float], Awaitable[None]]
    """Waits before a request: for a retry, for the turn of a rate."""
    linger: Callable[[float], Awaitable[None]]
    """Waits for others to share a request with."""
    now: Callable[[], float] | None = None
    """Seconds since some moment, for both; None for the clocks of the event loop and of the machine."""


def providers_by_name(providers: Iterable[SmsProvider]) -> dict[str, SmsProvider]:
    """*providers* by name. Raises `ConfigurationError` for what is none, for a name that comes twice, and for none."""
    found: dict[str, SmsProvider] = {}
    if not isinstance(providers, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ConfigurationError(f"providers: must be a list of providers, not {type(providers).__name__}")
    for provider in providers:
        if isinstance(provider, type) or not isinstance(provider, SmsProvider):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError(f"providers: {type(provider).__name__} is not an SmsProvider")
        if provider.name in found:
            raise ConfigurationError(f"providers: two are named {provider.name!r}; give one another name=")
        if provider.batch_limit < 1:
            raise ConfigurationError(f"providers: the batch_limit of {provider.name!r} must be at least 1")
        found[provider.name] = provider
    if not found:
        raise ConfigurationError("providers: a Gateway needs at least one")
    return found


def choice_of(
    known: Mapping[str, SmsProvider], providers: Iterable[str | SmsProvider] | None, after: Result | None
) -> ProviderChoice:
    """What the caller of a send said. Raises `ConfigurationError` for a provider that is not among *known*."""
    if after is not None and not isinstance(after, Result):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ConfigurationError(f"after: must be the Result of an earlier message, not {type(after).__name__}")
    last = None if after is None else after.provider
    if providers is None:
        return ProviderChoice(tuple(known.values()), after=last)
    names = [] if isinstance(providers, str) else [str(getattr(each, "name", each)) for each in providers]
    unknown = [safe_text(name) for name in names if name not in known]
    if unknown or not names:
        wrong = f"does not have {', '.join(unknown)}" if unknown else "needs a list of at least one"
        hint = "".join(did_you_mean(name, known) for name in unknown[:1])
        raise ConfigurationError(f"providers: this Gateway {wrong}; it has {', '.join(known)}{hint}")
    return ProviderChoice(tuple([known[name] for name in dict.fromkeys(names)]), given=True, after=last)


def check_name(known: Iterable[str], name: str) -> None:
    """Raise `ConfigurationError` if there is no provider of that name."""
    if name not in (names := list(known)):
        shown = safe_text(str(name))
        hint = did_you_mean(shown, names)
        raise ConfigurationError(f"name: this Gateway does not have {shown}; it has {', '.join(names)}{hint}")


def checked_state(state: str) -> HealthState:
    """The state that a provider can be marked with. Raises `ConfigurationError` for another."""
    if state not in (HealthState.UP, HealthState.DOWN):
        raise ConfigurationError('state: a provider is marked "up" or "down"')
    return HealthState(state)


def is_simulated(clock: object) -> bool:
    """Whether a test moves *clock*. Such a clock, or a network on which nothing takes time, has `simulated_sleep`."""
    return hasattr(clock, "simulated_sleep")


def timing_of(transport: object, clock: Callable[[], float], sleep: Callable[[float], Awaitable[None]]) -> Timing:
    """The time of a gateway: real, with *sleep* to wait, unless its *clock* or its *transport* is a simulated one."""
    by_clock: Callable[[float], Awaitable[None]] | None = getattr(clock, "simulated_sleep", None)
    if by_clock is not None:
        return Timing(by_clock, by_clock, clock)
    return Timing(getattr(transport, "simulated_sleep", sleep), sleep)
