"""The pytest fixtures `sms_outbox` and `sms_sandbox`. Nothing else is imported before one of them is used.

Override `sms_templates`, `sms_options` and `sms_callbacks` in your conftest.py to set them up.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from smsgate.model.template import Template
    from smsgate.testing import Outbox, SandboxGateway

__all__ = ["sms_callbacks", "sms_options", "sms_outbox", "sms_sandbox", "sms_templates"]


@pytest.fixture
def sms_templates() -> "Sequence[Template]":
    """The templates of `sms_outbox` and `sms_sandbox`. Override it; if empty, both use their defaults."""
    return ()


@pytest.fixture
def sms_options() -> Mapping[str, Any]:
    """Options of both gateways: `default_region`, `policy`, `on_result`. Override it."""
    return {}


@pytest.fixture
def sms_callbacks() -> Mapping[str, str]:
    """The URLs at which your application receives the vendors' pushes, by provider. Override it."""
    return {}


@pytest.fixture
def sms_outbox(sms_templates: "Sequence[Template]", sms_options: Mapping[str, Any]) -> "Outbox":
    """A gateway that records messages instead of sending them."""
    from smsgate.testing import Outbox

    return Outbox(templates=sms_templates, **sms_options)


@pytest.fixture
def sms_sandbox(
    sms_templates: "Sequence[Template]", sms_callbacks: Mapping[str, str], sms_options: Mapping[str, Any]
) -> "SandboxGateway":
    """A gateway connected to simulated vendors, with real signatures and codes, and magic numbers."""
    from smsgate.testing import SandboxGateway

    return SandboxGateway(templates=sms_templates, callbacks=sms_callbacks, **sms_options)
