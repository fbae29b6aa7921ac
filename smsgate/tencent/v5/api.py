"""What every v5 call has in common, be it a send or not: its URL, its `sig` and its clock."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, Self

import attrs

from smsgate.model.secret import Secret
from smsgate.provider.base_url import BaseUrl
from smsgate.provider.reading import read_object
from smsgate.tencent.checks import app_id_problem, label_problem
from smsgate.tencent.signing import v5_sig
from smsgate.tencent.values import code_of, objects_in, read_patiently
from smsgate.wire import HttpRequest, HttpResponse

__all__ = ["SUCCESS", "Answer", "V5Account", "read_answer", "words_of"]

SUCCESS: Final = "0"
"""The `result` of a call that succeeded."""


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


@attrs.frozen
class Answer:
    """A vendor's answer: its overall code, and the object that it stood in."""

    code: str
    body: Mapping[str, Any] = attrs.field(repr=False)

    def rows(self, key: str) -> list[Mapping[str, Any]] | None:
        """The objects in the list *key*; None if there is no such list."""
        return objects_in(self.body.get(key))


def read_answer(response: HttpResponse, *, patient: bool = False) -> Answer | None:
    """The answer in *response*, or None if it holds neither envelope, or two that contradict each other.

    *patient*: read on over faults that concern single items (`read_patiently`).
    """
    body = read_patiently(response.body) if patient else read_object(response.body)
    if body is None:
        return None
    result, access = code_of(body.get("result")), code_of(body.get("ErrorCode"))
    if result is None:
        return Answer(access, body) if access is not None and access != SUCCESS else None
    if result == SUCCESS and (access not in (None, SUCCESS) or body.get("ActionStatus") == "FAIL"):
        return None
    return Answer(result, body)


def words_of(body: Mapping[str, Any]) -> object:
    """The vendor's own words in an envelope or a row, as they came."""
    return body.get("errmsg") or body.get("msg") or body.get("ErrorInfo")
