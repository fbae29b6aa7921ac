"""The connection of the caller's own transaction, as the driver has it: from SQLAlchemy, Django's ORM, or itself."""

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, Final

from smsgate.model.errors import ConfigurationError

if TYPE_CHECKING:
    import psycopg

__all__ = ["driver_connection", "driver_connection_blocking", "savepoint", "savepoint_blocking"]

_WANTED: Final = (
    "connection: must be a connection of psycopg 3, a session or connection of SQLAlchemy that uses psycopg 3, or "
    "django.db.connection"
)
_IS_ASYNC: Final = "connection: this one is async: await enqueue() with it, not enqueue_blocking()"


async def driver_connection(given: Any) -> "psycopg.AsyncConnection[Any] | psycopg.Connection[Any]":
    """psycopg's connection of *given*, in whose transaction jobs are to be made. Raises `ConfigurationError`."""
    if _is_sqlalchemy(given):
        if hasattr(given, "sync_session"):  # an AsyncSession
            given = await given.connection()
        if hasattr(given, "get_raw_connection"):  # an AsyncConnection
            given = (await given.get_raw_connection()).driver_connection
    found: psycopg.AsyncConnection[Any] | psycopg.Connection[Any] = _checked(given)
    return found


def driver_connection_blocking(given: Any) -> "psycopg.Connection[Any]":
    """As `driver_connection`, for code that is not async. Raises `ConfigurationError`."""
    if hasattr(given, "sync_session") or hasattr(given, "get_raw_connection"):
        raise ConfigurationError(_IS_ASYNC)
    found: psycopg.Connection[Any] = _checked(given)
    if _is_async(found):
        raise ConfigurationError(_IS_ASYNC)
    return found


@asynccontextmanager
async def savepoint(connection: "psycopg.AsyncConnection[Any]") -> AsyncGenerator[None]:
    """What fails in it leaves the caller's transaction as it was."""
    if not _has_transaction(connection):
        yield
        return
    await connection.execute("SAVEPOINT smsgate")
    try:
        yield
    except BaseException:
        await connection.execute("ROLLBACK TO SAVEPOINT smsgate")
        raise
    await connection.execute("RELEASE SAVEPOINT smsgate")


@contextmanager
def savepoint_blocking(connection: "psycopg.Connection[Any]") -> Generator[None]:
    """As `savepoint`."""
    if not _has_transaction(connection):
        yield
        return
    connection.execute("SAVEPOINT smsgate")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK TO SAVEPOINT smsgate")
        raise
    connection.execute("RELEASE SAVEPOINT smsgate")


def _has_transaction(connection: "psycopg.AsyncConnection[Any] | psycopg.Connection[Any]") -> bool:
    """Whether a statement runs in a transaction: one that has begun, or that it would begin."""
    from psycopg.pq import TransactionStatus

    return not connection.autocommit or connection.info.transaction_status is not TransactionStatus.IDLE


def _checked(given: Any) -> Any:
    if _is_sqlalchemy(given):
        if hasattr(given, "get_bind"):  # a Session
            given = given.connection()
        given = given.connection.driver_connection
    elif hasattr(given, "ensure_connection"):  # Django's
        given.ensure_connection()
        given = given.connection
    if not _is_async(given) and not _is_blocking(given):
        raise ConfigurationError(f"{_WANTED}, not {type(given).__module__}.{type(given).__name__}")
    return given


def _is_async(connection: object) -> bool:
    import psycopg

    return isinstance(connection, psycopg.AsyncConnection)


def _is_blocking(connection: object) -> bool:
    import psycopg

    return isinstance(connection, psycopg.Connection)


def _is_sqlalchemy(given: object) -> bool:
    """Whether it is of SQLAlchemy, or a class of the caller's that is made of one of it."""
    return any(each.__module__.startswith("sqlalchemy.") for each in type(given).__mro__)
