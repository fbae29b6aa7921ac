"""The project of docs/from-django.md, run as its reader would: migrated, asked, pushed to, with a worker. Prints JSON.

python tests/support/django_shop.py: where the files of the page are, with the variables of its environment.
"""

import json
import os
import sys
from contextlib import redirect_stdout
from typing import Any
from urllib.parse import parse_qs, urlsplit

import django  # type: ignore[import-untyped]
from django.conf import settings  # type: ignore[import-untyped]

NUMBER = "+8613788888888"


def set_up(url: str) -> None:
    """Django, with the database at *url*."""
    parts = urlsplit(url)
    database = {"NAME": parts.path[1:], "USER": parts.username, "HOST": parse_qs(parts.query)["host"][0]}
    settings.configure(
        ALLOWED_HOSTS=["*"],
        USE_TZ=True,
        ROOT_URLCONF="shop.urls",
        DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", **database}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=["procrastinate.contrib.django", "shop.apps.ShopConfig"],
    )
    django.setup()


def main() -> dict[str, Any]:
    """Use it."""
    sys.path[:0] = [os.getcwd()]
    set_up(os.environ["DATABASE_URL"])
    import pytest
    from django.core.management import call_command  # type: ignore[import-untyped]
    from django.db import transaction  # type: ignore[import-untyped]
    from django.test import Client  # type: ignore[import-untyped]
    from networks import simulate_network

    from smsgate.sandbox import Sandbox, SandboxTransport

    sandbox = Sandbox(lenient=True)
    simulate_network(pytest.MonkeyPatch(), SandboxTransport(sandbox, delay_scale=0))
    call_command("migrate", run_syncdb=True)
    from shop.models import Order  # type: ignore[import-not-found]
    from shop.orders import confirm  # type: ignore[import-not-found]
    from shop.sms import ledger, sms  # type: ignore[import-not-found]

    from smsgate.sync import run

    client, told = Client(), dict[str, Any]()
    answers = [client.post("/code", {"attempt": "1", "to": NUMBER}) for _ in range(3)]
    told["code"] = [(answer.status_code, answer.json()["outcome"]) for answer in answers]
    mistyped = [("2", "139000"), ("3", ""), ("1", NUMBER[:-1] + "9")]
    told["refused"] = [client.post("/code", {"attempt": id, "to": to}).status_code for id, to in mistyped]
    told["requests"] = len(sandbox.messages)

    undone, done = (Order.objects.create(number=NUMBER) for _ in range(2))
    try:
        with transaction.atomic():
            confirm(undone)
            raise RuntimeError
    except RuntimeError:
        confirm(done)
    call_command("procrastinate", "worker", "--one-shot")
    told["orders"] = [getattr(run(ledger.result, f"order-{order.pk}"), "outcome", None) for order in (undone, done)]

    result = run(ledger.result, "login:1")
    report = {
        "user_receive_time": "2026-11-26 10:00:00",
        "nationcode": "86",
        "mobile": NUMBER[3:],
        "report_status": "SUCCESS",
        "errmsg": "DELIVRD",
        "description": "delivered",
        "sid": result.message_id,
    }
    for token in (os.environ["TENCENT_CALLBACK_TOKEN"], "wrong"):
        answer = client.post(f"/sms/tencent/{token}", json.dumps([report]), content_type="application/json")
        told.setdefault("pushed", []).append(answer.status_code)
    told["state"] = run(ledger.delivery, "login:1").state
    sms.close()
    return told


if __name__ == "__main__":
    with redirect_stdout(sys.stderr):
        told = main()
    sys.stdout.write(json.dumps(told))
