"""A gateway, policy or deadline that cannot work says so when it is made."""

from collections.abc import Callable
from typing import Any

import attrs
import httpx
import pytest
from fake_vendors import LOGIN, FakeVendor, Wire, alpha, beta

from smsgate import ConfigurationError, Gateway, Policy, SmsProvider, Template, Timeouts
from smsgate.management import ManagementClient


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"providers": []}, "providers: a Gateway needs at least one"),
        ({"providers": [alpha(), alpha()]}, "providers: two are named 'alpha'; give one another name="),
        ({"providers": alpha()}, "providers: must be a list of providers, not FakeVendor"),
        ({"providers": [object()]}, "providers: object is not an SmsProvider"),
        ({"providers": [FakeVendor]}, "providers: type is not an SmsProvider"),
        ({"providers": ["alpha"]}, "providers: str is not an SmsProvider"),
        ({"providers": [alpha(batch_limit=0)]}, "providers: the batch_limit of 'alpha' must be at least 1"),
        ({"templates": [LOGIN, LOGIN]}, "templates: two are named 'login'"),
        ({"templates": LOGIN}, "templates: must be a list of templates, not Template"),
        ({"templates": ["login"]}, "templates: str is not a Template"),
        ({"default_region": "CHINA"}, "default_region: 'CHINA' is not a region; use an ISO 3166 code such as 'CN'"),
        ({"default_region": "cn"}, "default_region: 'cn' is not a region; use an ISO 3166 code such as 'CN'"),
        ({"default_region": ""}, "default_region: '' is not a region; use an ISO 3166 code such as 'CN'"),
        ({"on_result": []}, "on_result: must be callable with a Result"),
        ({"on_result": 5}, "on_result: must be callable with a Result"),
        ({"ledger": object()}, "ledger: must have the methods leaving and left (see smsgate.Ledger)"),
        ({"policy": "failover"}, "policy: must be a smsgate.Policy, not an object of builtins.str"),
        ({"policy": Policy}, "policy: must be a smsgate.Policy, not the class Policy"),
        ({"policy": ""}, "policy: must be a smsgate.Policy, not an object of builtins.str"),
        ({"timeouts": 5}, "timeouts: must be a smsgate.Timeouts, not an object of builtins.int"),
        ({"timeouts": 0}, "timeouts: must be a smsgate.Timeouts, not an object of builtins.int"),
        ({"clock": 5}, "clock: must be a function, not an object of builtins.int"),
        ({"ssl_context": True}, "ssl_context: must be an ssl.SSLContext, not an object of builtins.bool"),
        ({"max_connections": "9"}, "max_connections: must be a whole number, not an object of builtins.str"),
        ({"max_connections": True}, "max_connections: must be a whole number, not an object of builtins.bool"),
        ({"keepalive_expiry": "9"}, "keepalive_expiry: must be a number of seconds, not an object of builtins.str"),
        ({"max_connections": 0}, "max_connections: must be at least 1"),
        (
            {"keepalive_expiry": 90},
            "keepalive_expiry: must be below the 90 seconds after which networks drop it",
        ),
        (
            {"keepalive_expiry": -1},
            "keepalive_expiry: must be below the 90 seconds after which networks drop it",
        ),
        (
            {"client": httpx.AsyncClient(), "transport": Wire()},
            "Gateway: give client or transport, not both",
        ),
        (
            {"tag_secret": ""},
            "tag_secret: is empty. Check how it is read from the environment or the vault.",
        ),
    ],
)
def test_gateway(options: dict[str, Any], text: str) -> None:
    """The error names the option."""
    with pytest.raises(ConfigurationError) as caught:
        Gateway(**({"providers": [alpha()]} | options))
    assert str(caught.value) == text


@pytest.mark.parametrize(("option", "given"), [("timeouts", 5), ("clock", 5), ("ssl_context", "pem")])
def test_management_client(option: str, given: Any) -> None:
    """A client for management calls checks the same."""
    with pytest.raises(ConfigurationError, match=f"^{option}: must be "):
        ManagementClient(**{option: given})


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"on_unknown": "retry"}, 'Policy: on_unknown must be "stop" or "failover"'),
        ({"on_unknown": None}, 'Policy: on_unknown must be "stop" or "failover"'),
        ({"on_rate_limited": True}, 'Policy: on_rate_limited must be "stop" or "failover"'),
        ({"retries": -1}, "Policy: retries must be from 0 to 3600"),
        ({"retries": "1"}, "Policy: retries must be from 0 to 3600"),
        ({"pause": 3600}, "Policy: pause must be from 0 to 3600"),
        ({"pause": float("nan")}, "Policy: pause must be from 0 to 3600"),
        ({"max_pause": float("inf")}, "Policy: max_pause must be from 0 to 3600"),
    ],
)
def test_policy(options: dict[str, Any], text: str) -> None:
    """A policy's values are checked when it is made."""
    with pytest.raises(ConfigurationError) as caught:
        Policy(**options)
    assert str(caught.value) == text


@pytest.mark.parametrize("name", ["connect", "write", "read", "total"])
@pytest.mark.parametrize("seconds", [0, -1, 3601, float("inf"), float("nan"), None, "5"])
def test_timeouts(name: str, seconds: object) -> None:
    """Every deadline is a finite number of seconds."""
    with pytest.raises(ConfigurationError, match=f"Timeouts: {name} must be above 0 and at most 3600 seconds"):
        Timeouts(**{name: seconds})  # type: ignore[arg-type]  # parametrised


@pytest.mark.parametrize("kind", [Policy, Timeouts])
def test_options_are_frozen_and_by_keyword(kind: Callable[..., Any]) -> None:
    """Options are values: given by keyword, not changed later."""
    options = kind()
    name = attrs.fields(type(options))[0].name
    with pytest.raises(TypeError):
        kind("stop")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(options, name, "stop")
    assert options == kind()


def test_defaults_never_send_twice() -> None:
    """Without a policy nothing that may have been sent, and no rate limit, is taken to a second provider."""
    policy = Policy()
    assert (policy.on_unknown, policy.on_rate_limited, policy.retries) == ("stop", "stop", 1)


def test_made_of_any_iterables() -> None:
    """Providers and templates may be any iterables; the gateway shows the providers' names only."""

    def providers() -> Any:
        yield alpha()
        yield beta()

    assert repr(Gateway(providers(), templates=(each for each in [LOGIN]))) == "Gateway(alpha, beta)"
    templates = [Template(name, ids={"alpha": "1"}) for name in ("a", "b")]
    assert repr(Gateway([alpha()], templates=templates)) == "Gateway(alpha)"
    assert isinstance(alpha(), SmsProvider)


def test_made_without_a_loop() -> None:
    """A gateway can be made at import time: no event loop, no connection, no HTTP library, no certificates yet."""
    gateway = Gateway([alpha()], max_connections=1, keepalive_expiry=89.9, default_region="CN")
    assert not gateway._parts.exchange._pool._openers
