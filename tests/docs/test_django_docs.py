"""The project of docs/from-django.md, run as it is printed, with PostgreSQL and a simulated vendor."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from docs_examples import DOCS, example
from queues import KEY, Queue

from smsgate.sandbox.tencent import TENCENT_APP_KEY

PAGE: Final = "from-django.md"
SUPPORT: Final = Path(__file__).parents[1] / "support"
FILES: Final = ("sms", "apps", "views", "tasks", "orders", "reports", "urls")
MODELS: Final = """
from django.db import models

class Order(models.Model):
    number = models.CharField(max_length=20)
    confirmed = models.BooleanField(default=False)
"""


def test_the_project_of_the_page(queue: Queue, tmp_path: Path) -> None:
    """Three clicks send one code, a mistyped number and a rolled back order none, a stranger reports nothing."""
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "__init__.py").touch()
    (shop / "models.py").write_text(MODELS, "utf-8")
    for name in FILES:
        (shop / f"{name}.py").write_text(example(PAGE, f"shop/{name}.py"), "utf-8")
    queue.rows("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(SUPPORT), str(DOCS.parent)]),
        "DATABASE_URL": queue.url,
        "TENCENT_APP_KEY": TENCENT_APP_KEY,
        "TENCENT_CALLBACK_TOKEN": "token-0123456789abcdef0123456789abcdef",
        "SMS_TASK_KEY": KEY,
    }
    program = [sys.executable, str(SUPPORT / "django_shop.py")]
    ended = subprocess.run(program, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == {
        "code": [[200, "ACCEPTED"]] * 3,
        "refused": [400] * 3,
        "requests": 1,
        "orders": [None, "ACCEPTED"],
        "pushed": [200, 404],
        "state": "DELIVERED",
    }
