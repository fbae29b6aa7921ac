"""`SandboxGateway`: a gateway with the simulated vendors behind it, in the same process."""

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Unpack

import attrs

from smsgate.huawei import HuaweiSms
from smsgate.model.errors import ConfigurationError
from smsgate.model.masking import safe_text
from smsgate.model.phone import PhoneNumber
from smsgate.model.template import Binding, Template
from smsgate.sandbox import (
    AcceptedMessage,
    Push,
    PushSettings,
    Sandbox,
    SandboxConfig,
    SandboxTemplate,
    SandboxTransport,
)
from smsgate.sandbox.core import SENDERS
from smsgate.sandbox.huawei import HUAWEI_APP_KEY, HUAWEI_APP_SECRET, HUAWEI_SENDER, HUAWEI_TEMPLATE
from smsgate.sandbox.state.state import SimulatedVendor
from smsgate.sandbox.tencent import TENCENT_APP_KEY, TENCENT_SDK_APP_ID, TENCENT_TEMPLATE
from smsgate.tencent import TencentV5
from smsgate.testing.callbacks import AsgiApp, Pusher, ServerPusher, checked_app, push_all, push_due, was_taken
from smsgate.testing.clock import VirtualClock
from smsgate.testing.gateway import InProcessGateway
from smsgate.testing.options import SmsOptions, check_names, checked_templates
from smsgate.testing.script import Rule, checked_rules
from smsgate.testing.scripting import Scripter
from smsgate.testing.sent import Received

if TYPE_CHECKING:
    from smsgate.sandbox.server import SandboxServer

__all__ = ["LOGIN_CODE", "SandboxGateway"]

__tracebackhide__ = True
"""pytest leaves this module out of its tracebacks, and shows the line of the test and the text of the error."""

LOGIN_CODE: Final = Template(
    "login-code",
    params=("code", "minutes"),
    text="Your code is {code}, valid for {minutes} minutes.",
    ids={"tencent-v5": TENCENT_TEMPLATE, "huawei": HUAWEI_TEMPLATE},
)
"""The template that the simulated vendors have approved from the start."""

_CALLBACKS: Final = {"tencent-v5": "https://app.invalid/tencent-v5", "huawei": "https://app.invalid/huawei"}
_VENDORS: Final = {each.name: each.vendor for each in SENDERS if each.name in _CALLBACKS}
_SIGNATURE: Final = "Acme"
_PLACEHOLDER: Final = re.compile(r"\{([^{}]+)\}")


class SandboxGateway(InProcessGateway[AcceptedMessage]):
    """A gateway over simulated vendors: `tencent-v5`, then `huawei`, with real signatures, codes and magic numbers.

    *templates*: the templates that your code sends, in place of `LOGIN_CODE`. The vendors then have them approved under
    the ids and signatures that you bound to `tencent-v5` and `huawei`; channel numbers are the sandbox's own.
    *callbacks*: the URLs at which your application takes pushes, by provider. *script*: what the vendors do with which
    messages (`Rule`). *sandbox*: to share one, or to bring your own set-up, Tencent's callback included. *options*:
    those of `Gateway`, see `SmsOptions`; the vendors' clock is *clock*, too, which may be a `VirtualClock`.
    """

    _providers_hint = "these are simulated; for providers of yours make a Gateway(…, transport=sms_sandbox.transport)"

    def __init__(
        self,
        *,
        templates: Iterable[Template] = (),
        callbacks: Mapping[str, str] | None = None,
        script: Iterable[Rule] = (),
        sandbox: Sandbox | None = None,
        **options: Unpack[SmsOptions],
    ) -> None:
        check_names(options)
        own = tuple([_without_senders(template) for template in checked_templates(templates)])
        given = _checked_callbacks(callbacks)
        self._has_callback = sandbox is not None or "tencent-v5" in given
        callbacks = {**_CALLBACKS, **given}
        clock = options.get("clock", time.time)
        pushes = PushSettings(report_delay=0.0, tencent_callback=callbacks["tencent-v5"])
        self.sandbox: Sandbox = sandbox or Sandbox(_approving(own), pushes=pushes)
        """The vendors: what they accepted (`messages`), and how to make them fail (`faults`)."""
        self.transport: SandboxTransport = SandboxTransport(self.sandbox, clock=clock, delay_scale=0)
        """The wire: give it to a gateway of your own (`Gateway(…, transport=…)`), or read its `requests`."""
        super().__init__(
            [
                TencentV5(TENCENT_SDK_APP_ID, TENCENT_APP_KEY, sign=_SIGNATURE),
                HuaweiSms(
                    HUAWEI_APP_KEY,
                    HUAWEI_APP_SECRET,
                    sender=HUAWEI_SENDER,
                    base_url="https://huawei.invalid",
                    signature=_SIGNATURE,
                    status_callback=callbacks["huawei"],
                ),
            ],
            templates=own or (LOGIN_CODE,),
            transport=self.transport,
            **options,
        )
        self.script(*checked_rules(script))

    def script(self, *rules: Rule) -> None:
        """Let *rules* hold from now on, before those that were there. The first that fits a message decides.

        Raises `ConfigurationError` for what no simulated vendor can do.
        """
        Scripter(self.sandbox, self.templates, self._e164).set(checked_rules(rules), self.clock())

    async def push_callbacks(self, app: AsgiApp, *, sign: bool | None = None) -> tuple[Push, ...]:
        """Let the vendors push their reports and replies into *app*, which takes them at the URLs of `callbacks`.

        All that was not pushed yet comes, at once, in the order in which it is due; a vendor that tries again does so
        without waiting. With a `VirtualClock` only what is due by now comes. *sign*: whether vendors that can sign
        their pushes do, from now on. Gives every try. Raises `AssertionError` if the app did not take a push at last,
        and `ConfigurationError` for what is not an ASGI application.
        """
        self._sign_pushes(sign)
        if isinstance(self.clock, VirtualClock):
            return await push_due(self.sandbox, checked_app(app), self.clock)
        return await push_all(self.sandbox, checked_app(app), self.clock())

    def push_to(self, app: AsgiApp, *, sign: bool | None = None) -> None:
        """Let the vendors push into *app* whenever the `VirtualClock` comes to the moment at which something is due.

        *sign*: as for `push_callbacks`. `VirtualClock.advance` then raises what that raises. Raises
        `ConfigurationError` if the gateway has no `VirtualClock`, or for what is not an ASGI application.
        """
        if not isinstance(self.clock, VirtualClock):
            raise ConfigurationError("push_to: needs a VirtualClock: the fixture sms_clock (or clock=VirtualClock())")
        self._sign_pushes(sign)
        self.clock.drive(Pusher(self.sandbox, checked_app(app), self.clock))

    def serve(self, *, port: int = 0) -> "SandboxServer":
        """The vendors behind a real port of this machine: a server to be started, or used as a context manager.

        It pushes by itself, to those of `callbacks` that you gave, which have to be on this machine. What was accepted
        is seen here as always. `VirtualClock.advance` waits until the pushes that fall due are answered. *port*: 0 for
        a free one. Raises `ConfigurationError` without the extra `sandbox`.
        """
        try:
            from smsgate.sandbox.server import SandboxServer
        except ImportError as error:
            raise ConfigurationError(f"serve: needs an extra: pip install 'smsgate[sandbox]' ({error})") from None
        if not self._has_callback:
            self.sandbox.push_settings = attrs.evolve(self.sandbox.push_settings, tencent_callback=None)
        server = SandboxServer(self.sandbox, port=port, clock=self.clock)
        if isinstance(self.clock, VirtualClock):
            self.clock.drive(ServerPusher(server, self.clock))
        return server

    def _sign_pushes(self, sign: bool | None) -> None:
        if sign is not None:
            self.sandbox.push_settings = attrs.evolve(self.sandbox.push_settings, sign=sign)

    def _received(self) -> Sequence[Received[AcceptedMessage]]:
        known = self._bound_names()
        return [_received(each, known.get((each.vendor, each.template_id))) for each in self.sandbox.messages]

    def _without_report(self, received: Sequence[Received[AcceptedMessage]]) -> list[str]:
        taken = {id for push in self.sandbox.pushes if was_taken(push) for id in push.about}
        waits = self.sandbox.next_push_at is not None
        hint = "one is still to come: push_callbacks(app), or advance the clock" if waits else "none is to come"
        return [f"{each.line}: no report on it was taken ({hint})" for each in received if each.id not in taken]

    def _bound_names(self) -> dict[tuple[str, str | None], tuple[str, Sequence[str]]]:
        """The name of a template, and of its parameters in a vendor's order, by the vendor and its id."""
        known: dict[tuple[str, str | None], tuple[str, Sequence[str]]] = {}
        for template in self.templates:
            for provider, binding in template.ids.items():
                if provider in _VENDORS:
                    for each in binding.variants():
                        names = template.params if each.params is None else each.params
                        known.setdefault((_VENDORS[provider].name, each.id), (template.name, names))
        return known


def _received(message: AcceptedMessage, known: tuple[str, Sequence[str]] | None) -> Received[AcceptedMessage]:
    name, names = known or (message.template_id or "", ())
    if len(names) != len(message.params):
        names = [str(index) for index in range(1, len(message.params) + 1)]
    return Received(
        id=message.message_id,
        to=PhoneNumber(message.to),
        message=message,
        code=message.code,
        template=name,
        params=dict(zip(names, message.params, strict=True)),
        text=message.text,
        by=message.vendor,
        reference=message.reference,
    )


def _checked_callbacks(callbacks: Mapping[str, str] | None) -> Mapping[str, str]:
    if not isinstance(callbacks, Mapping | None):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ConfigurationError(f"callbacks: must map providers to URLs, not {type(callbacks).__name__}")
    for name, url in (callbacks or {}).items():
        if name not in _CALLBACKS:
            shown = safe_text(str(name))
            raise ConfigurationError(
                f"callbacks: no simulated provider is named {shown!r}, only {', '.join(_CALLBACKS)}"
            )
        try:
            PushSettings(tencent_callback=url if isinstance(url, str) else "")  # pyright: ignore[reportUnnecessaryIsInstance]
        except ConfigurationError:
            raise ConfigurationError(f"callbacks[{name!r}]: must be a URL, as in {_CALLBACKS[name]}") from None
    return callbacks or {}


def _without_senders(template: Template) -> Template:
    return attrs.evolve(template, ids={name: _without_sender(binding) for name, binding in template.ids.items()})


def _without_sender(binding: Binding) -> Binding:
    abroad = _without_sender(binding.abroad) if isinstance(binding.abroad, Binding) else binding.abroad
    return attrs.evolve(binding, sender=None, abroad=abroad)


def _approving(templates: Iterable[Template]) -> SandboxConfig:
    """The set-up of vendors that have approved *templates* and the signatures in them."""
    known = SandboxConfig()
    approved, signatures = list(known.templates), list(known.signatures)
    for template in templates:
        for name, binding in template.ids.items():
            vendor = _VENDORS.get(name)
            if vendor is None:
                continue  # another provider's: no simulated vendor will be asked for it
            for each in binding.variants():
                approved.append(SandboxTemplate(vendor.name, each.id, _text(vendor, template, each)))
                if each.signature:
                    signatures.append((vendor.name, each.signature))
    return SandboxConfig(templates=tuple(approved), signatures=tuple(signatures))


def _text(vendor: SimulatedVendor, template: Template, binding: Binding) -> str:
    """The text as the vendor has it, with a place for each parameter of the binding, in its order."""
    names = template.params if binding.params is None else binding.params
    text = template.text or ""
    if tuple(_PLACEHOLDER.findall(text)) != names:  # the vendor's own text says it in another way
        text = " ".join((template.name, *(f"{{{name}}}" for name in names)))
    places = {name: vendor.placeholder(index) for index, name in enumerate(names, 1)}
    return _PLACEHOLDER.sub(lambda match: places[match[1]], text)
