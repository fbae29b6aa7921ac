"""`SandboxGateway`: a gateway with the simulated vendors behind it, in the same process."""

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Unpack

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
from smsgate.testing.callbacks import AsgiApp, push_all
from smsgate.testing.gateway import InProcessGateway, Received
from smsgate.testing.options import SmsOptions, check_names, checked_templates

__all__ = ["LOGIN_CODE", "SandboxGateway"]

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
    *callbacks*: the URLs at which your application takes pushes, by provider. *sandbox*: to share one, or to bring your
    own set-up, Tencent's callback included. *options*: those of `Gateway`, see `SmsOptions`; the vendors' clock is
    *clock*, too.
    """

    _providers_hint = "these are simulated; for providers of yours make a Gateway(…, transport=sms_sandbox.transport)"

    def __init__(
        self,
        *,
        templates: Iterable[Template] = (),
        callbacks: Mapping[str, str] | None = None,
        sandbox: Sandbox | None = None,
        **options: Unpack[SmsOptions],
    ) -> None:
        check_names(options)
        own = tuple([_without_senders(template) for template in checked_templates(templates)])
        callbacks = {**_CALLBACKS, **_checked_callbacks(callbacks)}
        self._clock = options.get("clock", time.time)
        pushes = PushSettings(report_delay=0.0, tencent_callback=callbacks["tencent-v5"])
        self.sandbox: Sandbox = sandbox or Sandbox(_approving(own), pushes=pushes)
        """The vendors: what they accepted (`messages`), and how to make them fail (`faults`)."""
        self.transport: SandboxTransport = SandboxTransport(self.sandbox, clock=self._clock, delay_scale=0)
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

    async def push_callbacks(self, app: AsgiApp) -> tuple[Push, ...]:
        """Let the vendors push their reports and replies into *app*, which takes them at the URLs of `callbacks`.

        All that was not pushed yet comes, at once; a vendor that tries again does so without waiting. Gives every try.
        Raises `AssertionError` if the app did not take a push in the end.
        """
        return await push_all(self.sandbox, app, self._clock())

    def _received(self) -> Sequence[Received[AcceptedMessage]]:
        return [Received(each.message_id, PhoneNumber(each.to), each, each.code) for each in self.sandbox.messages]


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
