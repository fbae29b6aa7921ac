"""A job as JSON: messages, of which numbers and parameters are sealed, and the campaign that they are of.

    {"smsgate": "job/1", "campaign": "spring", "base": {"template": "offer"}, "messages": [{"key": "a"}, …],
     "sealed": "gAAAA…"}

What is sealed is {"to": [a number each], "alike": …, "params": {…} or [{…} each]}; "alike" says that the messages have
the same parameters. Keys, templates, kinds and times stand beside it: what a job is about can be seen, and given up,
without a key. Later releases read what this one has written.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

import attrs

from smsgate.data import from_data, to_data
from smsgate.model.errors import DataError
from smsgate.model.masking import safe_text
from smsgate.model.message import Message
from smsgate.tasks.sealing import Sealing

__all__ = ["TaskJob", "read_job", "read_unopened", "write_job"]

_VERSION: Final = 1
_NAME: Final = "smsgate"


@attrs.frozen
class TaskJob:
    """What a worker is to send."""

    messages: tuple[Message, ...]
    """They have keys."""
    campaign: str | None = None


def write_job(messages: Sequence[Message], sealing: Sealing, campaign: str | None = None) -> dict[str, Any]:
    """The job for *messages*, one at least, in plain JSON types."""
    written = [to_data(message, params=True) for message in messages]
    numbers = [each.pop("to") for each in written]
    params = [each.pop("params", {}) for each in written]
    shared = dict(written[0])
    for each in written[1:]:
        shared = {name: value for name, value in shared.items() if name in each and each[name] == value}
    own = [{name: value for name, value in each.items() if name not in shared} for each in written]
    alike = all(each == params[0] for each in params)
    job: dict[str, Any] = {_NAME: f"job/{_VERSION}", "base": shared, "messages": own}
    if campaign is not None:
        job["campaign"] = campaign
    content = {"to": numbers, "alike": alike, "params": params[0] if alike else params}
    return {**job, "sealed": sealing.seal(content)}


def read_job(data: object, sealing: Sealing) -> TaskJob:
    """The job that was written as *data*. Raises `DataError` for what is none, or cannot be opened."""
    return _read(data, lambda job: sealing.open(job["sealed"]))


def read_unopened(data: object) -> TaskJob:
    """The job that was written as *data*, without numbers and parameters. Raises `DataError` for what is none."""
    return _read(data, lambda job: {"to": [""] * len(job["messages"]), "alike": True, "params": {}})


def _read(data: object, content_of: Callable[[Mapping[str, Any]], Any]) -> TaskJob:
    job = _checked(data)
    try:
        content = content_of(job)
        rows, numbers, params = job["messages"], content["to"], content["params"]
        if content["alike"]:
            params = [params] * len(rows)
        parts = zip(rows, numbers, params, strict=True)
        messages = tuple(from_data({**job["base"], **row, "to": to, "params": own}, Message) for row, to, own in parts)
    except DataError:
        raise
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        failure = type(error).__name__
    else:
        return TaskJob(messages, job.get("campaign"))
    raise DataError(f"job: cannot be read: {failure}")


def _checked(data: object) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise DataError(f"job: must be a mapping, not {type(data).__name__}")
    job = cast("Mapping[str, Any]", data)
    name, _, version = str(job.get(_NAME, "")).partition("/")
    if name != "job":
        raise DataError("job: is none of smsgate's")
    if not version.isdecimal() or int(version) > _VERSION:
        raise DataError(f"job: {safe_text(version)} is of a later release of smsgate: update the workers first")
    return job
