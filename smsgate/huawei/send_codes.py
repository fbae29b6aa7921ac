"""What Huawei answers to a send: the code of the request, the status of a number, and the gateway in front.

Sources: Message & SMS API Reference (2023-04-20), Tables 3-56 and 3-64, 5.2.1 "API Error Codes" and 5.2.2; its online
editions of 2024 for E000041 to E000045, E000629, E000630, E000632 and E200051. The words are ours. A code
grouped under a reason that stops or moves on was refused before anything was sent.
"""

from typing import Final

from smsgate.huawei.apig import GATEWAY_CODES
from smsgate.model.reason import Reason
from smsgate.provider.codes import Codebook
from smsgate.provider.meanings import Document, Meaning, documented

__all__ = ["ACCEPTED", "NUMBER_CODES", "SEND_CODES", "SOME_REFUSED"]

ACCEPTED: Final = "000000"
"""The code of a request, and the status of a number, that was taken."""
SOME_REFUSED: Final = "E000510"
"""The code of an answer in which each number's own status says why."""

_PRINT: Final = Document("Message & SMS API Reference, Tables 3-56 and 3-64, 5.2.1 and 5.2.2", "2023-04-20")
_ONLINE: Final = Document("Message & SMS API Reference, API Error Codes", "online, 2024")

_KEY = "check the application key and secret, and that base_url is the access address of that application"
_HEADER = "check that no proxy removes or rewrites the Authorization and X-WSSE headers"
_SUPPORT = "ask Huawei Cloud's support with the message id"
_CHANNEL = "check that the sender is a channel number of this application, approved and in force for ten minutes"
_TEMPLATE = "compare the parameters with the template: their number, length and type"

_REQUEST_CODES: Final = {
    ACCEPTED: Meaning(None, "accepted"),
    "E000000": Meaning(
        Reason.PLATFORM_FAULT, "the platform failed, often over a request it cannot parse", "check the template's form"
    ),
    SOME_REFUSED: Meaning(Reason.REFUSED, "no number was accepted", "see the status of each number"),
    # Credentials: X-WSSE and the headers around it.
    "E000001": Meaning(Reason.AUTH_FAILED, "no Authorization header arrived", _HEADER),
    "E000002": Meaning(Reason.AUTH_FAILED, "Authorization has no realm", _HEADER),
    "E000003": Meaning(Reason.AUTH_FAILED, "Authorization has no profile", _HEADER),
    "E000004": Meaning(Reason.AUTH_FAILED, "the realm in Authorization is not SDP", _HEADER),
    "E000005": Meaning(Reason.AUTH_FAILED, "the profile in Authorization is not UsernameToken", _HEADER),
    "E000006": Meaning(Reason.AUTH_FAILED, "the type in Authorization is not Appkey", _HEADER),
    "E000007": Meaning(Reason.AUTH_FAILED, "Authorization has no type", _HEADER),
    "E000008": Meaning(Reason.AUTH_FAILED, "Authorization does not say WSSE", _HEADER),
    "E000020": Meaning(Reason.AUTH_FAILED, "no X-WSSE header arrived", _HEADER),
    "E000021": Meaning(Reason.AUTH_FAILED, "X-WSSE has no Username", _HEADER),
    "E000022": Meaning(Reason.AUTH_FAILED, "X-WSSE has no Nonce", _HEADER),
    "E000023": Meaning(Reason.AUTH_FAILED, "X-WSSE has no Created", _HEADER),
    "E000024": Meaning(Reason.AUTH_FAILED, "X-WSSE has no PasswordDigest", _HEADER),
    "E000025": Meaning(Reason.AUTH_FAILED, "the time in X-WSSE is not in the expected form", _HEADER),
    "E000026": Meaning(Reason.AUTH_FAILED, "X-WSSE has no UsernameToken", _HEADER),
    "E000041": Meaning(Reason.AUTH_FAILED, "X-Sdk-Date is empty", _HEADER),
    "E000042": Meaning(Reason.AUTH_FAILED, "X-Sdk-Date is not in the expected form", _HEADER),
    "E000045": Meaning(Reason.AUTH_FAILED, "the signature in Authorization is wrong", _KEY),
    "E000101": Meaning(Reason.AUTH_FAILED, "the credentials were not accepted", _KEY),
    "E000102": Meaning(Reason.AUTH_FAILED, "the application key is not known at this address", _KEY),
    "E000104": Meaning(Reason.AUTH_FAILED, "the application secret is wrong", _KEY),
    "E000105": Meaning(Reason.AUTH_FAILED, "the password digest is wrong", _KEY),
    "E000111": Meaning(Reason.AUTH_FAILED, "no user belongs to this application key", _KEY),
    # The account.
    "E000103": Meaning(Reason.ACCOUNT_SUSPENDED, "the application is not in service", "see its status in the console"),
    "E000109": Meaning(Reason.ACCOUNT_SUSPENDED, "the user is deactivated", "ask Huawei Cloud to activate it"),
    "E000112": Meaning(
        Reason.ACCOUNT_SUSPENDED, "the account is frozen: arrears or a violation", "top up, or settle the violation"
    ),
    "E000106": Meaning(
        Reason.PERMISSION_DENIED, "the application may not call this API", "ask Huawei Cloud to enable sending for it"
    ),
    "E000620": Meaning(
        Reason.PERMISSION_DENIED,
        "this server's IP address is not on the application's allow list",
        "add it in the console; a change takes up to fifteen minutes",
    ),
    # The request.
    "E000110": Meaning(Reason.CLOCK_SKEW, "the signing time is too far from the vendor's", "set this machine's clock"),
    "E000027": Meaning(Reason.INVALID_REQUEST, "the request is not valid", "compare it with the API reference"),
    "E000040": Meaning(Reason.INVALID_REQUEST, "the content type is not the one of this API", _HEADER),
    "E000503": Meaning(
        Reason.INVALID_REQUEST,
        "a field is malformed: number, template id, parameter or extend",
        "see the vendor's words; parameters must not hold special characters",
    ),
}

NUMBER_CODES: Final = {
    # Limits and regions of the account. Huawei also sends these as delivery statuses.
    "E000623": Meaning(
        Reason.QUOTA_EXCEEDED, "the daily or monthly sending limit is reached", "raise it in the console's settings"
    ),
    "E000628": Meaning(
        Reason.REGION_BLOCKED, "the number's country or region is not enabled", "add it in the console's settings"
    ),
    "E000629": Meaning(Reason.INSUFFICIENT_BALANCE, "the package is used up", "buy one, or change to pay per use"),
    "E000630": Meaning(
        Reason.QUOTA_EXCEEDED, "the limit for the number's country or region is reached", "raise it in the console"
    ),
    "E000632": Meaning(
        Reason.BLOCKLISTED, "the number is on the blocklist of its country", "check the console's number rules"
    ),
    # Flow and copies.
    "E200015": Meaning(
        Reason.TRY_LATER,
        "too many messages are waiting",
        "send again in about ten minutes: a gateway tries the next vendor at once, unless max_pause allows that wait",
    ),
    "E200041": Meaning(Reason.DUPLICATE, "the number was in the request twice: one message was sent"),
    # The channel number and the signature.
    "E200018": Meaning(Reason.SENDER_REJECTED, "the sender is not a channel of this application", _CHANNEL),
    "E200019": Meaning(Reason.SENDER_REJECTED, "no channel matches the sender", _CHANNEL),
    "E200020": Meaning(
        Reason.SIGNATURE_REJECTED,
        "the signature is not the one of the channel",
        "use a template whose signature belongs to the sender",
    ),
    "E200021": Meaning(Reason.SENDER_REJECTED, "the application has no channel for this signature", _SUPPORT),
    "E200027": Meaning(
        Reason.SENDER_REJECTED, "no route is set up for the application", "check that the signature is activated"
    ),
    # Where the channel does not reach.
    "E200022": Meaning(Reason.UNSUPPORTED, "the application or channel does not serve this number", _SUPPORT),
    "E200023": Meaning(Reason.UNSUPPORTED, "the number's carrier is not set up for the application", _SUPPORT),
    "E200024": Meaning(
        Reason.REGION_BLOCKED,
        "sending to other countries and regions is not enabled",
        "enable it, or use a sender that has it",
    ),
    "E200025": Meaning(
        Reason.REGION_BLOCKED,
        "the application or channel does not serve this number's country",
        "with a general template set the signature too; else ask Huawei Cloud's support",
    ),
    "E200026": Meaning(Reason.REGION_BLOCKED, "no channel serves this number's country", _SUPPORT),
    # The template.
    "E200028": Meaning(Reason.TEMPLATE_REJECTED, "the parameters do not fit the template", _TEMPLATE),
    "E200029": Meaning(
        Reason.TEMPLATE_REJECTED, "the template's type or signature is not the sender's", "compare them in the console"
    ),
    "E200030": Meaning(Reason.TEMPLATE_REJECTED, "the template is not active", "check the id and its approval"),
    "E200032": Meaning(
        Reason.TEMPLATE_REJECTED,
        "a template is required: none came, or it does not serve the number",
        "send the template id, and the number with its country code",
    ),
    "E200033": Meaning(
        Reason.TEMPLATE_REJECTED, "the template is of the wrong type", "compare its type with the sender's"
    ),
    "E200040": Meaning(
        Reason.TEMPLATE_REJECTED,
        "stopped by review: signature or template not valid",
        "use them exactly as they were approved",
    ),
    "E200051": Meaning(
        Reason.TEMPLATE_REJECTED,
        "the verification code in an international message has the wrong form",
        "send 4 to 8 digits",
    ),
    "E200031": Meaning(Reason.AUTH_FAILED, "the protocol of the application was not accepted", _KEY),
    # The platform and its link to the carriers.
    "E200034": Meaning(Reason.CARRIER_FAULT, "retries ran out of time: the carrier's gateway is faulty", _SUPPORT),
    "E200035": Meaning(Reason.PLATFORM_FAULT, "a protocol field could not be replaced", _SUPPORT),
    "E200036": Meaning(Reason.QUOTA_EXCEEDED, "the channel's sending rate is set to zero", _SUPPORT),
    "E200038": Meaning(
        Reason.EXPIRED, "the parts of a long message did not all come in time", "check the network and send again"
    ),
}
"""The codes that a number can have, in an answer and in a delivery report alike."""

_ROWS: Final = {**_REQUEST_CODES, **NUMBER_CODES}
_ONLINE_ONLY: Final = ("E000041", "E000042", "E000045", "E000629", "E000630", "E000632", "E200051")

SEND_CODES: Final = Codebook(
    {
        **_ROWS,
        **GATEWAY_CODES,
        **documented({code: meaning for code, meaning in _ROWS.items() if code in _ONLINE_ONLY}, _ONLINE),
    },
    source=_PRINT,
)
"""The codes of an answer to a send: of the request, of one number, and of the API gateway."""
