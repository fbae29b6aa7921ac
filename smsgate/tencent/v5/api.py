"""What every v5 call has in common, be it a send or not: its URL, its `sig` and its clock."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Self, cast

import attrs

from smsgate.model.digests import sha256
from smsgate.model.secret import Secret
from smsgate.provider.base_url import BaseUrl
from smsgate.provider.checks import text_problem
from smsgate.provider.credentials import MaskedSource, given
from smsgate.provider.json_text import write_json
from smsgate.provider.reading import decimal_text, read_leniently, read_object
from smsgate.tencent.checks import app_id_problem
from smsgate.tencent.signing import v5_sig
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["MARKS", "SUCCESS", "V5Account", "V5Envelope", "error_text", "read_envelope"]

_DOMAIN: Final = "qq.com"
"""Where the vendor's own hosts are."""
SUCCESS: Final = "0"
"""The `result` of a call that succeeded."""
MARKS: Final = ("result", "ErrorCode", "ActionStatus")
"""Names that only a response of Tencent's has: with any of them it is not a proxy's, even if it cannot be believed."""


@attrs.frozen(kw_only=True)
class V5Account:
    """One SMS application, checked and ready to sign."""

    name: str
    sdk_app_id: str
    app_key: Secret | MaskedSource[str | Secret]
    base_url: BaseUrl

    @classmethod
    def open(
        cls, sdk_app_id: str, app_key: Secret | MaskedSource[str | Secret], *, name: str, base_url: BaseUrl
    ) -> Self | str:
        """The account, or what is wrong with an argument that is no secret.

        Raises `ConfigurationError` for what is wrong with the key or the base URL.
        """
        problem = app_id_problem(sdk_app_id) or text_problem("name", name)
        return problem or cls(
            name=name,
            sdk_app_id=sdk_app_id,
            app_key=app_key.require("app_key"),
            base_url=base_url.require().check_own_host(_DOMAIN),
        )

    @property
    def credential_source(self) -> MaskedSource[str | Secret] | None:
        """Where the key comes from, if it may change."""
        return self.app_key if isinstance(self.app_key, MaskedSource) else None

    def with_credentials(self, credentials: str | Secret) -> Self:
        """The account with the key that its source returned."""
        credentials = Secret.wrap(credentials)
        return attrs.evolve(self, app_key=credentials.require("app_key"))

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """What must not show in an error."""
        return () if isinstance(self.app_key, MaskedSource) else (self.app_key,)

    def request(
        self,
        operation: str,
        fields: Mapping[str, object],
        *,
        now: float,
        nonce: str,
        mobiles: Sequence[str] = (),
        tel: str | None = None,
        recipients: str = "",
    ) -> HttpRequest:
        """The call of *operation* with *fields*, signed. *mobiles* and *tel*: what a send signs besides (`v5_sig`).

        *recipients*: the field `tel` of a send, as JSON.

        `random` comes from *nonce*, and is *nonce* itself if that is 1 to 10 decimal digits.
        """
        time, random = int(now), _random(nonce)
        sig = v5_sig(given(self.app_key), random=random, time=time, mobiles=mobiles, tel=tel)
        # `time` is a number, within 10 minutes of Tencent's clock (1021); `random` stands in the URL alone.
        body = write_json({**fields, "sig": sig, "time": time})
        return HttpRequest(
            "POST",
            self.base_url.url(f"/v5/tlssmssvr/{operation}", f"sdkappid={self.sdk_app_id}&random={random}"),
            {"Host": self.base_url.host, "Content-Type": "application/json"},
            body[:-1] + f',"tel":{recipients}}}'.encode() if recipients else body,
        )


def _random(nonce: str) -> str:
    """Nine digits, which fit any integer a server may read them into."""
    if nonce.isascii() and nonce.isdigit() and len(nonce) <= 10:
        return nonce
    return str(100_000_000 + int(sha256(nonce.encode()), 16) % 900_000_000)


@attrs.frozen
class V5Envelope:
    """A response, opened: its overall code, and the object that it stood in."""

    code: str
    body: Mapping[str, Any] = attrs.field(repr=False)


def read_envelope(response: HttpResponse, *, lenient: bool = False) -> V5Envelope | None:
    """The envelope in *response*, or None if it holds neither of the two, or both and they contradict each other.

    *lenient*: read on over faults that concern single items (`read_leniently`).
    """
    value = read_leniently(response.body) if lenient else read_object(response.body)
    if not isinstance(value, dict):
        return None
    body = cast("dict[str, Any]", value)
    # The access layer in front of the service responds with ActionStatus, ErrorCode and ErrorInfo: qcloudsms' SDKs
    # and the Chinese edition's list of access layer codes. The printed guide does not have them.
    result, access = decimal_text(body.get("result")), decimal_text(body.get("ErrorCode"))
    if result is None:
        return V5Envelope(access, body) if access is not None and access != SUCCESS else None
    if result == SUCCESS and (access not in (None, SUCCESS) or body.get("ActionStatus") == "FAIL"):
        return None
    return V5Envelope(result, body)


def error_text(body: Mapping[str, Any]) -> object:
    """The vendor's own text in an envelope or a row, as it came.

    The guide prints `errmsg` for messages and statistics, `msg` for templates and signatures; both are seen everywhere.
    """
    return body.get("errmsg") or body.get("msg") or body.get("ErrorInfo")
