"""`/sandbox/account`: the state of a vendor's account changes while the sandbox runs."""

from collections.abc import Mapping
from typing import Any

import attrs

from smsgate.model.errors import ConfigurationError
from smsgate.sandbox.control.vendors import read_vendor
from smsgate.sandbox.state.account import AccountSettings
from smsgate.sandbox.state.state import SandboxState
from smsgate.sandbox.structure import structure

__all__ = ["change_account", "show_accounts"]


def change_account(state: SandboxState, body: Mapping[str, Any]) -> dict[str, Any]:
    """Change the fields that *body* names, and give the whole account. Raises `ValueError`.

    "vendor": a vendor, or one of its interfaces, which share the account.
    """
    vendor = read_vendor(body)
    changes = {key: value for key, value in body.items() if key != "vendor"}
    try:
        wanted = structure({**_plain(state.accounts[vendor.name]), **changes}, vendor.account)
    except ConfigurationError as error:
        raise ValueError(str(error)) from None
    state.accounts[vendor.name] = wanted
    return {"vendor": vendor.name, **_plain(wanted)}


def show_accounts(state: SandboxState) -> dict[str, Any]:
    """Every account, by vendor."""
    return {name: _plain(account) for name, account in state.accounts.items()}


def _plain(account: AccountSettings) -> dict[str, Any]:
    return attrs.asdict(account)
