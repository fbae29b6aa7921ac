"""Lanes: which queue a message waits in, and how soon it is taken, by what it is for. A code waits for no campaign."""

from collections.abc import Iterable, Mapping
from typing import Final

import attrs

from smsgate.model.errors import ConfigurationError
from smsgate.model.kind import MessageKind, kind_problem
from smsgate.model.message import Message
from smsgate.model.template import Template

__all__ = ["LANES", "Lane", "Lanes"]


@attrs.frozen
class Lane:
    """Where messages of one kind wait."""

    queue: str
    """The name of the engine's queue."""
    priority: int = 0
    """Of two jobs that a worker may take, the one with the higher number comes first, if the engine has priorities."""


LANES: Final[Mapping[MessageKind, Lane]] = {
    "code": Lane("sms-code", 20),
    "notification": Lane("sms-notification", 10),
    "marketing": Lane("sms-marketing", 0),
}
"""Those that are used if the caller names no others: codes first, marketing last."""


class Lanes:
    """The lanes of an application: `LANES`, but for those that *lanes* names.

    *templates*: what says of a message without a kind what it is for. Raises `ConfigurationError`.
    """

    def __init__(self, lanes: Mapping[MessageKind, Lane] | None = None, templates: Iterable[Template] = ()) -> None:
        for kind, lane in (lanes or {}).items():
            if problem := kind_problem(kind):
                raise ConfigurationError(f"lanes: {problem}")
            if not isinstance(lane, Lane) or not lane.queue:  # pyright: ignore[reportUnnecessaryIsInstance]
                raise ConfigurationError(f"lanes: {kind!r} must have a smsgate.tasks.Lane with the name of a queue")
        self.by_kind: Mapping[MessageKind, Lane] = {**LANES, **(lanes or {})}
        """All of them."""
        self._kinds: Mapping[str, MessageKind | None] = {template.name: template.kind for template in templates}

    def kind_of(self, message: Message, otherwise: MessageKind) -> MessageKind:
        """What *message* is for: by itself, or by its template; *otherwise* if neither says so."""
        kind = self._kinds.get(message.template) if message.kind is None else message.kind
        return otherwise if kind is None else kind

    def lane_of(self, message: Message, otherwise: MessageKind) -> Lane:
        """The lane of *message*: that of its kind."""
        return self.by_kind[self.kind_of(message, otherwise)]
