"""What the first send of a process pays for, done before it."""

import logging
from collections.abc import Iterable, Mapping
from typing import Final

import anyio

from smsgate.provider.json_text import engine
from smsgate.provider.protocol import HasAddress, SmsProvider
from smsgate.sending.numbering import NumberingLoader
from smsgate.transport.exchange import Exchange
from smsgate.transport.threads import import_in_own_thread

__all__ = ["warm_up"]

logger: Final = logging.getLogger("smsgate")


async def warm_up(
    exchange: Exchange, providers: Iterable[SmsProvider], numbering: NumberingLoader
) -> Mapping[str, str]:
    """Import what is imported late, and open a connection to each address. Sends nothing.

    Returns what went wrong, by provider; it is logged too.
    """
    addresses: dict[str, list[str]] = {}
    for provider in providers:
        if isinstance(provider, HasAddress):
            addresses.setdefault(provider.address, []).append(provider.name)
    problems: dict[str, str] = {}

    async def connect(address: str, names: list[str]) -> None:
        problem = await exchange.connect(address)
        if problem is not None:
            logger.warning("no connection could be opened for %s ahead of its first message: %s", names[0], problem)
            problems.update(dict.fromkeys(names, problem))

    async with anyio.create_task_group() as group:
        if numbering.is_expected:
            group.start_soon(numbering.load)
        group.start_soon(import_in_own_thread, engine)
        for address, names in addresses.items():
            group.start_soon(connect, address, names)
    return problems
