"""The sandbox's TOML file, and templates as the vendors write them."""

from pathlib import Path
from typing import Any

import pytest
from sandbox_callers import HuaweiCaller, TencentCaller

from smsgate.model.errors import ConfigurationError
from smsgate.sandbox import PushSettings, Sandbox, SandboxConfig, SandboxTemplate

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
