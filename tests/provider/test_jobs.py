"""Jobs that are made when they are asked for are those that would have been made at once."""

import attrs
import pytest
from fake_vendors import login, number
from hypothesis import given
from hypothesis import strategies as st

from smsgate import Job, Message, PhoneNumber, SmsProvider
from smsgate.huawei import HuaweiSms
from smsgate.provider import Batch, numbers_of
from smsgate.provider.jobs import AlikeJobs, calling_codes, with_reference
from smsgate.provider.texts import are_alike
from smsgate.tencent import TencentCloud, TencentV5

PROVIDERS: list[SmsProvider] = [
    TencentV5("1400006666", "key", sign="Acme"),
    TencentCloud("id", "key", sdk_app_id="1400006666", sign="Acme"),
    HuaweiSms("key", "secret", sender="isms1", base_url="https://huawei.example", signature="Acme"),
]
WORDS = st.sampled_from([None, "a", "b"])
NUMBERS = st.sampled_from([number(1), number(2), "+6581234567", "+14155552671", "+85291234567", "+79161234567"])


def alike(messages: list[Message]) -> tuple[AlikeJobs, list[Job]]:
    """The jobs of *messages*, made late and at once."""
    example = Job(messages[0], messages[0].to, "19", ("1",), "Acme", None, "7", text="Code 1")
    return AlikeJobs(example, messages), [attrs.evolve(example, message=each, to=each.to) for each in messages]


@given(st.lists(st.builds(Message, NUMBERS | NUMBERS.map(PhoneNumber), st.just("login")), min_size=1), st.slices(5))
def test_they_are_a_sequence(messages: list[Message], part: slice) -> None:
    """Its length, its items and its slices are those of the list, and so are the numbers."""
    late, made = alike(messages)
    assert (len(late), list(late), late[0], late[-1]) == (len(made), made, made[0], made[-1])
    assert list(late[part]) == made[part]
    assert numbers_of(late) == numbers_of(made) == [str(job.to) for job in made]
    assert are_alike(late)
    assert are_alike(made)


@given(st.lists(NUMBERS))
def test_calling_codes_are_those_of_the_numbers(numbers: list[str]) -> None:
    """Without a `PhoneNumber` for each, they are what it says."""
    assert calling_codes(numbers) == [PhoneNumber(each).calling_code for each in numbers]


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
@pytest.mark.parametrize("count", [1, 3])
def test_a_vendor_makes_the_same_request_of_them(provider: SmsProvider, count: int) -> None:
    """Whether its jobs were made late or at once is not to be seen in a request."""
    late, made = alike([login(number(index)) for index in range(count)])
    requests = [provider.build_request(Batch(jobs, "tag"), now=1.7e9, nonce="0" * 32) for jobs in (late, made)]
    assert requests[0] == requests[1]


@given(
    st.builds(
        Job,
        st.just(login(number(1))),
        NUMBERS.map(PhoneNumber),
        st.just("19"),
        st.just(("1",)),
        *[WORDS] * 4,
        text=WORDS,
    )
)
def test_a_copy_differs_in_its_reference_alone(job: Job) -> None:
    """A job with a reference of its own has all else of the job that it is made of, which is left as it was."""
    before = attrs.evolve(job)
    assert with_reference(job, "sgu.1") == attrs.evolve(before, reference="sgu.1")
    assert job == before
