"""The pytest fixtures `sms_outbox` and `sms_sandbox`. Nothing else is imported before one of them is used.

Override `sms_templates`, `sms_options` and `sms_callbacks` in your conftest.py to set them up.
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from smsgate.model.template import Template
    from smsgate.testing import Outbox, SandboxGateway, SmsOptions

__all__ = ["sms_callbacks", "sms_options", "sms_outbox", "sms_sandbox", "sms_templates"]


@pytest.fixture
def sms_templates() -> "Sequence[Template]":
    """The templates of `sms_outbox` and `sms_sandbox`. Override it; if empty, both use their defaults."""
    return ()


@pytest.fixture
def sms_options() -> "SmsOptions":
    """Options of both gateways: those of `Gateway`, and `one_event_loop`. Override it."""
    return {}


@pytest.fixture
def sms_callbacks() -> Mapping[str, str]:
    """The URLs at which your application receives the vendors' pushes, by provider. Override it."""
    return {}


@pytest.fixture
def sms_outbox(sms_templates: "Sequence[Template]", sms_options: "SmsOptions") -> "Outbox":
    """A gateway that records messages instead of sending them."""
    from smsgate.testing import Outbox

    with _naming_fixtures(sms_options):
        return Outbox(templates=sms_templates, **sms_options)


@pytest.fixture
def sms_sandbox(
    sms_templates: "Sequence[Template]", sms_callbacks: Mapping[str, str], sms_options: "SmsOptions"
) -> "SandboxGateway":
    """A gateway connected to simulated vendors, with real signatures and codes, and magic numbers."""
    from smsgate.testing import SandboxGateway

    with _naming_fixtures(sms_options):
        return SandboxGateway(templates=sms_templates, callbacks=sms_callbacks, **sms_options)


@contextmanager
def _naming_fixtures(options: object) -> Generator[None]:
    """Let what is wrong with a setting be said together with the fixture that it comes from."""
    from smsgate.model.errors import ConfigurationError

    if not isinstance(options, Mapping):
        raise ConfigurationError(f"fixture sms_options: must give a dict of options, not {type(options).__name__}")
    for name, fixture in (("templates", "sms_templates"), ("callbacks", "sms_callbacks")):
        if name in options:
            raise ConfigurationError(f"fixture sms_options: has {name}; override the fixture {fixture} instead")
    try:
        yield
    except ConfigurationError as error:
        text = str(error)
        names = [name for name in ("templates", "callbacks") if text.startswith(name)]
        raise ConfigurationError(f"fixture {f'sms_{names[0]}' if names else 'sms_options'}: {text}") from None
