"""The tags of the messages of a request, where the vendor has a field for that of each. Pure."""

from collections.abc import Sequence

from smsgate.model.phone import PhoneNumber
from smsgate.model.secret import Secret
from smsgate.tags import make_tag

__all__ = ["tags_of"]


def tags_of(owners: Sequence[tuple[str | None, PhoneNumber]], fresh: str, secret: Secret | None = None) -> list[str]:
    """The tag of each of *owners*: of its key and its number. One without a key has *fresh* and its index for that.

    *fresh*: letters and digits. Raises as `make_tag` does.
    """
    if secret is not None:
        return [make_tag(key or f"{fresh}{at}", to=to, secret=secret) for at, (key, to) in enumerate(owners)]
    beginning = make_tag(fresh)  # most have no key, and digits are written as they are
    return [make_tag(key) if key else f"{beginning}{at}" for at, (key, _) in enumerate(owners)]
