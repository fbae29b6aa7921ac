"""What Tencent adds to the settings of pushes."""

from typing import Final, Literal, get_args

import attrs

from smsgate.model.errors import ConfigurationError

__all__ = ["TencentCallback"]


_ReplyForm = Literal["json", "form", "get"]
_REPLY_FORMS: Final[tuple[str, ...]] = get_args(_ReplyForm)


def _check_form(settings: object, attribute: object, value: object) -> None:
    if value not in _REPLY_FORMS:
        raise ConfigurationError(f"tencent_replies: must be one of {', '.join(_REPLY_FORMS)}")


@attrs.frozen(kw_only=True, slots=False)
class TencentCallback:
    """Where Tencent pushes to."""

    tencent_callback: str | None = attrs.field(default=None, repr=False)
    """The URL that is set in Tencent's console, for reports and replies. None: they wait to be pulled."""
    tencent_replies: _ReplyForm = attrs.field(default="json", validator=_check_form)
    """How replies come: as JSON or as a form by POST, or as the query of a GET. The guide's "SMS Reply" allows each."""
