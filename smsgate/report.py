"""What comes back later."""

import attrs


@attrs.frozen
class StatusReport: ...


@attrs.frozen
class Reply: ...
