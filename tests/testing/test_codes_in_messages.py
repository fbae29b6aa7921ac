"""`code_for`, `wait_for` and what a verification code is."""

import re

import anyio
import anyio.to_thread
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate import Binding, Message, Template
from smsgate.sandbox import Sandbox
from smsgate.sandbox.verification_code import find_verification_code
from smsgate.testing import Outbox, SandboxGateway

NUMBER = "+8613788888888"
OTHER = "+8613788888889"
PARAMS = {"code": "4821", "minutes": "5"}

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("params", "text", "code"),
    [
        (("4821", "5"), "", "4821"),
        (("5", "48213"), "", "48213"),
        (("1234", "5678"), "", "1234"),
        (("123", "123456789", "12345678"), "", "12345678"),
        (("４８２１",), "", None),
        (("A-4821",), "code A-4821", "4821"),
        (("482 1",), "482 1", None),
        ((" 4821",), "x", None),
        (("4821\n",), "x", None),
        ((), "Your code is 4821, valid for 5 minutes.", "4821"),
        ((), "order 123456789012, code 9999", "9999"),
        ((), "订单0042已发货", "0042"),
        ((), "【12306】验证码4821", "4821"),
        ((), "【12306】您好", None),
        ((), "[4821] is your code", "4821"),
        ((), "٤٨٢١", None),
        (("5",), "", None),
    ],
)
def test_a_code_is_four_to_eight_digits(params: tuple[str, ...], text: str, code: str | None) -> None:
    """The first parameter that is 4 to 8 ASCII digits, else the first such run in the text, behind the signature."""
    assert find_verification_code(params, text) == code


@given(params=st.lists(st.text(alphabet="0123456789a ٣", max_size=10), max_size=4), text=st.text(max_size=30))
def test_a_code_is_nothing_else(params: list[str], text: str) -> None:
    """Whatever the message, the code is a parameter that is one, and if there is none a whole run of the text."""
    code = find_verification_code(params, text)
    whole = [each for each in params if each.isascii() and each.isdigit() and 4 <= len(each) <= 8]
    if whole:
        assert code == whole[0]
    elif code is not None:
        assert code in [run for run in re.findall("[0-9]+", text) if 4 <= len(run) <= 8]


async def test_code_for_is_of_the_newest_message() -> None:
    """Both gateways read the code off the newest message to the number, however it is written."""
    for gateway in (Outbox(default_region="CN"), SandboxGateway(default_region="CN")):
        for number, code in ((NUMBER, "1111"), (NUMBER, "2222"), (OTHER, "3333")):
            await gateway.send(Message(number, "login-code", {"code": code, "minutes": "5"}))
        assert gateway.code_for(NUMBER) == gateway.code_for("137 8888 8888") == "2222"
        assert gateway.code_for(OTHER) == "3333"


async def test_code_for_goes_by_the_order_of_the_template() -> None:
    """Of several parameters that look like codes the first in the template's order counts, not that of the call."""
    template = Template("x", params=["code", "order"], ids={"outbox": Binding("1", params=["order", "code"])})
    outbox = Outbox(templates=[template])
    await outbox.send(Message(NUMBER, "x", {"order": "20261125", "code": "4821"}))
    assert outbox.code_for(NUMBER) == "4821"


async def test_code_for_reads_the_text_of_a_template() -> None:
    """Where no parameter is a code, the text of the declared template is read as the phone shows it."""
    template = Template("x", params=["code"], text="Code {code}.", ids={"tencent-v5": "77"})
    for gateway in (Outbox(templates=[template]), SandboxGateway(templates=[template])):
        await gateway.send(Message(NUMBER, "x", {"code": "G-4821"}))
        assert gateway.code_for(NUMBER) == "4821"


async def test_no_code_fails_the_test() -> None:
    """A message without a code, and no message at all, are assertions with the number masked."""
    for gateway in (Outbox(), SandboxGateway()):
        with pytest.raises(AssertionError, match="no message was accepted for"):
            gateway.code_for(NUMBER)
        await gateway.send(Message(NUMBER, "login-code", {"code": "12", "minutes": "5"}))
        with pytest.raises(AssertionError, match=r"newest message to \+86\*+8888 has no code") as caught:
            gateway.code_for(NUMBER)
        assert NUMBER not in str(caught.value)


@pytest.mark.parametrize("kind", [Outbox, SandboxGateway])
async def test_wait_for_gives_what_is_sent_in_the_background(kind: type[Outbox] | type[SandboxGateway]) -> None:
    """It returns once another task has sent the message, and gives the messages to one number one by one."""
    gateway = kind()
    sent = anyio.Event()

    async def background() -> None:
        await sent.wait()
        for number, code in ((OTHER, "1111"), (NUMBER, "2222"), (NUMBER, "3333")):
            await gateway.send(Message(number, "login-code", {"code": code, "minutes": "5"}))

    async with anyio.create_task_group() as group:
        group.start_soon(background)
        sent.set()
        first = await gateway.wait_for(NUMBER, timeout=60)
        second = await gateway.wait_for(NUMBER, timeout=60)
    codes = [each.params["code"] if isinstance(each, Message) else each.code for each in (first, second)]
    assert codes == ["2222", "3333"]
    assert await gateway.wait_for(OTHER) == gateway.last_to(OTHER)


async def test_wait_for_gives_each_message_once() -> None:
    """What was given is not given again, the same message sent twice is two, and `clear` leaves nothing to give."""
    outbox, message = Outbox(), Message(NUMBER, "login-code", PARAMS)
    await outbox.send(message)
    await outbox.send(message)
    assert await outbox.wait_for(NUMBER) is await outbox.wait_for(NUMBER) is message
    with pytest.raises(AssertionError, match=r"no further message was accepted within 0 seconds for \+86\*+8888"):
        await outbox.wait_for(NUMBER, timeout=0)
    await outbox.send(message)
    outbox.clear()
    with pytest.raises(AssertionError, match="nothing was accepted at all"):
        await outbox.wait_for(NUMBER, timeout=0)
    await outbox.send(message)
    assert await outbox.wait_for(NUMBER, timeout=0) is message


async def test_wait_for_ends_in_an_assertion() -> None:
    """Without a message it fails after the timeout, and says to whom there are messages."""
    gateway = SandboxGateway()
    await gateway.send(Message(OTHER, "login-code", PARAMS))
    with pytest.raises(
        AssertionError, match=r"within 0\.01 seconds for \+86\*+8888; accepted were messages to \+86\*+8889"
    ):
        await gateway.wait_for(NUMBER, timeout=0.01)


async def test_wait_for_hears_of_other_threads_and_gateways() -> None:
    """The message may come from another event loop in a thread, by another gateway over the same sandbox."""
    sandbox = Sandbox()
    waiting, sending = SandboxGateway(sandbox=sandbox), SandboxGateway(sandbox=sandbox)

    async def send() -> None:
        await sending.send(Message(NUMBER, "login-code", PARAMS))

    async with anyio.create_task_group() as group:
        group.start_soon(anyio.to_thread.run_sync, anyio.run, send)
        assert (await waiting.wait_for(NUMBER, timeout=60)).code == "4821"
