"""Which modules are public: what docs/public-api.md lists. Everything else may change in any release."""

from typing import Final

PUBLIC_MODULES: Final = (
    "smsgate",
    "smsgate.tencent",
    "smsgate.huawei",
    "smsgate.webhooks",
    "smsgate.management",
    "smsgate.config",
    "smsgate.data",
    "smsgate.ledger",
    "smsgate.tags",
    "smsgate.wire",
    "smsgate.provider",
    "smsgate.transport",
    "smsgate.observers",
    "smsgate.sync",
    "smsgate.tasks",
    "smsgate.tasks.celery",
    "smsgate.tasks.procrastinate",
    "smsgate.tasks.dbos",
    "smsgate.tasks.taskiq",
    "smsgate.testing",
    "smsgate.testing.conformance",
    "smsgate.sandbox",
    "smsgate.sandbox.server",
    "smsgate.sandbox.tencent",
    "smsgate.sandbox.huawei",
)
"""Modules to import from, the first place of a name that stands in several before the others."""
PLUGIN: Final = "smsgate.pytest_plugin"
"""Its fixtures are public; nobody imports it."""
SPOKEN: Final = frozenset(
    "__aenter__ __aexit__ __aiter__ __anext__ __bool__ __call__ __contains__ __enter__ __exit__ __getitem__ __iter__ "
    "__len__ __next__".split()
)
"""Special methods that users call by syntax; the others say what every object says."""
