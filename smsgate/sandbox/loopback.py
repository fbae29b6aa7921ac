"""Which addresses are this machine's own."""

import ipaddress

__all__ = ["is_loopback"]


def is_loopback(host: str) -> bool:
    """Whether *host*, without a port, is this machine itself. A name is not looked up: only "localhost" counts."""
    try:
        return host.lower() == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
