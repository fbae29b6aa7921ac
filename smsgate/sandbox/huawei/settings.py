"""What Huawei adds to the settings of pushes."""

import attrs

__all__ = ["HuaweiCallback"]


@attrs.frozen(kw_only=True, slots=False)
class HuaweiCallback:
    """Where Huawei pushes to."""

    huawei_callback: str | None = attrs.field(default=None, repr=False)
    """The URL that is set in Huawei's console: for replies, and for reports on messages without `statusCallback`."""
