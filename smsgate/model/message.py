"""What goes into a gateway: `Message`."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

import attrs

from smsgate.model.kind import MessageKind
from smsgate.model.lazy import MessageSlots, number_of, set_number
from smsgate.model.masking import safe_repr
from smsgate.model.phone import PhoneNumber

__all__ = ["Message"]


_MAPPINGS: Final = (dict, Mapping)
"""In this order: of an abstract class to ask takes longer."""


def _phone(value: str | PhoneNumber) -> PhoneNumber:
    return PhoneNumber.wrap(value)


def _copy_params(value: Mapping[str, str]) -> Mapping[str, str]:
    # Whatever else it is, the gateway says so: an error from here would have the values in its traceback.
    return dict(value) if isinstance(value, _MAPPINGS) else value  # pyright: ignore[reportUnnecessaryIsInstance]


_NO_PARAMS: Final[Mapping[str, str]] = MappingProxyType({})


@attrs.frozen(init=False, weakref_slot=False)
class Message(MessageSlots):
    """One text to one number: the unit of outcomes and of delivery reports.

    Nothing is checked here: the gateway checks a message before its first byte leaves, so that one bad number in a
    stream of thousands fails alone.
    """

    to: PhoneNumber = attrs.field(converter=_phone)
    """The recipient in E.164 (`+8613800138000`), or a national number if the gateway has a `default_region`."""
    template: str = attrs.field(repr=safe_repr)
    """The name of a `Template` that the gateway knows."""
    params: Mapping[str, str] = attrs.field(default=_NO_PARAMS, converter=_copy_params, repr=False, hash=False)
    """A value for each of the template's parameter names."""
    key: str | None = attrs.field(default=None, kw_only=True, repr=safe_repr)
    """Your own id of this message. It goes to the vendor in a tag and comes back as `StatusReport.tag.key`.

    It is an idempotency key as far as the gateway remembers it: what is sent with the same key and the same content
    (`to`, `template`, `params`, `extend`) has the first result, and is not sent again, unless the first one was not
    sent and may be tried again. By itself a gateway remembers the last keys of its own process, for minutes.
    """
    extend: str | None = attrs.field(default=None, kw_only=True, repr=safe_repr)
    """The channel extension, which the vendor returns as `Reply.extend` with a reply to this message.

    It overrides `Binding.extend` and the provider's. Decimal digits at Tencent, once its support has enabled it; a
    vendor that has no such field ignores it.
    """
    on_unknown: Literal["stop", "failover"] | None = attrs.field(default=None, kw_only=True)
    """Overrides `Policy.on_unknown` for this message."""
    kind: MessageKind | None = attrs.field(default=None, kw_only=True)
    """What it is for, in place of `Template.kind`. Routes and quiet hours go by it."""
    expires_at: datetime | None = attrs.field(default=None, kw_only=True)
    """When it is of no use any more (aware). No try begins after it: the message ends as `NOT_SENT`, `EXPIRED`."""

    def __init__(
        self,
        to: str | PhoneNumber,
        template: str,
        params: Mapping[str, str] = _NO_PARAMS,
        *,
        key: str | None = None,
        extend: str | None = None,
        on_unknown: Literal["stop", "failover"] | None = None,
        kind: MessageKind | None = None,
        expires_at: datetime | None = None,
    ) -> None:
        filled: Any = self
        if type(self) is not Message:  # it may have fields of its own, so that it cannot be what it is not below
            options = {"key": key, "extend": extend, "on_unknown": on_unknown, "kind": kind, "expires_at": expires_at}
            filled.__attrs_init__(to, template, params, **options)
            return
        # To set a field of what is frozen takes a call: that is more than all else that is done here.
        object.__setattr__(self, "__class__", MessageSlots)
        filled.to = to if type(to) is str else PhoneNumber.wrap(to)
        filled.template = template
        filled.params = params.copy() if type(params) is dict else _copy_params(params)
        filled.key = key
        filled.extend = extend
        filled.on_unknown = on_unknown
        filled.kind = kind
        filled.expires_at = expires_at
        filled.__class__ = Message


if not TYPE_CHECKING:
    Message.to = property(number_of, set_number, doc=Message.to.__doc__)
