"""What every v5 call has in common, be it a send or not: its URL, its `sig` and its clock."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Self

import attrs

from smsgate.address import BaseUrl
from smsgate.secret import Secret
from smsgate.tencent.checks import app_id_problem, label_problem
from smsgate.tencent.signing import v5_sig
from smsgate.wire import HttpRequest

__all__ = ["V5Account"]


@attrs.frozen(kw_only=True)
class V5Account:
    """One SMS application, checked and ready to sign."""

    name: str
    sdk_app_id: str
    app_key: Secret
    base_url: BaseUrl

    @classmethod
    def open(cls, sdk_app_id: str, app_key: Secret, *, name: str, base_url: BaseUrl) -> Self | str:
        """The account, or what is wrong with an argument that is no secret.

        Raises `ConfigurationError` for what is wrong with the key or the base URL.
        """
        problem = app_id_problem(sdk_app_id) or label_problem("name", name)
        return problem or cls(
            name=name, sdk_app_id=sdk_app_id, app_key=app_key.require("app_key"), base_url=base_url.require()
        )

    def request(
        self,
        operation: str,
        fields: Mapping[str, object],
        *,
        now: float,
        nonce: str,
        mobiles: Sequence[str] = (),
        tel: str | None = None,
    ) -> HttpRequest:
        """The call of *operation* with *fields*, signed. *mobiles* and *tel*: what a send signs besides (`v5_sig`).

        `random` comes from *nonce*, and is *nonce* itself if that is 1 to 10 decimal digits.
        """
        time, random = int(now), _random(nonce)
        sig = v5_sig(self.app_key, random=random, time=time, mobiles=mobiles, tel=tel)
        return HttpRequest(
            "POST",
            self.base_url.url(f"/v5/tlssmssvr/{operation}", f"sdkappid={self.sdk_app_id}&random={random}"),
            {"Host": self.base_url.host, "Content-Type": "application/json"},
            json.dumps({**fields, "sig": sig, "time": time}, ensure_ascii=False, separators=(",", ":")).encode(),
        )


def _random(nonce: str) -> str:
    """Nine digits, which fit any integer a server may read them into."""
    if nonce.isascii() and nonce.isdigit() and len(nonce) <= 10:
        return nonce
    return str(100_000_000 + int(hashlib.sha256(nonce.encode()).hexdigest(), 16) % 900_000_000)
