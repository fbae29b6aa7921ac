"""`/sandbox/account`: the state of a vendor's account changes while the sandbox runs."""

from collections.abc import Mapping
from typing import Any

import attrs
import cattrs

from smsgate.model.errors import ConfigurationError
from smsgate.sandbox.control.bodies import read_text
from smsgate.sandbox.core import SIMULATORS
from smsgate.sandbox.state.account import AccountSettings
from smsgate.sandbox.state.state import SandboxState
from smsgate.sandbox.structure import CONVERTER, problems_of

__all__ = ["change_account", "show_accounts"]


def change_account(state: SandboxState, body: Mapping[str, Any]) -> dict[str, Any]:
    """Change the fields that *body* names, and give the whole account. Raises `ValueError`.

    "vendor": a vendor, or one of its interfaces, which share the account.
    """
    name = read_text(body, "vendor")
    vendor = next((each.vendor for each in SIMULATORS if name in (each.name, each.vendor.name)), None)
    if vendor is None:
        raise ValueError(f"vendor: one of {', '.join(state.accounts)}, not {name!r}")
    changes = {key: value for key, value in body.items() if key != "vendor"}
    try:
        wanted = CONVERTER.structure({**_plain(state.accounts[vendor.name]), **changes}, vendor.account)
    except cattrs.BaseValidationError as error:
        raise ValueError("; ".join(problems_of(error))) from None
    except ConfigurationError as error:
        raise ValueError(str(error)) from None
    state.accounts[vendor.name] = wanted
    return {"vendor": vendor.name, **_plain(wanted)}


def show_accounts(state: SandboxState) -> dict[str, Any]:
    """Every account, by vendor."""
    return {name: _plain(account) for name, account in state.accounts.items()}


def _plain(account: AccountSettings) -> dict[str, Any]:
    return attrs.asdict(account)
