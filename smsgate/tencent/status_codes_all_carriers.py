"""The delivery report codes that Tencent lists for all carriers.

Source: Tencent Cloud SMS, "SMS Sending and Receipt Status Error Codes", international documentation in English and
Chinese, edition of 2021-12-15. The words and the classes are ours.
"""

from typing import Final

from smsgate.tencent import status_meanings as m

__all__ = ["CODES"]

CODES: Final = {
    # Delivered
    "DELIVRD": m.DELIVERED,
    # UNREACHABLE
    "002": m.UNREACHABLE,
    "004": m.UNREACHABLE,
    "UNDELIVRD": m.UNREACHABLE,
    "OVERDUE": m.NOT_IN_ORDER,
    "DB:13": m.SIGNAL,
    # BLOCKLISTED
    "TD:19": m.BLOCKLIST,
    "MOBILEBLACK": m.BLOCKLIST,  # 2018 only
    "BST-209": m.CARRIER_BLOCKLIST,
    "ER:101": m.CARRIER_BLOCKLIST,
    "ERR-209": m.CARRIER_BLOCKLIST,
    "SME13": m.CARRIER_BLOCKLIST,
    "WX-FAIL": m.CARRIER_BLOCKLIST,
    "XA:0139": m.CARRIER_BLOCKLIST,
    "BWLIST_006": m.GATEWAY_BLOCKLIST,
    "TD:0001": m.GATEWAY_BLOCKLIST,
    "TSBLACK": m.COMPLAINED,
    # UNSUBSCRIBED
    "MX:0012": m.OPTED_OUT,
    # RATE_LIMITED
    "DISTURB": m.FREQUENCY,
    "XA:0100": m.FREQUENCY,
    "MX:0003": m.DAILY_LIMIT,
    "TE:0003": m.DAILY_LIMIT,
    # CONTENT_BLOCKED
    "-106": m.KEYWORD,
    "BST-210": m.KEYWORD,
    "DB00141": m.KEYWORD,
    "ERR-210": m.KEYWORD,
    "IC-0054": m.KEYWORD,
    "SC:0001": m.KEYWORD,
    "XZ:0000": m.KEYWORD,
    "TD:0004": m.PHISHING,
    # IN_REVIEW
    "TE:0014": m.REVIEW,
    # SIGNATURE_REJECTED
    "TX:2003": m.SIGNATURE,
    "YX:9006": m.SIGNATURE,
    # UNSUPPORTED
    "TD:18": m.UNKNOWN_CARRIER,
    # INTERCEPTED
    "MB:1013": m.BLOCKED,
    "XA:0001": m.BLOCKED,
    # REFUSED
    "REJECTD": m.REFUSED,
    # CARRIER_FAULT
    "BD:LSTO": m.GATEWAY,
    "DB:0108": m.GATEWAY,
    "ERR:111": m.GATEWAY,
    "IB:0182": m.GATEWAY,
    "LN:9999": m.GATEWAY,
    "TX:4099": m.GATEWAY,
    "TX:4100": m.GATEWAY,
    "TX:4151": m.GATEWAY,
    "YY:0206": m.GATEWAY,
    "OTHER": m.NOT_SAID,  # 2018 only
    # PLATFORM_FAULT
    "TE:0002": m.PLATFORM,
    "TX:3000": m.PLATFORM,
    "TX:3001": m.PLATFORM_TIMEOUT,
    "TX:2000": m.SUBCODE,
    "TX:2001": m.SUBCODE,
    "TX:2002": m.SUBCODE,
}
