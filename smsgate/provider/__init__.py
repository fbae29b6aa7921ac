"""What a vendor package implements, and the tools that it shares. `docs/adding-a-vendor.md` walks through them.

Each name is imported when it is first used.
"""

import typing

if typing.TYPE_CHECKING:
    from smsgate.provider.base_url import (
        BaseUrl,
    )
    from smsgate.provider.call import (
        Call,
        RequestContext,
        Token,
        TokenSource,
        make_call,
        pulled_items,
        refusal,
        unreadable,
        without_envelope,
    )
    from smsgate.provider.callback import (
        MAX_ITEMS,
        BadItem,
        Callback,
        CallbackError,
        EventSink,
        ParsedItems,
    )
    from smsgate.provider.codes import (
        BASE_STATES,
        STATES,
        UNLISTED,
        Codebook,
        Meaning,
        state_of,
    )
    from smsgate.provider.protocol import (
        Batch,
        Job,
        SmsProvider,
        Verdict,
        WeighsJobs,
    )
    from smsgate.provider.reading import (
        RepeatedNames,
        as_list,
        as_object,
        decimal_text,
        digits_in,
        objects_in,
        read_int,
        read_json,
        read_leniently,
        read_number,
        read_object,
        read_text,
        read_time,
        short_text,
    )
    from smsgate.provider.responses import (
        Row,
        http_date,
        match_rows,
        request_refused,
        retry_after,
        vendor_text,
        verdict_without_envelope,
    )

__all__ = [
    "BASE_STATES",
    "MAX_ITEMS",
    "STATES",
    "UNLISTED",
    "BadItem",
    "BaseUrl",
    "Batch",
    "Call",
    "Callback",
    "CallbackError",
    "Codebook",
    "EventSink",
    "Job",
    "Meaning",
    "ParsedItems",
    "RepeatedNames",
    "RequestContext",
    "Row",
    "SmsProvider",
    "Token",
    "TokenSource",
    "Verdict",
    "WeighsJobs",
    "as_list",
    "as_object",
    "decimal_text",
    "digits_in",
    "http_date",
    "make_call",
    "match_rows",
    "objects_in",
    "pulled_items",
    "read_int",
    "read_json",
    "read_leniently",
    "read_number",
    "read_object",
    "read_text",
    "read_time",
    "refusal",
    "request_refused",
    "retry_after",
    "short_text",
    "state_of",
    "unreadable",
    "vendor_text",
    "verdict_without_envelope",
    "without_envelope",
]

_HOMES: typing.Final = {
    "BASE_STATES": "smsgate.provider.codes",
    "BadItem": "smsgate.provider.callback",
    "BaseUrl": "smsgate.provider.base_url",
    "Batch": "smsgate.provider.protocol",
    "Call": "smsgate.provider.call",
    "Callback": "smsgate.provider.callback",
    "CallbackError": "smsgate.provider.callback",
    "Codebook": "smsgate.provider.codes",
    "EventSink": "smsgate.provider.callback",
    "Job": "smsgate.provider.protocol",
    "MAX_ITEMS": "smsgate.provider.callback",
    "Meaning": "smsgate.provider.codes",
    "ParsedItems": "smsgate.provider.callback",
    "RepeatedNames": "smsgate.provider.reading",
    "RequestContext": "smsgate.provider.call",
    "Row": "smsgate.provider.responses",
    "STATES": "smsgate.provider.codes",
    "SmsProvider": "smsgate.provider.protocol",
    "Token": "smsgate.provider.call",
    "TokenSource": "smsgate.provider.call",
    "UNLISTED": "smsgate.provider.codes",
    "Verdict": "smsgate.provider.protocol",
    "WeighsJobs": "smsgate.provider.protocol",
    "as_list": "smsgate.provider.reading",
    "as_object": "smsgate.provider.reading",
    "decimal_text": "smsgate.provider.reading",
    "digits_in": "smsgate.provider.reading",
    "http_date": "smsgate.provider.responses",
    "make_call": "smsgate.provider.call",
    "match_rows": "smsgate.provider.responses",
    "pulled_items": "smsgate.provider.call",
    "objects_in": "smsgate.provider.reading",
    "read_int": "smsgate.provider.reading",
    "read_json": "smsgate.provider.reading",
    "read_leniently": "smsgate.provider.reading",
    "read_number": "smsgate.provider.reading",
    "read_object": "smsgate.provider.reading",
    "request_refused": "smsgate.provider.responses",
    "read_text": "smsgate.provider.reading",
    "read_time": "smsgate.provider.reading",
    "refusal": "smsgate.provider.call",
    "retry_after": "smsgate.provider.responses",
    "short_text": "smsgate.provider.reading",
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
