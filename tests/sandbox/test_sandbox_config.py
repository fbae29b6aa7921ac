"""The sandbox's TOML file, and templates as the vendors write them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sandbox_callers import NOW, HuaweiCaller, TencentCaller
from sandbox_managers import control

from smsgate.model.errors import ConfigurationError
from smsgate.sandbox import PushSettings, Sandbox, SandboxConfig, SandboxTemplate, Seed

TOML = """
[tencent]
signatures = ["Contoso"]

[[tencent.templates]]
id = 20
text = "Your parcel {1} is at {2}."

[[huawei.templates]]
id = "parcels"
text = "You have ${NUM_5} parcels at ${TXT_20}."
"""


def test_file_adds_to_the_built_in_ones(tmp_path: Path) -> None:
    """Templates and signatures of the file are known beside the built-in ones."""
    path = tmp_path / "sandbox.toml"
    path.write_text(TOML, "utf-8")
    tencent = TencentCaller(Sandbox(SandboxConfig.load(path)))
    huawei = HuaweiCaller(tencent.sandbox)
    assert tencent.sendsms(tpl_id=20, params=["7", "the gate"], sign="Contoso")["result"] == 0
    assert tencent.sendsms()["result"] == 0
    assert huawei.form(templateId="parcels", templateParas='["3","the gate"]')[0] == 200
    assert [message.text for message in tencent.sandbox.messages] == [
        "【Contoso】Your parcel 7 is at the gate.",
        "【Acme】Your code is 4821, valid for 5 minutes.",
        "【Acme】You have 3 parcels at the gate.",
    ]


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ({"tencnet": {}}, "tencnet"),
        ({"tencent": {"templates": [{"id": "1"}]}}, "text"),
        ({"tencent": {"templates": [{"id": "1", "text": "x", "kind": "love letter"}]}}, "kind"),
        ({"tencent": {"templates": [{"id": True, "text": "x"}]}}, "id"),
        ({"tencent": {"templates": [{"id": "login", "text": "x"}]}}, "number"),
        ({"huawei": {"templates": [{"id": "1", "text": ["x"]}]}}, "text"),
        ({"huawei": {"signature": ["Acme"]}}, "signature"),
    ],
)
def test_mistake_in_the_file_is_named(value: dict[str, Any], named: str) -> None:
    """A wrong key or value is an error that names it."""
    with pytest.raises(ConfigurationError, match=named):
        SandboxConfig.parse(value)


@pytest.mark.parametrize(("content", "words"), [(b"[tencent", "is not TOML"), (b"\xff", "is not TOML"), (None, "read")])
def test_unreadable_file_is_named(tmp_path: Path, content: bytes | None, words: str) -> None:
    """A file that is missing or no TOML is an error that names it."""
    path = tmp_path / "broken.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=rf"broken\.toml: .*{words}"):
        SandboxConfig.load(path)


def test_repeated_placeholder_is_one_parameter() -> None:
    """Tencent's placeholders are numbered: one may come twice, in any order."""
    template = SandboxTemplate("tencent", "1", "{2} and {1} and {2}")
    assert template.param_count == 2
    assert template.render(["a", "b"]) == "b and a and b"
    assert template.match("b and a and b") == ("a", "b")
    assert template.match("b or a") is None


def test_template_without_placeholders_takes_none() -> None:
    """A fixed text has no parameters and matches itself only."""
    template = SandboxTemplate("tencent", "1", "Welcome (really)!")
    assert (template.param_count, template.render([])) == (0, "Welcome (really)!")
    assert template.match("Welcome (really)!") == ()
    assert template.match("Welcome really!") is None


def test_gap_in_the_numbers_is_filled_with_nothing() -> None:
    """A template that uses {1} and {3} still takes three parameters."""
    template = SandboxTemplate("tencent", "1", "{1}-{3}")
    assert template.param_count == 3
    assert template.match("a-c") == ("a", "", "c")


def test_pushes_are_read_from_the_file() -> None:
    """The section `[pushes]` sets what an argument does not."""
    config = SandboxConfig.parse({"pushes": {"tencent_callback": "http://127.0.0.1:1/", "sign": True, "copies": 3}})
    assert config.pushes == PushSettings(tencent_callback="http://127.0.0.1:1/", sign=True, copies=3)
    assert Sandbox(config).push_settings is config.pushes
    assert Sandbox(config, pushes=PushSettings()).push_settings == PushSettings()
    assert "127.0.0.1" not in repr(config)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"report_delay": -1}, "report_delay: must be seconds"),
        ({"late_by": 1e10}, "late_by: must be seconds"),
        ({"retry_after": float("nan")}, "retry_after: must be seconds"),
        ({"copies": 0}, "copies: must be 1 to 1000"),
        ({"tencent_callback": "ftp://127.0.0.1/"}, "tencent_callback: must be a URL"),
        ({"huawei_callback": "http:///report"}, "huawei_callback: must be a URL"),
        ({"huawei_callback": "http://127.0.0.1/a b"}, "huawei_callback: must be a URL"),
        ({"sign": "yes"}, r"pushes\.sign: true or false, not a text"),
        ({"callback": "http://127.0.0.1/"}, r"pushes\.callback: there is no such field \(did you mean"),
    ],
    ids=str,
)
def test_wrong_pushes_are_an_error(change: dict[str, Any], words: str) -> None:
    """What makes no sense is named, without its value."""
    with pytest.raises(ConfigurationError, match=f"sandbox config: .*{words}") as caught:
        SandboxConfig.parse({"pushes": change})
    assert "127.0.0.1" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('[tencent]\nsignature = ["Acme"]', "tencent.signature: there is no such field (did you mean 'signatures'?);"),
        ('[tencent]\nsignatures = "Acme"', "tencent.signatures: a list, […], not a text"),
        ("[tencent]\ntemplates = 5", "tencent.templates: a list, […], not a number"),
        ('tencent = "x"', "tencent: a table of fields, not a text"),
        (
            "[[tencent.templates]]\nid = 20\ntext = 5.5",
            "tencent.templates, number 1, text: a text, not a number with a",
        ),
        ("[[tencent.templates]]\nid = 20", "tencent.templates, number 1, text: is missing, a text"),
        (
            '[[tencent.templates]]\nid = 20\ntext = "x"\n[[tencent.templates]]\nid = 21\ntext = "x"\nkind = "song"',
            'tencent.templates, number 2, kind: one of "notice", "verification", "marketing"',
        ),
        ('[[tencent.templates]]\nid = "login"\ntext = "x"', "tencent.templates, number 1, id: is a number at tencent"),
        ("[tencent.account]\narrears = 1", "tencent.account.arrears: true or false, not a number"),
        ("[tencent.account]\nbalanse = 1", "tencent.account.balanse: there is no such field (did you mean 'balance'?)"),
        ('[tencent.account]\nallowed_ips = ["x"]', "tencent.account.allowed_ips: addresses and networks, as in"),
        ("[pushes]\ncopies = 0", "pushes.copies: must be 1 to 1000"),
        ('[pushes]\nreport_delay = "1"', "pushes.report_delay: a number, not a text"),
        ("[tencnet]", "tencnet: there is no such field (did you mean 'tencent'?); known are tencent, huawei, pushes"),
    ],
)
def test_file_table_and_key_are_named(tmp_path: Path, text: str, error: str) -> None:
    """An error has the file, the table, the key and what it takes, with the nearest name for a slip of the pen."""
    path = tmp_path / "sandbox.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigurationError) as caught:
        SandboxConfig.load(path)
    assert str(caught.value).startswith(f"{path}: {error}")


NAMES = "templates signatures account id text kind arrears balance allowed_ips".split()


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
        ),
    )
)
def test_no_raw_text_of_the_library(value: Any) -> None:
    """Whatever the file has: it is read, or the error is one of ours."""
    problem = ""
    try:
        SandboxConfig.parse({"tencent": value})
    except ConfigurationError as error:
        problem = str(error)
    assert not problem or problem.startswith("sandbox config: tencent")
    assert "$." not in problem
    assert "extra fields" not in problem


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"arears": True}, "arears: there is no such field (did you mean 'arrears'?)"),
        ({"balance": "9"}, "balance: a whole number, or null (in TOML leave it out), not a text"),
        ({"allowed_ips": ["10.0.0.0/33"]}, "allowed_ips: addresses and networks, as in 203.0.113.7 and 10.0.0.0/8"),
        ({"kind": "club"}, 'kind: one of "company", "individual"'),
        ({"exempt_numbers": "+8613788888888"}, "exempt_numbers: a list, […], not a text"),
    ],
    ids=str,
)
def test_account_has_the_same_error_whichever_way_it_comes(tmp_path: Path, changes: dict[str, Any], error: str) -> None:
    """A file, a seed, a POST body and Python: the same words, after the place."""
    rows = "\n".join(f"{name} = {json.dumps(value)}" for name, value in changes.items())
    config, seed = tmp_path / "sandbox.toml", tmp_path / "seed.toml"
    config.write_text(f"[tencent.account]\n{rows}\n", "utf-8")
    seed.write_text(f'[[accounts]]\nvendor = "tencent"\n{rows}\n', "utf-8")
    sandbox = Sandbox()
    with pytest.raises(ConfigurationError) as of_file:
        SandboxConfig.load(config)
    with pytest.raises(ConfigurationError) as of_seed:
        sandbox.plant(Seed.load(seed), now=NOW)
    found = control(sandbox, "/sandbox/account", {"vendor": "tencent", **changes})[1]["error"]
    with pytest.raises(ValueError, match=f"^{re.escape(found)}$"):
        sandbox.change_account("tencent", **changes)
    assert found.startswith(error)
    assert str(of_file.value) == f"{config}: tencent.account.{found}"
    assert str(of_seed.value) == f"{seed}: accounts, number 1: {found}"
