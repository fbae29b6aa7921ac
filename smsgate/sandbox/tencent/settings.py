"""What Tencent adds to the settings of pushes."""

import attrs

__all__ = ["TencentCallback"]


@attrs.frozen(kw_only=True, slots=False)
class TencentCallback:
    """Where Tencent pushes to."""

    tencent_callback: str | None = attrs.field(default=None, repr=False)
    """The URL that is set in Tencent's console, for reports and replies. None: they wait to be pulled."""
