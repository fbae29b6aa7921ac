"""What Huawei keeps for itself: applications, each with its key and channel, files of signatures, and IAM's tokens."""

import uuid
from typing import Final

import attrs

from smsgate.sandbox.huawei.credentials import HUAWEI_APP_KEY, HUAWEI_APP_SECRET, HUAWEI_SENDER
from smsgate.sandbox.state.state import SandboxState, VendorState

__all__ = [
    "MAGIC_DIGIT",
    "VENDOR",
    "Application",
    "HuaweiAccount",
    "Token",
    "Tokens",
    "UploadedFile",
    "account_of",
    "new_application",
]

VENDOR: Final = "huawei"
MAGIC_DIGIT: Final = "2"
_BUILT_IN_SINCE: Final = 1_704_067_200.0


@attrs.define(kw_only=True, eq=False)
class Application:
    """One application."""

    id: str
    """The id that management calls take."""
    name: str
    key: str
    secret: str = attrs.field(repr=False)
    channel: str
    """The number that its messages come from."""
    region: str
    """ "intl" or "cn"."""
    created: float
    updated: float
    """Unix seconds, as is `created`."""
    up_link_addr: str | None = None
    """Where replies go to."""
    enterprise_project_id: str = "0"
    enterprise_project_name: str = "default"


@attrs.frozen
class UploadedFile:
    """A licence or an authorisation that a signature may need."""

    id: str
    name: str
    size: int
    """Bytes."""
    description: str
    updated: float
    """Unix seconds."""


def _built_in_application() -> Application:
    """The application that is there from the start."""
    return Application(
        id="9e61f59c-1a6b-4ee5-9651-5bca450694b3",
        name="sandbox",
        key=HUAWEI_APP_KEY,
        secret=HUAWEI_APP_SECRET,
        channel=HUAWEI_SENDER,
        region="intl",
        created=_BUILT_IN_SINCE,
        updated=_BUILT_IN_SINCE,
    )


def new_application(name: str, region: str, number: int, now: float) -> Application:
    """An application that can send at once. *number*: how many there were before."""
    return Application(
        id=str(uuid.uuid4()),
        name=name,
        key=uuid.uuid4().hex,
        secret=uuid.uuid4().hex,
        # The sandbox counts on from its first channel; Huawei assigns the real ones (3.1.3, `intl_channel_num`).
        channel=f"isms{100000001 + number}",
        region=region,
        created=now,
        updated=now,
    )


@attrs.frozen
class Token:
    """One token."""

    value: str = attrs.field(repr=False)
    project_id: str | None
    """The project that it is good for; None for a token of the whole account."""
    issued: float
    expires: float
    """Unix seconds, as is `issued`."""


class Tokens:
    """All tokens. Several are good at the same time."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}

    def issue(self, project_id: str | None, now: float, *, lifetime: float) -> Token:
        """A new token, good for *lifetime* seconds."""
        token = Token(f"MIISandbox{uuid.uuid4().hex}{uuid.uuid4().hex}", project_id, now, now + lifetime)
        self._tokens[token.value] = token
        return token

    def get(self, value: str) -> Token | None:
        """The token with that value, expired or not; None if it was never issued or all were withdrawn."""
        return self._tokens.get(value)

    def expire_all(self) -> None:
        """Withdraw every token."""
        self._tokens.clear()


class HuaweiAccount(VendorState):
    """What Huawei keeps for itself."""

    def __init__(self) -> None:
        self.applications: list[Application] = [_built_in_application()]
        self.files: dict[str, UploadedFile] = {}
        self.tokens: Tokens = Tokens()

    def expire_tokens(self) -> None:
        """Withdraw every token that IAM has issued."""
        self.tokens.expire_all()

    def application_of(self, id: str | None) -> Application:
        """The application with that id, or the first one."""
        return next((each for each in self.applications if each.id == id), self.applications[0])

    def application_with(self, channel: str) -> Application:
        """The application that sends from *channel*, or the first one."""
        return next((each for each in self.applications if each.channel == channel), self.applications[0])


def account_of(state: SandboxState) -> HuaweiAccount:
    """Huawei's part of *state*."""
    account: HuaweiAccount = state.of(VENDOR)
    return account
