"""Messages that differ from others in number and values alone, as those of a campaign with personal texts. Pure."""

from collections.abc import Mapping, Sequence

import attrs

from smsgate.model.message import Message
from smsgate.model.template import Template
from smsgate.provider.protocol import Job, SmsProvider
from smsgate.sending.assigning import Assignment, assignment_of
from smsgate.sending.outgoing import OutgoingMessage
from smsgate.sending.resolve import Text, params_problem, usual_values

__all__ = ["MessagePattern", "PersonalMessage", "pattern_of"]


@attrs.define(eq=False, weakref_slot=False)
class PersonalMessage(OutgoingMessage):
    """An outgoing message that has its assignment in common with others, and values of its own.

    Its job is made when it is asked for: what waits by the thousand is to be few objects.
    """

    values: tuple[str, ...] = ()
    """In the order of `Assignment.names`."""
    rendered: str | None = None
    """Its text, if the template has one."""

    @property
    def text(self) -> Text:
        """See `OutgoingMessage`. Few are asked for it: those that go on to another provider."""
        assigned = self.assigned
        if assigned.names is None:  # of such a provider
            return assigned.text
        return Text(assigned.text.template, dict(zip(assigned.names, self.values, strict=True)), self.rendered)

    @property
    def example(self) -> Job:
        """See `OutgoingMessage`."""
        return self.job

    @property
    def job(self) -> Job:
        """See `OutgoingMessage`."""
        if self.assigned.names is None:
            return super().job
        return _job(self.message, self.assigned.example, self.values, self.rendered)


def _job(message: Message, example: Job, values: tuple[str, ...], rendered: str | None) -> Job:
    """The job of *message*, which differs from *example* in number, values and text."""
    job = Job(message, message.to, example.template_id, values, example.signature, example.sender, example.extend)
    job.text = rendered  # not by name above: to call a class with names takes three times as long
    return job


class MessagePattern:
    """What messages with one template, to one kind of numbers, have in common if no more than their values differ.

    *assigned*: the assignment of one of them. *names*: those of the values of its job, in the vendor's order.
    """

    def __init__(self, assigned: Assignment, names: Sequence[str]) -> None:
        self.template: Template = assigned.text.template
        self.provider: SmsProvider = assigned.provider
        self._example = assigned.example
        self._names = names
        self._shared: Assignment | None = None
        self._has_all = set(names) == set(self.template.params)
        if assigned.key is not None and self._has_all:
            # Perhaps other values make no difference to what shares a request: `prepare` asks.
            key, limit = assigned.key, assigned.batch_limit
            self._shared = Assignment(self.provider, assigned.text, assigned.example, key, limit, names=names)
        self._last: Mapping[str, str] = assigned.text.params

    def prepare(self, message: Message, order: Sequence[SmsProvider]) -> OutgoingMessage | None:
        """*message*, a plain one. None if its values are bad, its text came last, or the provider refuses it.

        Raises what the adapter raises.
        """
        given, example, template, provider = message.params, self._example, self.template, self.provider
        if given == self._last:
            return None  # more may come: what they have in common is worth finding
        self._last = given
        params = usual_values(given, self._names) if self._has_all else None
        if params is None:
            if params_problem(given, template):
                return None
            params = tuple([given[name] for name in self._names])
        rendered = None if template.text is None else template.render(given)
        job = _job(message, example, params, rendered)
        if provider.refuse(job):
            return None
        if self._shared is not None and (provider.name, provider.batch_key(job)) == self._shared.key:
            return PersonalMessage(message, self._shared, order, None, params, rendered)
        # Not kept in the text, which it has: few texts come again, and no cycle is left to the garbage collector.
        return OutgoingMessage(message, assignment_of(job, Text(template, dict(given), rendered), provider), order)


def pattern_of(assigned: Assignment) -> MessagePattern | None:
    """The pattern of messages that were *assigned* so, which are alike; None if the template has none for them."""
    template = assigned.text.template
    binding = template.ids[assigned.provider.name].serving(assigned.example.to)
    if binding is None:
        return None
    return MessagePattern(assigned, template.params if binding.params is None else binding.params)
