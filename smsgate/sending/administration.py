"""What is asked of a gateway, and changed in it, while it sends: its providers' health, its templates."""

from collections.abc import Iterable
from typing import Literal

from smsgate.model.template import Template
from smsgate.sending.ledger import Ledger
from smsgate.sending.lifecycle import Lifecycle
from smsgate.sending.preparer import Preparer
from smsgate.sending.router import ProviderHealth, Router
from smsgate.sending.setup import check_name, checked_state

__all__ = ["Administration"]


class Administration(Lifecycle):
    """The part of a gateway that sends nothing."""

    _router: Router
    _preparer: Preparer

    @property
    def failed_records(self) -> int:
        """How many calls of `on_result`, and of the ledger after a request, have failed. Each is in the log."""
        return self._parts.dispatcher.recorder.failures

    @property
    def ledger(self) -> Ledger | None:
        """The ledger that it was given."""
        return self._parts.dispatcher.recorder.ledger

    def health(self) -> dict[str, ProviderHealth]:
        """The state of each provider by its name, since when and why. Call it from the gateway's event loop."""
        return self._router.health()

    def mark(self, name: str, state: Literal["up", "down"], *, why: str = "marked by hand") -> None:
        """Set the state of a provider by hand: "down" holds until it is marked "up", and is not probed.

        *why* is for the log and for `health()`. Call it from the gateway's event loop. Raises `ConfigurationError` for
        a name that the gateway does not have.
        """
        check_name(self._providers, name)
        self._parts.admission.mark(name, checked_state(state), why)  # the admission tells of it

    @property
    def templates(self) -> tuple[Template, ...]:
        """The templates that it can send."""
        return self._preparer.templates

    def add_template(self, template: Template) -> None:
        """Add a template to a gateway that may be in use.

        Raises `ConfigurationError` if it has one of that name, or none of its providers can send it.
        """
        self._preparer.replace_templates((*self.templates, template))

    def replace_templates(self, templates: Iterable[Template]) -> None:
        """Take *templates* in place of all that the gateway has, from the next message on. All are checked before.

        A message that was given to `send` before, or read by `send_many`, goes on with the template that it began with,
        also to the next provider. Call it from the gateway's event loop or from any thread. Raises `ConfigurationError`
        as the constructor does, and then changes nothing.
        """
        self._preparer.replace_templates(templates)
