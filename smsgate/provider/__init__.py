"""What a vendor package implements, and the tools that it shares.

Each name is imported when it is first used.
"""

import typing

if typing.TYPE_CHECKING:
    from smsgate.provider.base_states import BASE_STATES
    from smsgate.provider.base_url import BaseUrl
    from smsgate.provider.call import (
        Call,
        RequestContext,
        Token,
        TokenSource,
        make_call,
        refusal,
        unreadable,
        without_envelope,
    )
    from smsgate.provider.callback import Callback, Found
    from smsgate.provider.codes import STATES, UNLISTED, Codebook, Document, Meaning, documented, state_of
    from smsgate.provider.protocol import Batch, Job, SmsProvider, Verdict, WeighsJobs
    from smsgate.provider.reading import read_json, read_object
    from smsgate.provider.responses import http_date, match_rows, retry_after, vendor_text, verdict_without_envelope
    from smsgate.provider.vendor import AccountKind, CodeTable, Vendor

__all__ = [
    "BASE_STATES",
    "STATES",
    "UNLISTED",
    "AccountKind",
    "BaseUrl",
    "Batch",
    "Call",
    "Callback",
    "CodeTable",
    "Codebook",
    "Document",
    "Found",
    "Job",
    "Meaning",
    "RequestContext",
    "SmsProvider",
    "Token",
    "TokenSource",
    "Vendor",
    "Verdict",
    "WeighsJobs",
    "documented",
    "http_date",
    "make_call",
    "match_rows",
    "read_json",
    "read_object",
    "refusal",
    "retry_after",
    "state_of",
    "unreadable",
    "vendor_text",
    "verdict_without_envelope",
    "without_envelope",
]

_HOMES: typing.Final = {
    "AccountKind": "smsgate.provider.vendor",
    "BASE_STATES": "smsgate.provider.base_states",
    "BaseUrl": "smsgate.provider.base_url",
    "Batch": "smsgate.provider.protocol",
    "Call": "smsgate.provider.call",
    "Callback": "smsgate.provider.callback",
    "CodeTable": "smsgate.provider.vendor",
    "Codebook": "smsgate.provider.codes",
    "Document": "smsgate.provider.codes",
    "Found": "smsgate.provider.callback",
    "Job": "smsgate.provider.protocol",
    "Meaning": "smsgate.provider.codes",
    "RequestContext": "smsgate.provider.call",
    "STATES": "smsgate.provider.codes",
    "SmsProvider": "smsgate.provider.protocol",
    "Token": "smsgate.provider.call",
    "TokenSource": "smsgate.provider.call",
    "UNLISTED": "smsgate.provider.codes",
    "Vendor": "smsgate.provider.vendor",
    "Verdict": "smsgate.provider.protocol",
    "WeighsJobs": "smsgate.provider.protocol",
    "documented": "smsgate.provider.codes",
    "http_date": "smsgate.provider.responses",
    "make_call": "smsgate.provider.call",
    "match_rows": "smsgate.provider.responses",
    "read_json": "smsgate.provider.reading",
    "read_object": "smsgate.provider.reading",
    "refusal": "smsgate.provider.call",
    "retry_after": "smsgate.provider.responses",
    "state_of": "smsgate.provider.codes",
    "unreadable": "smsgate.provider.call",
    "vendor_text": "smsgate.provider.responses",
    "verdict_without_envelope": "smsgate.provider.responses",
    "without_envelope": "smsgate.provider.call",
}

if not typing.TYPE_CHECKING:  # a type checker shall go on to find misspelt names

    def __getattr__(name: str) -> object:
        from smsgate._lazy import import_name

        return import_name(__name__, name, _HOMES)
