"""Values as data: results, messages, reports, replies and deliveries as plain JSON types, and back.

    text = json.dumps(to_data(result, numbers="masked"))
    result = from_data(json.loads(text), Result)

What is written names its type and the version of its form: {"smsgate": "Result/1", …}. A field that has its default is
left out. What is stored today is read by later releases; what a later release writes is read as far as it is known.
"""

import functools
import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, cast, get_args, overload

import attrs

from smsgate.model.delivery import Delivery
from smsgate.model.digests import hmac_sha256
from smsgate.model.errors import ConfigurationError, DataError
from smsgate.model.kind import kind_problem
from smsgate.model.masking import safe_text
from smsgate.model.message import Message
from smsgate.model.phone import PhoneNumber
from smsgate.model.reason import Outcome, Reason
from smsgate.model.report import Reply, Source, StatusReport
from smsgate.model.result import Attempt, Result
from smsgate.model.secret import Secret
from smsgate.model.states import Certainty, DeliveryState

if TYPE_CHECKING:
    from cattrs import Converter

__all__ = ["DataValue", "Numbers", "from_data", "hash_number", "to_data"]

DataValue = Attempt | Delivery | Message | Reply | Result | StatusReport
"""What can be written as data."""
Numbers = Literal["full", "masked", "hashed"]
"""How numbers are written: as they are, as for a log, or as a keyed hash by which they can be found."""

T = TypeVar("T", bound=DataValue)

_VERSION: Final = 1
_TYPES: Final[Mapping[str, type[DataValue]]] = {
    each.__name__: each for each in (Attempt, Delivery, Message, Reply, Result, StatusReport)
}
_HASH: Final = "hmac-sha256:"


def to_data(
    value: DataValue, *, numbers: Numbers = "full", params: bool = False, secret: str | Secret | None = None
) -> dict[str, Any]:
    """*value* in plain JSON types.

    *numbers*: how phone numbers are written. Other than "full", vendors' raw items are left out, since they have
    numbers too, and the vendor's words in reports are masked. *params*: whether the parameters of messages are written:
    they may be the code itself. *secret*: the key of the hash, needed for "hashed" (see `hash_number`).

    Raises `ConfigurationError` for a wrong option, and `DataError` for what is not one of these values.
    """
    writing = _Writing(numbers, params, None if secret is None else Secret.wrap(secret))
    name = type(value).__name__
    if _TYPES.get(name) is not type(value):
        raise DataError(f"to_data: takes {', '.join(_TYPES)}, not {name}")
    return {"smsgate": f"{name}/{_VERSION}", **writing.write(value)}


@overload
def from_data(data: Mapping[str, Any]) -> DataValue: ...
@overload
def from_data(data: Mapping[str, Any], kind: type[T]) -> T: ...
def from_data(data: Mapping[str, Any], kind: type[Any] | None = None) -> Any:
    """The value that *data* was made of, without what was left out.

    *kind*: the type that it must have. A reason that a later release knows and this one does not is `Reason.UNKNOWN`,
    a field that it does not know is skipped.

    Raises `DataError`, which names the field, for what `to_data` has not made, or a later version of its form.
    """
    if not isinstance(data, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise DataError(f"from_data: takes a mapping, not {type(data).__name__}")
    name, _, version = str(data.get("smsgate", "")).partition("/")
    if name not in _TYPES:
        raise DataError('from_data: has no "smsgate" with one of ' + ", ".join(f"{each}/{_VERSION}" for each in _TYPES))
    if kind is not None and _TYPES[name] is not kind:
        raise DataError(f"from_data: is a {name}, not a {kind.__name__}")
    if not version.isdecimal() or int(version) > _VERSION:
        raise DataError(f"from_data: {name}/{safe_text(version)} was written by a later release of smsgate")
    return _read_delivery(data) if name == "Delivery" else _structure(data, _TYPES[name])


def hash_number(number: str | PhoneNumber, secret: str | Secret) -> str:
    """How `numbers="hashed"` writes *number* (E.164): "hmac-sha256:" and 32 hex digits, by HMAC-SHA256 with *secret*.

    Without a key a hash of a number is no protection: there are few enough numbers to try them all. Raises
    `ConfigurationError` for a secret that is none.
    """
    key = Secret.wrap(secret).require("secret").reveal().encode()
    return _HASH + hmac_sha256(key, f"smsgate number {number}".encode(errors="replace")).hex()[:32]


class _Writing:
    """What is left of a value under the options of one `to_data`."""

    def __init__(self, numbers: Numbers, params: bool, secret: Secret | None) -> None:
        if numbers not in get_args(Numbers):
            raise ConfigurationError('numbers: must be "full", "masked" or "hashed"')
        if numbers == "hashed" and secret is None:
            raise ConfigurationError('secret: is needed for numbers="hashed"')
        self._numbers = numbers
        self._params = params
        self._secret = secret

    def write(self, value: DataValue) -> dict[str, Any]:
        """*value* in JSON types."""
        parts = self._facts(value) if isinstance(value, Delivery) else self._pruned(value)
        written: dict[str, Any] = _converter().unstructure(parts)
        return written

    def _pruned(self, value: DataValue) -> DataValue:
        match value:
            case Message():
                return self._message(value)
            case Result():
                return attrs.evolve(value, message=self._message(value.message))
            case StatusReport():
                return self._report(value)
            case Reply():
                return attrs.evolve(value, sender=self._number(value.sender), raw=self._raw(value.raw))
            case _:
                return value

    def _facts(self, delivery: Delivery) -> "_Facts":
        return _Facts(
            list(map(self._report, delivery.reports)),
            delivery.sent_at,
            delivery.answered,
            delivery.accepted,
            delivery.refused,
            delivery.overflowed,
        )

    def _message(self, message: Message) -> Message:
        # Nothing of a message is checked before it is sent, and one that was refused may be of any types.
        return Message(
            self._number(message.to),
            _text(message.template),
            self._some_params(message.params),
            key=None if message.key is None else _text(message.key),
            extend=None if message.extend is None else _text(message.extend),
            on_unknown=message.on_unknown if message.on_unknown in ("stop", "failover") else None,
            kind=None if kind_problem(message.kind) else message.kind,
            expires_at=message.expires_at if isinstance(message.expires_at, datetime) else None,
        )

    def _some_params(self, params: object) -> dict[str, str]:
        if not self._params or not isinstance(params, Mapping):
            return {}
        return {_text(name): _text(value) for name, value in cast("Mapping[object, object]", params).items()}

    def _report(self, report: StatusReport) -> StatusReport:
        return attrs.evolve(
            report,
            to=None if report.to is None else self._number(report.to),
            description=self._words(report.description),
            sub_error_description=self._words(report.sub_error_description),
            raw=self._raw(report.raw),
        )

    def _number(self, number: PhoneNumber) -> PhoneNumber:
        if not number.is_text:
            return PhoneNumber(number.masked)
        if self._numbers == "full":
            return number
        if self._secret is not None and self._numbers == "hashed":
            return PhoneNumber(hash_number(number, self._secret))
        return PhoneNumber(number.masked)

    def _words(self, words: str | None) -> str | None:
        return words if words is None or self._numbers == "full" else safe_text(words)

    def _raw(self, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        return cast("Mapping[str, Any]", _plain(raw)) if self._numbers == "full" else {}


def _text(value: object) -> str:
    return value if type(value) is str else f"<{type(value).__name__}>"


def _plain(value: object) -> object:
    """*value* in JSON types: what a vendor sent is in them already, what was put beside it may not be."""
    if value is None or isinstance(value, bool | int | str) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in cast("Mapping[object, object]", value).items()}
    if isinstance(value, Iterable) and not isinstance(value, bytes):
        return [_plain(item) for item in cast("Iterable[object]", value)]
    return str(value)


@attrs.frozen
class _Facts:
    """A delivery as what `Delivery.of` takes."""

    reports: list[StatusReport] = attrs.field(factory=list[StatusReport])
    sent_at: datetime | None = None
    answered: bool = False
    accepted: bool = False
    refused: Reason | None = None
    overflowed: bool = False


def _read_delivery(data: Mapping[str, Any]) -> Delivery:
    facts: _Facts = _structure(data, _Facts)
    sends = {each.name: getattr(facts, each.name) for each in attrs.fields(_Facts) if each.name != "reports"}
    return Delivery.of(facts.reports, **sends)


def _structure(data: object, kind: Any) -> Any:
    from cattrs import BaseValidationError, transform_error

    try:
        return _converter().structure(data, kind)
    except Exception:  # noqa: S110  # a converter that says where it failed takes twice as long, so it comes second
        pass
    try:
        return _converter(detailed=True).structure(data, kind)
    except BaseValidationError as error:
        raise DataError(f"from_data: {'; '.join(map(safe_text, transform_error(error)))}") from None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"from_data: cannot be read: {type(error).__name__}") from None


@functools.cache
def _converter(*, detailed: bool = False) -> "Converter":
    from cattrs import Converter

    converter = Converter(
        omit_if_default=True, detailed_validation=detailed, unstruct_collection_overrides={tuple: list}
    )
    for kind in (Certainty, DeliveryState, Outcome, Reason, Source):
        converter.register_unstructure_hook(kind, attrgetter("value"))
    converter.register_unstructure_hook(PhoneNumber, str)
    converter.register_structure_hook(PhoneNumber, lambda text, _: PhoneNumber(text))
    converter.register_unstructure_hook(datetime, datetime.isoformat)
    converter.register_structure_hook(datetime, lambda text, _: datetime.fromisoformat(text))
    converter.register_structure_hook(Reason, lambda text, _: _REASONS.get(text, Reason.UNKNOWN))
    return converter


_REASONS: Final = {reason.value: reason for reason in Reason}
