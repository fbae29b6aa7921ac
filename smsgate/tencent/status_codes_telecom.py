"""The delivery report codes that Tencent lists for China Telecom.

Source: Tencent Cloud SMS, "SMS Sending and Receipt Status Error Codes", international documentation in English and
Chinese, edition of 2021-12-15; a remark tells where the edition of 2018 or another source says otherwise. The words
and the classes are ours. A state with an error number is printed there as `UNDELIVS601S`, in the edition of 2018 as
`UNDELIV_601`, which is the spelling here. 112-116 and 650(66099 are kept as printed. ACCEPTD is "received by the
user" in a list of failures.
"""

from typing import Final

from smsgate.tencent import status_meanings as m

__all__ = ["CODES", "EXPIRED", "REJECTED"]

CODES: Final = {
    # UNREACHABLE
    "DB:0640": m.PERHAPS_NO_NUMBER,
    "DELIVER": m.PERHAPS_NO_NUMBER,
    "ERR:613": m.PERHAPS_NO_NUMBER,
    "ERR:640": m.PERHAPS_NO_NUMBER,
    "EXPIREO": m.PERHAPS_NO_NUMBER,
    "R:00000": m.PERHAPS_NO_NUMBER,
    "R:00001": m.PERHAPS_NO_NUMBER,
    "R:00008": m.PERHAPS_NO_NUMBER,
    "R:00104": m.PERHAPS_NO_NUMBER,
    "R:00660": m.PERHAPS_NO_NUMBER,
    "SMGP640": m.PERHAPS_NO_NUMBER,
    "SMGP701": m.PERHAPS_NO_NUMBER,
    "SMGP840": m.PERHAPS_NO_NUMBER,
    "SPMSERR:10": m.PERHAPS_NO_NUMBER,
    "UNDELIV_64": m.PERHAPS_NO_NUMBER,
    "UNDELIV_001": m.PERHAPS_NO_NUMBER,
    "UNDELIV_601": m.PERHAPS_NO_NUMBER,
    "UNDELIV_640": m.PERHAPS_NO_NUMBER,
    "UNDELIV_704": m.PERHAPS_NO_NUMBER,
    "UNDELIV_765": m.PERHAPS_NO_NUMBER,  # 2018: cause not said
    "UNDELIV_771": m.PERHAPS_NO_NUMBER,
    "UNDELIV_860": m.PERHAPS_NO_NUMBER,
    "UNDELIV_870": m.PERHAPS_NO_NUMBER,  # 2018: the network
    "708": m.UNREACHABLE,
    "711": m.UNREACHABLE,
    "714": m.UNREACHABLE,
    "716": m.UNREACHABLE,
    "726": m.UNREACHABLE,
    "731": m.UNREACHABLE,
    "760": m.UNREACHABLE,
    "762": m.UNREACHABLE,
    "771": m.UNREACHABLE,
    "779": m.UNREACHABLE,
    "DB:0612": m.UNREACHABLE,
    "DB:0613": m.UNREACHABLE,
    "DB:0614": m.UNREACHABLE,
    "DB:0615": m.UNREACHABLE,
    "DB:0618": m.UNREACHABLE,
    "DB:0636": m.UNREACHABLE,
    "DB:0650": m.UNREACHABLE,
    "DB:0899": m.UNREACHABLE,
    "DB:1037": m.UNREACHABLE,
    "GB:0014": m.UNREACHABLE,
    "RDBLACK": m.UNREACHABLE,
    "R:00006": m.UNREACHABLE,
    "R:00012": m.UNREACHABLE,
    "R:00056": m.UNREACHABLE,
    "R:00168": m.UNREACHABLE,
    "R:00602": m.UNREACHABLE,
    "SMGP601": m.UNREACHABLE,
    "SMGP801": m.UNREACHABLE,
    "SUPERWD": m.UNREACHABLE,
    "UNDELIV_701": m.UNREACHABLE,
    "UNDELIV_767": m.UNREACHABLE,
    "702": m.OUT_OF_SERVICE,
    "ERR:601": m.OUT_OF_SERVICE,
    "R:00013": m.OUT_OF_SERVICE,
    "R:00102": m.OUT_OF_SERVICE,
    "SMGP705": m.OUT_OF_SERVICE,
    "SMGP815": m.OUT_OF_SERVICE,
    "UNDELIV_680": m.OUT_OF_SERVICE,
    "UNDELIV_705": m.OUT_OF_SERVICE,
    "UNDELIV_801": m.OUT_OF_SERVICE,
    "UNDELIV_869": m.OUT_OF_SERVICE,
    "1509949": m.OFF,
    "ERR:602": m.OFF,
    "ERR:615": m.OFF,
    "ME:-3": m.OFF,
    "MS:1106": m.OFF,
    "R:00011": m.OFF,
    "R:00023": m.OFF,
    "SGIP:10": m.OFF,
    "SMGP602": m.OFF,
    "SMGP603": m.OFF,
    "SMGP702": m.OFF,
    "SMGP703": m.OFF,
    "SMGP802": m.OFF,
    "UNDELIV_010": m.OFF,
    "UNDELIV_602": m.OFF,
    "UNDELIV_706": m.OFF,
    "UNDELIV_764": m.OFF,
    "UNDELIV_766": m.OFF,
    "UNDELIV_802": m.OFF,
    "UNDELIV_814": m.OFF,
    "UNDELIV_999": m.OFF,  # 2018: cause not said
    "705": m.UNAVAILABLE,
    "EXPIRED_76": m.UNAVAILABLE,
    "R:00005": m.UNAVAILABLE,
    "R:00061": m.UNAVAILABLE,
    "R:00601": m.UNAVAILABLE,
    "SMGP628": m.UNAVAILABLE,
    "SMGP634": m.UNAVAILABLE,
    "SPMSERR:11": m.UNAVAILABLE,
    "UNDELIV_60": m.UNAVAILABLE,
    "UNDELIV_70": m.UNAVAILABLE,
    "UNDELIV_80": m.UNAVAILABLE,
    "010": m.SIGNAL,
    "717": m.SIGNAL,
    "718": m.SIGNAL,
    "999": m.SIGNAL,
    "DB:0620": m.SIGNAL,
    "DB:0999": m.SIGNAL,
    "ERR:617": m.SIGNAL,
    "ERR:618": m.SIGNAL,
    "ERR:627": m.SIGNAL,
    "ERR:660": m.SIGNAL,
    "MS:219": m.SIGNAL,
    "SMGP614": m.SIGNAL,
    "SMGP615": m.SIGNAL,
    "SMGP627": m.SIGNAL,
    "SMGP713": m.SIGNAL,
    "UNDELIV_612": m.SIGNAL,  # 2018: cause not said
    "UNDELIV_613": m.SIGNAL,
    "UNDELIV_615": m.SIGNAL,  # 2018: cause not said
    "UNDELIV_616": m.SIGNAL,
    "UNDELIV_617": m.SIGNAL,
    "UNDELIV_618": m.SIGNAL,
    "UNDELIV_619": m.SIGNAL,
    "UNDELIV_620": m.SIGNAL,
    "UNDELIV_622": m.SIGNAL,
    "UNDELIV_625": m.SIGNAL,
    "UNDELIV_627": m.SIGNAL,
    "UNDELIV_634": m.SIGNAL,
    "UNDELIV_636": m.SIGNAL,
    "UNDELIV_650": m.SIGNAL,
    "UNDELIV_702": m.SIGNAL,
    "UNDELIV_707": m.SIGNAL,
    "UNDELIV_711": m.SIGNAL,
    "UNDELIV_712": m.SIGNAL,
    "UNDELIV_714": m.SIGNAL,  # 2018: cause not said
    "UNDELIV_716": m.SIGNAL,
    "UNDELIV_717": m.SIGNAL,
    "UNDELIV_718": m.SIGNAL,
    "UNDELIV_719": m.SIGNAL,
    "UNDELIV_721": m.SIGNAL,
    "UNDELIV_726": m.SIGNAL,
    "UNDELIV_730": m.SIGNAL,
    "UNDELIV_761": m.SIGNAL,
    "UNDELIV_762": m.SIGNAL,
    "UNDELIV_768": m.SIGNAL,
    "UNDELIV_779": m.SIGNAL,
    "UNDELIV_812": m.SIGNAL,
    "UNDELIV_813": m.SIGNAL,
    "UNDELIV_817": m.SIGNAL,
    "UNDELIV_819": m.SIGNAL,
    "UNDELIV_822": m.SIGNAL,
    "UNDELIV_827": m.SIGNAL,
    "UNDELIV_836": m.SIGNAL,
    "UNKNOWN_879": m.SIGNAL,
    # HANDSET_FAULT
    "SMGP726": m.HANDSET,
    "SMGP728": m.HANDSET,
    "SMGP730": m.HANDSET,
    "SMGPERR:1": m.HANDSET,
    "UNDELIV_815": m.HANDSET,  # 2018: unreachable or no such number
    "UNDELIV_880": m.HANDSET,  # 2018: unreachable or no such number
    "SMGP714": m.CACHE,
    "UNDELIV_614": m.CACHE,  # 2018: unreachable or no such number
    "UNDELIV_713": m.CACHE,  # 2018: cause not said
    "UNDELIV_731": m.CACHE,
    # BLOCKLISTED
    "BLACKMB": m.CARRIER_BLOCKLIST,
    "BLACKWD": m.CARRIER_BLOCKLIST,
    "BWLISTS_163": m.CARRIER_BLOCKLIST,
    "F1120": m.CARRIER_BLOCKLIST,
    "MOBILEBLAC": m.CARRIER_BLOCKLIST,
    "MBBLACK": m.COMPLAINED,
    # RATE_LIMITED
    "650(66099": m.FREQUENCY,
    "E:ODSL": m.FREQUENCY,
    "GB:0002": m.FREQUENCY,
    "MS:0002": m.FREQUENCY,
    "REFUSED": m.FREQUENCY,
    "SMGP624": m.FREQUENCY,
    "WZ:9413": m.FREQUENCY,
    "ZZ:9023": m.FREQUENCY,
    # CONTENT_BLOCKED
    "006": m.KEYWORD,
    "713": m.KEYWORD,
    "ERR:612": m.KEYWORD,
    "F1121": m.KEYWORD,
    "F121420": m.KEYWORD,
    "F1214H1": m.KEYWORD,
    "F1214HY": m.KEYWORD,
    "MO:0009": m.KEYWORD,
    "UNDELIV_660": m.KEYWORD,  # 2018: unreachable or no such number
    # IN_REVIEW
    "NOPASS": m.REVIEW,
    "REJECT": m.REVIEW,
    "REJECTE": m.REVIEW,
    # UNSUPPORTED
    "SWITCH": m.NO_MARKETING,
    # INTERCEPTED
    "UNDELIV_606": m.BLOCKED,
    # CARRIER_FAULT
    "13-19": m.GATEWAY,
    "23-29": m.GATEWAY,
    "112-116": m.GATEWAY,
    "128-255": m.GATEWAY,
    "712": m.GATEWAY,
    "1000": m.GATEWAY,
    "1107": m.GATEWAY,
    "DB:0622": m.GATEWAY,
    "DB:0627": m.GATEWAY,
    "F000039": m.GATEWAY,
    "FAILED": m.GATEWAY,
    "MK:1006": m.GATEWAY,
    "PBDQ": m.GATEWAY,
    "ROUTEERR": m.GATEWAY,
    "SMGP609": m.GATEWAY,
    "SMGP660": m.GATEWAY,
    "SMGP704": m.GATEWAY,
    "SMGPERR:10": m.GATEWAY,
    "SMGPERR:11": m.GATEWAY,
    "SMGPERR:12": m.GATEWAY,
    "SMGPERR:13": m.GATEWAY,
    "SMGPERR:14": m.GATEWAY,
    "SMGPERR:15": m.GATEWAY,
    "SMGPERR:16": m.GATEWAY,
    "SMGPERR:17": m.GATEWAY,
    "SMGPERR:18": m.GATEWAY,
    "SMGPERR:19": m.GATEWAY,
    "SMGPERR:2": m.GATEWAY,
    "SMGPERR:20": m.GATEWAY,
    "SMGPERR:21": m.GATEWAY,
    "SMGPERR:22": m.GATEWAY,
    "SMGPERR:23": m.GATEWAY,
    "SMGPERR:24": m.GATEWAY,
    "SMGPERR:25": m.GATEWAY,
    "SMGPERR:26": m.GATEWAY,
    "SMGPERR:27": m.GATEWAY,
    "SMGPERR:28": m.GATEWAY,
    "SMGPERR:29": m.GATEWAY,
    "SMGPERR:3": m.GATEWAY,
    "SMGPERR:30": m.GATEWAY,
    "SMGPERR:31": m.GATEWAY,
    "SMGPERR:32": m.GATEWAY,
    "SMGPERR:33": m.GATEWAY,
    "SMGPERR:34": m.GATEWAY,
    "SMGPERR:35": m.GATEWAY,
    "SMGPERR:36": m.GATEWAY,
    "SMGPERR:37": m.GATEWAY,
    "SMGPERR:38": m.GATEWAY,
    "SMGPERR:39": m.GATEWAY,
    "SMGPERR:4": m.GATEWAY,
    "SMGPERR:40": m.GATEWAY,
    "SMGPERR:43": m.GATEWAY,
    "SMGPERR:44": m.GATEWAY,
    "SMGPERR:45": m.GATEWAY,
    "SMGPERR:46": m.GATEWAY,
    "SMGPERR:47": m.GATEWAY,
    "SMGPERR:48": m.GATEWAY,
    "SMGPERR:49": m.GATEWAY,
    "SMGPERR:50": m.GATEWAY,
    "SMGPERR:51": m.GATEWAY,
    "SMGPERR:52": m.GATEWAY,
    "SMGPERR:53": m.GATEWAY,
    "SMGPERR:54": m.GATEWAY,
    "SMGPERR:55": m.GATEWAY,
    "SMGPERR:56": m.GATEWAY,
    "SPMSERR:12": m.GATEWAY,
    "SPMSERR:13": m.GATEWAY,
    "SPMSERR:14": m.GATEWAY,
    "SPMSERR:15": m.GATEWAY,
    "SPMSERR:16": m.GATEWAY,
    "SPMSERR:25": m.GATEWAY,
    "SPMSERR:30": m.GATEWAY,
    "SPMSERR:31": m.GATEWAY,
    "SPMSERR:99": m.GATEWAY,
    "SUBFAIL": m.GATEWAY,
    "TIMEUP": m.GATEWAY,
    "UNDELIV_608": m.CARRIER,
    "UNDELIV_908": m.BUSY,
    "S::TIMEOUT": m.NO_RESPONSE,
    "UNDELIV_899": m.NO_RESPONSE,
    # UNKNOWN
    "ACCEPTD": m.NOT_FINAL,
}

EXPIRED: Final = {
    # UNREACHABLE
    "EXPIRED_640": m.PERHAPS_NO_NUMBER,  # 2018: expired
    "EXPIRED_711": m.PERHAPS_NO_NUMBER,
    "EXPIRED_760": m.PERHAPS_NO_NUMBER,  # 2018: expired
    "EXPIRED_765": m.PERHAPS_NO_NUMBER,
    "EXPIRED_601": m.OUT_OF_SERVICE,  # 2018: expired
    "EXPIRED_705": m.OUT_OF_SERVICE,
    "EXPIRED_010": m.OFF,  # 2018: expired
    "EXPIRED_602": m.OFF,  # 2018: expired
    "EXPIRED_608": m.OFF,
    "EXPIRED_660": m.OFF,  # 2018: expired
    "EXPIRED_702": m.OFF,  # 2018: expired
    "EXPIRED_612": m.SIGNAL,  # 2018: expired
    "EXPIRED_613": m.SIGNAL,  # 2018: expired
    "EXPIRED_614": m.SIGNAL,  # 2018: expired
    "EXPIRED_615": m.SIGNAL,  # 2018: expired
    "EXPIRED_616": m.SIGNAL,
    "EXPIRED_617": m.SIGNAL,  # 2018: expired
    "EXPIRED_618": m.SIGNAL,  # 2018: expired
    "EXPIRED_619": m.SIGNAL,  # 2018: expired
    "EXPIRED_622": m.SIGNAL,
    "EXPIRED_636": m.SIGNAL,
    "EXPIRED_650": m.SIGNAL,
    "EXPIRED_712": m.SIGNAL,
    "EXPIRED_716": m.SIGNAL,
    "EXPIRED_717": m.SIGNAL,
    "EXPIRED_726": m.SIGNAL,
    "EXPIRED_731": m.SIGNAL,
    # HANDSET_FAULT
    "EXPIRED_001": m.CACHE,  # 2018: expired
    "EXPIRED_714": m.CACHE,
    "EXPIRED_713": m.MEMORY_FULL,
    # EXPIRED
    "EXPIRED_999": m.EXPIRED,  # 2018 only
}
"""The cause of each; the state is that of the code's first word."""

REJECTED: Final = {
    # UNREACHABLE
    "REJECTD_706": m.OFF,  # 2018: refused
    "REJECTD_174": m.SIGNAL,
    "REJECTD_255": m.SIGNAL,
    "REJECTD_726": m.SIGNAL,
    # HANDSET_FAULT
    "REJECTD_900": m.CACHE,
    # REFUSED
    "REJECTD_006": m.REFUSED,  # 2018 only
}
"""The cause of each; the state is that of the code's first word."""
