"""The check that a provider keeps nothing of a request: many run at the same time."""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, cast

from smsgate.provider.protocol import Batch, SmsProvider
from smsgate.testing.conformance.adapter import NONCE, NOW, Adapter, batch_of
from smsgate.testing.conformance.reading import read, refusal_of
from smsgate.testing.conformance.request_text import build, parts_of
from smsgate.testing.conformance.responses import accepted_rows
from smsgate.testing.contracts import expect

__all__ = ["check_state"]

_ADVICE = "Requests of a gateway run at the same time, so a provider keeps nothing of one: all is in the arguments"


def check_state(adapter: Adapter) -> None:
    """Whatever was built and read before, a batch has the same request, and a response says the same."""
    used, batch, other = adapter.make(), adapter.batch(), _other_batch(adapter)
    response = adapter.respond(batch, accepted_rows(adapter, batch))
    refusals = [adapter.refuse(other, code, "no") for code in (*adapter.request_refusals, adapter.unlisted)]
    due = list(read(adapter, batch, response, "a response"))
    for each in (batch, other, batch, other):
        request = build(used, each.jobs, "refuse takes the jobs")
        expect(
            parts_of(request) == parts_of(build(adapter.make(), each.jobs, "refuse takes the jobs")),
            "build_request: after requests for other jobs, the request is not that of a new provider with the same "
            f"batch, now and nonce. {_ADVICE}",
        )
    _check_read(adapter, used, batch, due, "after the request for another batch was built")
    for refusal in refusals:
        read(adapter, other, refusal, "a refusal", provider=used)
    _check_read(adapter, used, batch, due, "after other requests were refused")
    steps: dict[str, Callable[[], object]] = {
        "build_request": lambda: used.build_request(batch, now=NOW, nonce=NONCE),
        "parse_response": lambda: used.parse_response(batch, response),
    }
    for what, step in steps.items():
        before = dict(_state_of(used))
        step()
        changed = [name for name, value in _state_of(used) if name not in before or not _same(before[name], value)]
        expect(not changed, f"{what}: it changed the provider's {', '.join(changed)}. {_ADVICE}")


def _check_read(adapter: Adapter, used: SmsProvider, batch: Batch, due: object, when: str) -> None:
    response = adapter.respond(batch, accepted_rows(adapter, batch))
    found = list(read(adapter, batch, response, f"a response {when}", provider=used))
    expect(found == due, f"parse_response: {when}, a response was read otherwise than by a new provider. {_ADVICE}")


def _other_batch(adapter: Adapter) -> Batch:
    """A batch to other numbers, with another template and other values, as far as the provider takes them."""
    provider = adapter.make()
    values = [f"{value}8" for value in adapter.params]
    jobs = [
        adapter.job(adapter.numbers[-1], values, f"{adapter.template_id}7"),
        adapter.job(adapter.numbers[-1], values),
        adapter.job(adapter.numbers[-1]),
    ]
    return batch_of([next((job for job in jobs if refusal_of(adapter, provider, job) is None), jobs[-1])])


def _state_of(provider: SmsProvider) -> Iterator[tuple[str, object]]:
    """What the provider keeps, by name: containers are copied. What a `cached_property` keeps it makes of itself."""
    slots = [name for kind in type(provider).__mro__ for name in _names(getattr(kind, "__slots__", ()))]
    for name in dict.fromkeys([*getattr(provider, "__dict__", ()), *slots]):
        made = isinstance(getattr(type(provider), name, None), cached_property)
        if not made and name != "__dict__" and hasattr(provider, name):
            yield name, _copy(getattr(provider, name))


def _names(slots: Any) -> list[str]:
    return [slots] if isinstance(slots, str) else list(slots)


def _copy(value: object) -> object:
    if isinstance(value, dict):
        return {key: _copy(each) for key, each in cast("dict[object, object]", value).items()}
    if isinstance(value, list | tuple):
        return [_copy(each) for each in cast("list[object]", value)]
    return set(cast("set[object]", value)) if isinstance(value, set) else value


def _same(one: object, other: object) -> bool:
    return one is other or one == other
