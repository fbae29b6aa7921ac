"""Enqueues in transactions of Django's ORM, one that is committed and one that is rolled back."""

import json
import os
import sys
from urllib.parse import parse_qs, urlsplit

import django  # type: ignore[import-untyped]
from django.conf import settings  # type: ignore[import-untyped]
from procrastinate import App, PsycopgConnector
from procrastinate.contrib.django import app

from smsgate import Gateway, Message
from smsgate.tasks.procrastinate import SmsTasks


def set_up(url: str) -> None:
    """Django with the database at *url*, and with procrastinate's application for it."""
    parts = urlsplit(url)
    settings.configure(
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": parts.path[1:],
                "USER": parts.username,
                "HOST": parse_qs(parts.query)["host"][0],
            }
        },
        INSTALLED_APPS=["procrastinate.contrib.django"],
    )
    django.setup()


def main(connector: str) -> None:
    """Do it, and print how many jobs others saw before the commit."""
    own = App(connector=PsycopgConnector(conninfo=os.environ["QUEUE"]))
    # That of Django's is not ready yet, as where its tasks.py is imported.
    sms = SmsTasks(app if connector == "django" else own, gateway=lambda: Gateway([]), encrypt=os.environ["KEY"])
    set_up(os.environ["QUEUE"])
    from django.db import connection, transaction  # type: ignore[import-untyped]

    options = {} if connector == "django" else {"connection": connection}

    class UndoneError(Exception):
        pass

    def order(key: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO orders VALUES (1)")
        for _ in range(2):  # a copy leaves the transaction whole
            sms.enqueue_blocking(Message("+8613800138000", "login", key=key), **options)
        sms.enqueue_many_blocking([Message("+8613800138000", "login", key=f"{key}-many")], **options)

    try:
        with transaction.atomic():
            order("undone")
            raise UndoneError
    except UndoneError:
        pass
    with transaction.atomic():
        order("committed")
        inside = count(os.environ["QUEUE"])
    sys.stdout.write(json.dumps({"inside": inside}))


def count(url: str) -> int:
    """How many jobs another connection sees."""
    import psycopg

    with psycopg.connect(url) as other:
        row = other.execute("SELECT count(*) FROM procrastinate_jobs").fetchone()
    assert row is not None
    return int(row[0])


if __name__ == "__main__":
    main(sys.argv[1])
