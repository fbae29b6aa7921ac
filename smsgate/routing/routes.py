"""Routes: which providers messages of a kind or to a country go through, in which order and by which weights. Pure."""

import math
import re
from collections.abc import Iterable, Sequence
from typing import Final, cast

import attrs

from smsgate.model.errors import ConfigurationError
from smsgate.model.kind import MessageKind, kind_problem
from smsgate.model.masking import safe_text

__all__ = ["Route", "Turns", "needs_region"]

_REGION: Final = re.compile(r"[A-Z]{2}", re.ASCII)


def _names(given: object, what: str) -> tuple[str, ...]:
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise ConfigurationError(f"Route: {what} must be a list of texts, not {type(given).__name__}")
    listed = tuple(cast("Iterable[object]", given))
    if not listed or not all(isinstance(each, str) and each for each in listed):
        raise ConfigurationError(f"Route: {what} must be a list of at least one text, none of them empty")
    return cast("tuple[str, ...]", listed)


def _providers(given: Iterable[str]) -> tuple[str, ...]:
    names = _names(given, "providers")
    if len(set(names)) < len(names):
        raise ConfigurationError(f"Route: a provider comes twice in {', '.join(map(safe_text, names))}")
    return names


def _kinds(given: Iterable[MessageKind] | None) -> frozenset[str] | None:
    if given is None:
        return None
    kinds = _names(given, "kinds")
    for kind in kinds:
        if problem := kind_problem(kind):
            raise ConfigurationError(f"Route: {problem}")
    return frozenset(kinds)


def _regions(given: Iterable[str] | None) -> frozenset[str] | None:
    if given is None:
        return None
    regions = _names(given, "regions")
    for region in regions:
        if not _REGION.fullmatch(region):
            raise ConfigurationError(
                f"Route: regions: {safe_text(region)!r} is no ISO 3166 code of two capital letters, such as 'CN'"
            )
    return frozenset(regions)


def _weights(given: Iterable[float] | None) -> tuple[float, ...] | None:
    if given is None or not isinstance(given, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]
        return given
    return tuple(given)


@attrs.frozen
class Route:
    """The providers, by name and in order, for messages of some kinds to some countries.

    `Route(["huawei"], kinds={"marketing"})`. A provider that is not listed is not asked. Raises `ConfigurationError`
    for what can fit no message.
    """

    providers: tuple[str, ...] = attrs.field(converter=_providers)
    """Their names, in the order in which they are tried."""
    kinds: frozenset[str] | None = attrs.field(default=None, kw_only=True, converter=_kinds)
    """The kinds of message that it is for (`Message.kind`, or its template's). None: all, also those without a kind."""
    regions: frozenset[str] | None = attrs.field(default=None, kw_only=True, converter=_regions)
    """The countries of the numbers that it is for, as ISO 3166 codes (`PhoneNumber.region`). None: all."""
    weights: tuple[float, ...] | None = attrs.field(default=None, kw_only=True, converter=_weights)
    """How the messages are shared out: with (3, 1) three of four go to the first provider first, and one to the second.
    A weight of 0 is for a provider that only takes what the others did not. None: all go to the first one first."""

    def __attrs_post_init__(self) -> None:
        weights = self.weights
        if weights is None:
            return
        if not isinstance(weights, tuple) or len(weights) != len(self.providers):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError("Route: weights must have one number for each of its providers")
        sound = all(isinstance(each, int | float) and 0 <= each < math.inf for each in weights)  # pyright: ignore[reportUnnecessaryIsInstance]
        if not sound or not sum(weights):
            raise ConfigurationError("Route: weights must be numbers, 0 or more, and one of them above 0")

    def fits(self, kind: str | None, region: str | None) -> bool:
        """Whether a message of this kind to this country goes through it."""
        return (self.kinds is None or kind in self.kinds) and (self.regions is None or region in self.regions)


def needs_region(routes: Sequence[Route]) -> bool:
    """Whether one of *routes* asks for the country of a number."""
    return any(route.regions is not None for route in routes)


class Turns:
    """Whose turn it is by weights: each provider has its share of any stretch of messages, evenly spread.

    (The smooth weighted round robin of nginx: no chance is needed, and a preview knows what the next send will do.)
    """

    def __init__(self, route: Route) -> None:
        self._weights = dict(zip(route.providers, route.weights or (), strict=True))
        self._credits = dict.fromkeys(route.providers, 0.0)

    def next(self, names: Sequence[str], *, peek: bool = False) -> str:
        """Whose turn it is among *names*, which are some of the route's. With *peek* it stays their turn."""
        total = sum(self._weights[name] for name in names)
        if not total:
            return names[0]
        weighted = [name for name in names if self._weights[name]]
        credits = {name: self._credits[name] + self._weights[name] for name in weighted}
        chosen = max(weighted, key=lambda name: credits[name])  # of equal ones the first
        if not peek:
            credits[chosen] -= total
            self._credits.update(credits)
        return chosen
