"""Lists of addresses, as a vendor's console takes them: single ones and networks, of IPv4 and IPv6."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from smsgate.model.errors import ConfigurationError

__all__ = ["check_address", "check_addresses", "is_listed", "is_loopback"]


def check_address(address: str, name: str) -> str:
    """One address, no network. Raises `ConfigurationError`, naming the field *name*."""
    if _parse(address) is None:
        raise ConfigurationError(f"{name}: an IP address, as in 203.0.113.7")
    return address


def check_addresses(addresses: Iterable[str], name: str) -> None:
    """Raise `ConfigurationError`, naming the field *name*, unless each is an address or a network."""
    for address in addresses:
        try:
            ip_network(address, strict=False)
        except ValueError:
            problem = f"{name}: addresses and networks, as in 203.0.113.7 and 10.0.0.0/8, not {address[:50]!r}"
            raise ConfigurationError(problem) from None


def is_listed(address: str, addresses: Iterable[str]) -> bool:
    """Whether *address* is one of *addresses*, or in a network of theirs; what is no address never is."""
    found = _parse(address)
    return found is not None and any(found in ip_network(each, strict=False) for each in addresses)


def is_loopback(host: str) -> bool:
    """Whether *host*, without a port, is this machine itself. A name is not looked up: only "localhost" counts."""
    found = _parse(host)
    return host.lower() == "localhost" if found is None else found.is_loopback


def _parse(address: str) -> IPv4Address | IPv6Address | None:
    """An IPv4 address that a socket for both kinds shows as `::ffff:…` is read as what it is."""
    try:
        found = ip_address(address)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
