"""What Huawei's management API answers when it refuses: its own codes, the identity service's, and the gateway's.

Sources: Message & SMS API Reference, online edition of 2024, "API Error Codes (Applications, Signatures, and
Templates)", for MSGSMS.xxxx: those that the calls of this package can meet; IAM API Reference, "Error Codes", for
IAM.xxxx. The words are ours.
"""

from typing import Final

from smsgate.huawei.apig import GATEWAY_CODES
from smsgate.model.reason import Reason
from smsgate.provider.codes import Codebook
from smsgate.provider.meanings import Document, Meaning, documented

__all__ = ["MANAGEMENT_CODES"]

_MANAGEMENT: Final = {
    "MSGSMS.0001": Meaning(Reason.PLATFORM_FAULT, "an error inside the management service"),
    "MSGSMS.0002": Meaning(Reason.INVALID_REQUEST, "a parameter is not valid", "see the vendor's own text"),
    "MSGSMS.0003": Meaning(
        Reason.AUTH_FAILED, "the credentials were not accepted", "check them, and that the token is for the project"
    ),
    "MSGSMS.0004": Meaning(Reason.INVALID_REQUEST, "there is such a signature already", "choose another"),
    "MSGSMS.0005": Meaning(Reason.INVALID_REQUEST, "there is no such signature", "check its id"),
    "MSGSMS.0006": Meaning(Reason.INVALID_REQUEST, "there is such a signature of that type", "change either"),
    "MSGSMS.0007": Meaning(
        Reason.INVALID_REQUEST, "only a rejected signature can be changed", "wait for the review, or apply for another"
    ),
    "MSGSMS.0008": Meaning(Reason.INVALID_REQUEST, "there is such a template already", "choose another name"),
    "MSGSMS.0009": Meaning(Reason.INVALID_REQUEST, "there is no such template", "check its id"),
    "MSGSMS.0010": Meaning(
        Reason.INVALID_REQUEST, "only a rejected template can be changed", "wait for the review, or apply for another"
    ),
    "MSGSMS.0011": Meaning(Reason.INVALID_REQUEST, "there is no such file", "upload it first"),
    "MSGSMS.0012": Meaning(Reason.INVALID_REQUEST, "the signature's id is not valid", "give its primary key id"),
    "MSGSMS.0013": Meaning(Reason.ACCOUNT_SUSPENDED, "Message & SMS is not enabled", "enable it in the console"),
    "MSGSMS.0014": Meaning(Reason.INVALID_REQUEST, "there is no such application", "check app_id"),
    "MSGSMS.0076": Meaning(Reason.INVALID_REQUEST, "there is no such application", "check its id"),
    "MSGSMS.0077": Meaning(Reason.INVALID_REQUEST, "there is no such template", "check its id"),
    "MSGSMS.0133": Meaning(Reason.INVALID_REQUEST, "the file's name has a character that is not allowed", "rename it"),
}

_IAM: Final = {
    "IAM.0001": Meaning(
        Reason.AUTH_FAILED, "the identity service asks for credentials", "check user, password, domain and project"
    ),
    "IAM.0002": Meaning(Reason.PERMISSION_DENIED, "the user may not do this", "grant it the permission"),
    "IAM.0003": Meaning(Reason.PERMISSION_DENIED, "a policy does not allow this", "grant the user the permission"),
    "IAM.0004": Meaning(Reason.INVALID_REQUEST, "no such user, project or domain", "check their names"),
    "IAM.0006": Meaning(Reason.PLATFORM_FAULT, "an error inside the identity service"),
    "IAM.0007": Meaning(Reason.INVALID_REQUEST, "a parameter is not valid", "see the vendor's own text"),
    "IAM.0011": Meaning(Reason.INVALID_REQUEST, "the request's body is not valid", "see the vendor's own text"),
}

MANAGEMENT_CODES: Final = Codebook(
    {**GATEWAY_CODES, **_MANAGEMENT, **documented(_IAM, Document("IAM API Reference, Error Codes", "online, 2024"))},
    source=Document(
        "Message & SMS API Reference, API Error Codes (Applications, Signatures, and Templates)", "online, 2024"
    ),
)
