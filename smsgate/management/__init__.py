"""All calls to vendors that send nothing: templates, signatures, statistics, pulls."""

# Each name is imported when it is first used.

import typing

if typing.TYPE_CHECKING:
    from smsgate.management.client import ManagementClient
    from smsgate.management.gaps import Gap, KeepError, Repaired
    from smsgate.management.puller import Puller
    from smsgate.management.spool import FileSpool
    from smsgate.provider.management import (
        ReportSource,
        SendRecordSource,
        SignatureAdmin,
        SignatureList,
        Statistics,
        TemplateAdmin,
    )
    from smsgate.provider.records import (
        DeliveryStatistics,
        Page,
        Pulled,
        ReviewState,
        SendRecord,
        SendStatistics,
        SignatureRecord,
        TemplateKind,
        TemplateRecord,
    )

__all__ = [
    "DeliveryStatistics",
    "FileSpool",
    "Gap",
    "KeepError",
    "ManagementClient",
    "Page",
    "Pulled",
    "Puller",
    "Repaired",
    "ReportSource",
    "ReviewState",
    "SendRecord",
    "SendRecordSource",
    "SendStatistics",
    "SignatureAdmin",
    "SignatureList",
    "SignatureRecord",
    "Statistics",
    "TemplateAdmin",
    "TemplateKind",
    "TemplateRecord",
]

_HOMES: typing.Final = {
    "DeliveryStatistics": "smsgate.provider.records",
    "FileSpool": "smsgate.management.spool",
    "Gap": "smsgate.management.gaps",
    "KeepError": "smsgate.management.gaps",
    "ManagementClient": "smsgate.management.client",
    "Page": "smsgate.provider.records",
    "Pulled": "smsgate.provider.records",
    "Puller": "smsgate.management.puller",
    "Repaired": "smsgate.management.gaps",
    "ReportSource": "smsgate.provider.management",
    "ReviewState": "smsgate.provider.records",
    "SendRecord": "smsgate.provider.records",
    "SendRecordSource": "smsgate.provider.management",
    "SendStatistics": "smsgate.provider.records",
    "SignatureAdmin": "smsgate.provider.management",
    "SignatureList": "smsgate.provider.management",
    "SignatureRecord": "smsgate.provider.records",
    "Statistics": "smsgate.provider.management",
    "TemplateAdmin": "smsgate.provider.management",
    "TemplateKind": "smsgate.provider.records",
    "TemplateRecord": "smsgate.provider.records",
}

if not typing.TYPE_CHECKING:  # a type checker shall go on to find misspelt names

    def __getattr__(name: str) -> object:
        from smsgate._lazy import import_name

        return import_name(__name__, name, _HOMES)
