"""The rates that the processes of a settings file share: what a command sends counts for all of them."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio
import click

from smsgate.config.settings import Settings
from smsgate.model.errors import LedgerError

if TYPE_CHECKING:
    from smsgate.ledger.redis_rates import RedisRates
    from smsgate.ledger.sql_rates import SqlRates

__all__ = ["shared_rates"]


@asynccontextmanager
async def shared_rates(settings: Settings) -> "AsyncGenerator[SqlRates | RedisRates | None]":
    """The store of `[rates]`, with its table, for a gateway that is closed before it. None if there is no such section.

    Raises `ConfigurationError` if the section is wrong, and `LedgerError` if the store does not answer.
    """
    if settings.rates_options is None:
        yield None
        return
    rates = settings.rates()
    try:
        await _prepare(rates, settings)
        yield rates
    finally:
        await rates.aclose()


async def _prepare(rates: "SqlRates | RedisRates", settings: Settings) -> None:
    try:
        await rates.create()
    except LedgerError as error:
        said = re.sub(r"^(ledger|rates): ", "", str(error))
        problem = f"{settings.path}: [rates]: the store cannot be used, so nothing was sent: {said}"
    except anyio.get_cancelled_exc_class():  # Ctrl+C: a database may take a minute to say that it is not there
        raise click.ClickException("interrupted: nothing was sent") from None
    else:
        return
    raise LedgerError(problem)
