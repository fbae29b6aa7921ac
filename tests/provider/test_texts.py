"""Whether the jobs of a request are alike is found quickly, and says no less than comparing all of each."""

from urllib.parse import parse_qs

import attrs
from fake_vendors import login, number
from hypothesis import given
from hypothesis import strategies as st

from smsgate import Job, PhoneNumber
from smsgate.huawei import HuaweiSms
from smsgate.provider import Batch
from smsgate.provider.texts import are_alike

WORDS = st.sampled_from([None, "a", "b"])
JOBS = st.builds(
    lambda index, template, params, signature, sender, extend: Job(
        login(number(index)), PhoneNumber(number(index)), template, params, signature, sender, extend
    ),
    st.integers(0, 9),
    st.sampled_from(["19", "20"]),
    st.sampled_from([("1",), ("2",)]),
    WORDS,
    WORDS,
    WORDS,
)


@given(st.lists(JOBS, min_size=1, max_size=4))
def test_jobs_are_alike_if_message_and_number_alone_differ(jobs: list[Job]) -> None:
    """All that a vendor may put into a request once is compared."""
    kinds = {(job.template_id, job.params, job.signature, job.sender, job.extend) for job in jobs}
    assert are_alike(jobs) is (len(kinds) == 1)


def test_a_signature_that_is_the_default_is_no_other_text() -> None:
    """Jobs that are written otherwise and have one text all the same are sent as one form, each number quoted."""
    huawei = HuaweiSms("key", "secret", sender="isms1", base_url="https://huawei.example", signature="Acme")
    first = Job(login(number(1)), PhoneNumber(number(1)), "19", ("1",))
    second = attrs.evolve(first, to=PhoneNumber(number(2)), signature="Acme")
    request = huawei.build_request(Batch((first, second), ""), now=1.7e9, nonce="0" * 32)
    assert request.url.endswith("/sms/batchSendSms/v1")
    assert parse_qs(request.body.decode())["to"] == [f"{number(1)},{number(2)}"]
