"""The conformance kit: our own adapters and that of the documentation pass it, and each planted defect fails it."""

import base64
import json
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

import attrs
import planted_callbacks  # noqa: F401  # what these plant is in DEFECTS
import planted_requests  # noqa: F401
import planted_responses  # noqa: F401
import pytest
from docs_examples import example
from planted_defects import DEFECTS, Plant, defect, other, request
from vendor_samples import KEY, OURS, heron, heron_adapter, heron_source

from smsgate import Batch, ConfigurationError, HttpRequest, HttpResponse, Outcome, Reason, Verdict
from smsgate.provider import Callback, CallbackError, as_list, read_object
from smsgate.testing.conformance import Check, checks


@pytest.fixture(scope="module")
def module() -> ModuleType:
    """Heron, as adding-a-vendor.md says it."""
    return heron()


@pytest.mark.parametrize(
    "check", [pytest.param(each, id=f"{name}-{each}") for name in OURS for each in checks(OURS[name])]
)
def test_our_adapters_conform(check: Check) -> None:
    """Every check passes for every vendor of ours."""
    check()


def test_the_adapter_of_the_documentation_conforms(module: ModuleType) -> None:
    """Heron passes all of them."""
    found = checks(heron_adapter(module))
    assert len(found) == 22
    for check in found:
        check()


@defect("purity", "gave different requests")
def counts(module: ModuleType) -> dict[str, Any]:
    calls = iter(range(1000))
    return other(module, build_request=lambda self, batch, now, nonce: request({"n": next(calls)}))


@defect("purity", "it calls time.time. It must be a function of its arguments: now is the time")
def reads_the_clock(module: ModuleType) -> dict[str, Any]:
    return other(module, build_request=lambda self, batch, now, nonce: request({"at": time.time()}))


@defect("purity", "the request has today's time")
def has_a_clock_of_its_own(module: ModuleType) -> dict[str, Any]:
    today = time.strftime("%Y-%m-%dT%H:00:00Z", time.gmtime())
    return other(module, build_request=lambda self, batch, now, nonce: request({"at": today}))


@defect("purity", "it changed the batch")
def changes_the_batch(module: ModuleType) -> dict[str, Any]:
    def build(self: Any, batch: Batch, *, now: float, nonce: str) -> HttpRequest:
        batch.reference = "mine"
        return request({})

    return other(module, build_request=build)


@defect("facts", "batch_limit: must be a whole number from 1, not 0")
def has_no_limit(module: ModuleType) -> dict[str, Any]:
    return other(module, batch_limit=0)


@defect("facts", "repr: it shows a secret")
def shows_its_key(module: ModuleType) -> dict[str, Any]:
    return other(module, __repr__=lambda self: f"Heron({self._key.reveal()})")


@defect("facts", "batch_key: gave a list, which cannot be hashed")
def has_a_list_for_a_key(module: ModuleType) -> dict[str, Any]:
    return other(module, batch_key=lambda self, job: [job.template_id])


@defect("facts", "address: https://elsewhere.example is not where requests go")
def says_another_address(module: ModuleType) -> dict[str, Any]:
    return other(module, address=property(lambda self: "https://elsewhere.example", lambda self, value: None))


@defect("facts", "refuse: must give a text or None, not True")
def refuses_with_true(module: ModuleType) -> dict[str, Any]:
    return other(module, refuse=lambda self, job: True)


@defect(
    "batches", "two jobs with other parameters have equal batch_keys, but the request has the values of the first one"
)
def forgets_parameters_in_its_key(module: ModuleType) -> dict[str, Any]:
    return other(module, batch_key=lambda self, job: job.template_id)


@defect("batches", "two jobs with other templates have equal batch_keys")
def forgets_the_template_in_its_key(module: ModuleType) -> dict[str, Any]:
    return other(module, batch_key=lambda self, job: job.params)


@defect("batches", "the request lacks 99 of 100 numbers, though 100 jobs may share a request")
def sends_to_the_first_one(module: ModuleType) -> dict[str, Any]:
    def build(self: Any, batch: Batch, *, now: float, nonce: str) -> HttpRequest:
        job = batch.jobs[0]
        return request({"to": str(job.to), "text": job.template_id, "with": job.params})

    return other(module, build_request=build)


@defect("batches", "build_request: raised ValueError, though 100 jobs may share a request")
def takes_fewer_than_it_says(module: ModuleType) -> dict[str, Any]:
    def build(self: Any, batch: Batch, *, now: float, nonce: str) -> HttpRequest:
        if len(batch.jobs) > 50:
            raise ValueError("too many")
        built: HttpRequest = module.Heron.build_request(self, batch, now=now, nonce=nonce)
        return built

    return other(module, build_request=build)


def by_position(batch: Batch, response: HttpResponse) -> list[dict[str, Any]]:
    rows: list[Any] = list(as_list((read_object(response.body) or {}).get("rows")))
    return [row for row, _ in zip([*rows, *[{}] * len(batch.jobs)], batch.jobs, strict=False)]


@defect("numbers", "with the rows in another order, messages have the ids")
def matches_by_position(module: ModuleType) -> dict[str, Any]:
    def parse(self: Any, batch: Batch, response: HttpResponse) -> list[Verdict]:
        return [Verdict.accepted(str(row.get("id"))) for row in by_position(batch, response)]

    return other(module, parse_response=parse)


def by_number(module: ModuleType, missing: Verdict, *, last: bool = False) -> dict[str, Any]:
    """Rows by number, but what has none is *missing*; of several the first, or the *last*, counts."""

    def parse(self: Any, batch: Batch, response: HttpResponse) -> list[Verdict]:
        rows = list(as_list((read_object(response.body) or {}).get("rows")))
        found = {
            str(row["to"]): self._row(row).verdict for row in (rows if last else rows[::-1]) if isinstance(row, dict)
        }
        return [found.get(str(job.to)[1:], missing) for job in batch.jobs]

    return other(module, parse_response=parse)


@defect("numbers", "a number without a row, with a row missing, is REJECTED")
def refuses_what_has_no_row(module: ModuleType) -> dict[str, Any]:
    return by_number(module, Verdict(Outcome.REJECTED, Reason.REFUSED, "NONE", "no row"))


@defect("disagreeing rows", "that one row accepts and another refuses is REJECTED")
def believes_the_last_row(module: ModuleType) -> dict[str, Any]:
    return by_number(module, Verdict.unanswered("no row"), last=True)


def with_codes(module: ModuleType, reason: Reason, *, keep: bool = True) -> dict[str, Any]:
    """Every code that is not OK is that reason."""
    own = module.Heron.parse_response

    def parse(self: Any, batch: Batch, response: HttpResponse) -> list[Verdict]:
        changed = []
        for verdict in own(self, batch, response):
            if verdict.code is None:
                changed.append(verdict)
            else:
                code = verdict.code if keep else "?"
                changed.append(attrs.evolve(verdict, outcome=Outcome.REJECTED, reason=reason, code=code))
        return changed

    return other(module, parse_response=parse)


@defect("known codes", "the code STOP gave REFUSED with the code 'STOP', not UNSUBSCRIBED")
def knows_no_reasons(module: ModuleType) -> dict[str, Any]:
    return with_codes(module, Reason.REFUSED)


@defect("known codes", "gave UNSUBSCRIBED with the code '?', not UNSUBSCRIBED with 'STOP'")
def loses_the_code(module: ModuleType) -> dict[str, Any]:
    return with_codes(module, Reason.UNSUBSCRIBED, keep=False)


@defect(
    "unlisted codes",
    "the unlisted code 987654 of a number is REJECTED. It may mean anything, so the outcome is UNKNOWN",
)
def refuses_what_it_does_not_know(module: ModuleType) -> dict[str, Any]:
    return {**with_codes(module, Reason.REFUSED), "refusals": {}, "request_refusals": {}}


@defect("no envelope", "a proxy's page with status 500 is REJECTED. The vendor may have the message")
def believes_a_proxy(module: ModuleType) -> dict[str, Any]:
    own = module.Heron.parse_response

    def parse(self: Any, batch: Batch, response: HttpResponse) -> list[Verdict]:
        if response.status >= 500:
            return [Verdict(Outcome.REJECTED, Reason.PLATFORM_FAULT, "502", "down")] * len(batch.jobs)
        found: list[Verdict] = own(self, batch, response)
        return found

    return other(module, parse_response=parse)


@defect("no envelope", "parse_response: raised JSONDecodeError for half a response. It must never raise")
def raises_for_half_a_response(module: ModuleType) -> dict[str, Any]:
    own = module.Heron.parse_response

    def parse(self: Any, batch: Batch, response: HttpResponse) -> list[Verdict]:
        json.loads(response.body)
        found: list[Verdict] = own(self, batch, response)
        return found

    return other(module, parse_response=parse)


def saying(module: ModuleType, hide: Callable[[str], str]) -> dict[str, Any]:
    """A refusal says what the vendor said, but for what *hide* takes out."""
    own = module.Heron.parse_response

    def parse(self: Any, batch: Batch, response: HttpResponse) -> list[Verdict]:
        said = (read_object(response.body) or {}).get("text")
        text = hide(said) if isinstance(said, str) and said.isprintable() else ""
        found: list[Verdict] = own(self, batch, response)
        return [attrs.evolve(each, description=text) if text and each.code else each for each in found]

    return other(module, parse_response=parse)


@defect("masked errors", "the description has a parameter of the message")
def shows_parameters(module: ModuleType) -> dict[str, Any]:
    return saying(module, lambda text: text)


@defect("masked errors", "the description has a key")
def shows_keys(module: ModuleType) -> dict[str, Any]:
    return saying(module, lambda text: text.replace("482173", "****"))


@defect("masked errors", "the description has the number in full")
def shows_numbers(module: ModuleType) -> dict[str, Any]:
    return saying(module, lambda text: text.replace("482173", "****").replace(KEY, "****"))


@defect("fuzzed responses", "parse_response: raised")
def reads_carelessly(module: ModuleType) -> dict[str, Any]:
    own = module.Heron.parse_response

    def parse(self: Any, batch: Batch, response: HttpResponse) -> list[Verdict]:
        for row in (read_object(response.body) or {}).get("rows") or ():
            row["id"].strip()
        found: list[Verdict] = own(self, batch, response)
        return found

    return other(module, parse_response=parse)


def pushed(module: ModuleType, change: Callable[[Callback], Callback]) -> dict[str, Any]:
    """Its callbacks are read, then changed."""
    return {"parse_callback": lambda request, provider: change(module.parse_callback(request, provider=provider))}


def reports(**changes: Any) -> Callable[[Callback], Callback]:
    return lambda found: attrs.evolve(found, reports=tuple(attrs.evolve(each, **changes) for each in found.reports))


@defect("callback round trip", "the id 'id0' became 'x'")
def loses_ids(module: ModuleType) -> dict[str, Any]:
    return pushed(module, reports(message_id="x"))


@defect(
    "callback round trip", "a report of the code 'DELIVRD': provider must be the name that parse_callback was given"
)
def ignores_the_provider(module: ModuleType) -> dict[str, Any]:
    return pushed(module, reports(provider="heron"))


@defect("callback round trip", "a good push is answered with 404")
def answers_wrongly(module: ModuleType) -> dict[str, Any]:
    return pushed(module, lambda found: attrs.evolve(found, answer=HttpResponse(404)))


@defect("callback round trip", "1 reports were read of a push of 3")
def reads_the_first_one(module: ModuleType) -> dict[str, Any]:
    return pushed(module, lambda found: attrs.evolve(found, reports=found.reports[:1]))


@defect("unlisted report codes", "a report with an unlisted code is DELIVERED")
def takes_the_unknown_for_a_delivery(module: ModuleType) -> dict[str, Any]:
    from smsgate import DeliveryState

    def change(found: Callback) -> Callback:
        known = [
            attrs.evolve(each, state=DeliveryState.DELIVERED, reason=None) if each.reason is Reason.UNKNOWN else each
            for each in found.reports
        ]
        return attrs.evolve(found, reports=tuple(known))

    return pushed(module, change)


def lenient(module: ModuleType, *, keep: bool) -> dict[str, Any]:
    """Items are read by hand."""

    def parse(request: HttpRequest, provider: str) -> Callback:
        try:
            items = json.loads(request.body)
            found = [module.read_item(item, provider) for item in items if item.get("id") or not keep]
        except Exception:
            raise CallbackError("cannot be read", where="body") from None
        return Callback(tuple(found), (), HttpResponse(204))

    return {"parse_callback": parse}


@defect("bad items", "a report without an id raises no CallbackError. It would be answered with success, and lost")
def drops_bad_items(module: ModuleType) -> dict[str, Any]:
    return lenient(module, keep=True)


@defect("bad items", "of two good items beside a bad one, [] were read. One bad item must lose no other")
def drops_all_for_one(module: ModuleType) -> dict[str, Any]:
    return lenient(module, keep=False)


@defect("no push", "raises no CallbackError. It would be answered with success, and the vendor would not push again")
def takes_anything_for_a_push(module: ModuleType) -> dict[str, Any]:
    def parse(request: HttpRequest, provider: str) -> Callback:
        if not request.body.startswith(b"[") or not request.body.endswith(b"]"):
            return Callback((), (), HttpResponse(204))
        found: Callback = module.parse_callback(request, provider=provider)
        return found

    return {"parse_callback": parse}


@defect("fuzzed pushes", "It may raise CallbackError alone")
def reads_pushes_carelessly(module: ModuleType) -> dict[str, Any]:
    def parse(request: HttpRequest, provider: str) -> Callback:
        found: Callback = module.parse_callback(request, provider=provider)
        for report in found.reports:
            report.raw["at"].strip()
        return found

    return {"parse_callback": parse}


@defect("vector 0", "the body is not that of the vector, from byte 9: b'8613800138000\"]")
def signs_other_bytes(module: ModuleType) -> dict[str, Any]:
    def build(self: Any, batch: Batch, *, now: float, nonce: str) -> HttpRequest:
        built: HttpRequest = module.Heron.build_request(self, batch, now=now, nonce=nonce)
        return attrs.evolve(built, body=built.body.replace(b'"+', b'" ').replace(b'" ', b'"'))

    return other(module, build_request=build)


@defect("vector 0", "the header Authorization is not that of the vector, from byte 7: b'dGhl")
def signs_another_key(module: ModuleType) -> dict[str, Any]:
    encoded = base64.b64encode(KEY.encode()).decode()

    def build(self: Any, batch: Batch, *, now: float, nonce: str) -> HttpRequest:
        built: HttpRequest = module.Heron.build_request(self, batch, now=now, nonce=nonce)
        return attrs.evolve(built, headers=[("Authorization", f"Bearer {encoded}"), *built.headers.pairs[1:]])

    return other(module, build_request=build)


@pytest.mark.parametrize(("name", "text", "plant"), DEFECTS, ids=[plant.__name__ for _, _, plant in DEFECTS])
def test_a_planted_defect_is_found(name: str, text: str, plant: Plant) -> None:
    """The check that is for it fails, with a text that says what is wrong, and shows no key."""
    module = heron()
    adapter = heron_adapter(module, **plant(module))
    (check,) = [each for each in checks(adapter) if str(each) == name]
    with pytest.raises(AssertionError) as caught:
        check()
    assert str(caught.value).startswith(f"{name}: ")
    assert text in str(caught.value)
    assert KEY not in str(caught.value)


def test_every_check_has_a_defect_that_it_finds(module: ModuleType) -> None:
    """No check is there that nothing fails."""
    every = [*checks(heron_adapter(module, verify=bool)), *checks(heron_adapter(module, rows=False))]
    assert {str(each) for each in every} == {name for name, _, _ in DEFECTS}


def test_what_is_not_told_is_not_checked(module: ModuleType) -> None:
    """A vendor that pushes nothing, with no vectors, has the checks of requests and responses alone."""
    told = heron_adapter(module, parse_callback=None, push=None, vectors=[])
    assert len(checks(told)) == 16


def test_fuzzed_bodies_are_the_same_in_every_run(module: ModuleType) -> None:
    """The seed decides them, so that a failure comes again."""
    seen: list[bytes] = []

    def parse(self: Any, batch: Batch, response: HttpResponse) -> list[Verdict]:
        seen.append(response.body)
        return [Verdict.unanswered("none")] * len(batch.jobs)

    adapter = heron_adapter(module, **other(module, parse_response=parse))
    runs = []
    for seed in (0, 0, 1):
        (fuzz,) = [each for each in checks(adapter, seed=seed) if str(each) == "fuzzed responses"]
        fuzz()
        runs.append(seen.copy())
        seen.clear()
    assert runs[0] == runs[1] != runs[2]


def test_the_page_s_own_test_passes(pytester: pytest.Pytester) -> None:
    """What conformance.md shows is a test that runs with the adapter of adding-a-vendor.md, and needs nothing else."""
    (pytester.path / "heron_sms.py").write_text(heron_source(), "utf-8")
    (pytester.path / "test_heron.py").write_text(example("conformance.md", "test_heron.py"), "utf-8")
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=21)


@pytest.mark.parametrize("numbers", [["+6581234567"] * 4, ["+6581234567", "+6581234568"]])
def test_too_few_numbers(module: ModuleType, numbers: list[str]) -> None:
    """The checks need four numbers: fewer are refused as the adapter is made, not in the midst of a check."""
    with pytest.raises(ConfigurationError, match="numbers must be at least 4"):
        attrs.evolve(heron_adapter(module), numbers=numbers)


def test_numbers_that_the_vendor_does_not_take(module: ModuleType) -> None:
    """A vendor for some countries is told to give numbers of its own."""
    own = other(module, refuse=lambda self, job: "to: not ours")
    check = next(check for check in checks(attrs.evolve(heron_adapter(module), **own)) if str(check) == "facts")
    with pytest.raises(AssertionError, match=r"\(to: not ours\): give the Adapter template_id, params and numbers"):
        check()
