"""Bad input to Huawei's management API: a clear error that names the argument, before anything is sent."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from huawei_account import PROJECT_ID, by_key, by_user
from own_frames import own_frames

from smsgate import ConfigurationError, InvalidCallError
from smsgate.huawei import HuaweiManagement, VariableAttribute
from smsgate.model.secret import Secret
from smsgate.provider.management import SignatureAdmin, SignatureList, TemplateAdmin
from smsgate.provider.records import TemplateKind

ACCOUNT: Any = by_key()
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TEMPLATE: dict[str, Any] = {"name": "login", "text": "Your code is ${1}."}
INTERNATIONAL: Any = by_key(region="intl")
EUROPEAN: Any = by_key(region="eu")

BAD_CALLS: list[tuple[Callable[[], object], str]] = [
    (lambda: ACCOUNT.list_apps(offset=-1), "offset: must be 0 or more"),
    (lambda: ACCOUNT.list_templates(offset=True), "offset: must be 0 or more"),
    (lambda: ACCOUNT.list_templates(limit=0), "limit: must be from 1 to 100"),
    (lambda: ACCOUNT.list_signatures(limit=101), "limit: must be from 1 to 100"),
    (lambda: ACCOUNT.list_signatures(limit=10.0), "limit: must be from 1 to 100"),
    (lambda: ACCOUNT.list_apps(start_time=NOON, end_time=NOON.replace(hour=11)), "end_time: is before start_time"),
    (lambda: ACCOUNT.list_apps(start_time=NOON.replace(tzinfo=None)), "start_time: must be aware (with a time zone)"),
    (lambda: ACCOUNT.list_templates(end_time=7), "end_time: must be text that is not empty, or an aware datetime"),
    (lambda: ACCOUNT.list_apps(region="cn-north-4"), "region: must be one of 'cn', 'intl', 'eu'"),
    (lambda: ACCOUNT.count_apps(region="mars"), "region: must be one of 'cn', 'intl', 'eu'"),
    (lambda: ACCOUNT.add_app(app_name="a", region=""), "region: must be one of 'cn', 'intl', 'eu'"),
    (lambda: ACCOUNT.list_apps(sort_dir="up"), "sort_dir: must be one of 'asc', 'desc'"),
    (lambda: ACCOUNT.list_apps(app_name=" "), "app_name: must be text that is not empty"),
    (lambda: ACCOUNT.list_templates(template_name="a\nb"), "template_name: has a character that cannot be printed"),
    (lambda: ACCOUNT.list_templates(flow_status="approved"), "flow_status: must be one of 'Adopted', 'Reviewing', "),
    (lambda: ACCOUNT.list_templates(has_variable=True), "has_variable: must be one of 'Yes', 'No'"),
    (lambda: ACCOUNT.list_countries(country_name_en=""), "country_name_en: must be text that is not empty"),
    (lambda: ACCOUNT.get_app(""), "id: must be an id that Huawei issued"),
    (lambda: ACCOUNT.get_app(".."), "id: must be an id that Huawei issued"),
    (lambda: ACCOUNT.modify_app("a/b", app_name="a"), "id: must be an id that Huawei issued"),
    (lambda: ACCOUNT.get_template("a b"), "id: must be an id that Huawei issued"),
    (lambda: ACCOUNT.delete_template("x" * 65), "id: must be an id that Huawei issued"),
    (lambda: ACCOUNT.list_template_variables(7), "id: must be an id that Huawei issued"),
    (lambda: ACCOUNT.delete_templates([]), "ids: must be a list of 1 to 50 ids"),
    (lambda: ACCOUNT.delete_templates(["a"] * 51), "ids: must be a list of 1 to 50 ids"),
    (lambda: ACCOUNT.delete_templates("abc"), "ids: must be a list of 1 to 50 ids"),
    (lambda: ACCOUNT.delete_templates(["a", "b/c"]), "ids[1]: must be an id that Huawei issued"),
    (lambda: ACCOUNT.add_app(app_name=""), "app_name: must be text that is not empty"),
    (lambda: ACCOUNT.add_app(app_name="a" * 1025), "app_name: at most 1024 characters, not 1025"),
    (lambda: ACCOUNT.add_app(app_name="a", up_link_addr=""), "up_link_addr: must be text that is not empty"),
    (lambda: ACCOUNT.add_template(name="", text="t"), "name: must be text that is not empty"),
    (lambda: ACCOUNT.add_template(name="n", text="x" * 501), "text: at most 500 characters, not 501"),
    (lambda: ACCOUNT.add_template(name="n", text="\0"), "text: has a character that cannot be printed"),
    (
        lambda: ACCOUNT.add_template(**TEMPLATE, kind=TemplateKind.VOICE),
        "kind: Huawei has VERIFICATION, NOTIFICATION, ",
    ),
    (lambda: ACCOUNT.add_template(**TEMPLATE, remark="\0"), "remark: has a character that cannot be printed"),
    (lambda: ACCOUNT.add_template(**TEMPLATE, sign_id=" "), "sign_id: must be an id that Huawei issued"),
    (lambda: ACCOUNT.add_template(**TEMPLATE, brackets="[]"), "brackets: must be one of 'CN', 'GB'"),
    (
        lambda: ACCOUNT.modify_template("t", **TEMPLATE, flow_status="Adopted"),
        "flow_status: must be one of 'Pending', ",
    ),
    (lambda: by_key(app_id=None).add_template(**TEMPLATE), "app_id: which application? Give it here or to HuaweiMan"),
    (lambda: by_key(app_id=None).add_signature(text="Acme"), "app_id: which application? Give it here or to HuaweiM"),
    (lambda: ACCOUNT.add_template(**TEMPLATE, send_country=[1]), "send_country: not for templates of mainland China"),
    (lambda: INTERNATIONAL.add_template(**TEMPLATE, send_country=[0]), "send_country: must be ids from list_countrie"),
    (lambda: INTERNATIONAL.add_template(**TEMPLATE, send_country=["1"]), "send_country: must be ids from list_countr"),
    (lambda: EUROPEAN.add_template(**TEMPLATE), 'send_country: needed in the region "eu"'),
    (
        lambda: ACCOUNT.add_template(
            **TEMPLATE, variable_attributes=[VariableAttribute(variable_index=1, variable_type="TEXT")]
        ),
        "variable_attributes[0]: variable_desc is needed for TEXT",
    ),
    (
        lambda: ACCOUNT.add_template(**TEMPLATE, variable_attributes=[{"variable_index": 1}]),
        "variable_attributes[0]: must be a VariableAttribute",
    ),
    (
        lambda: ACCOUNT.add_signature(text="【Acme】"),
        "text: write the approved name without 【】: the vendor adds the brackets",
    ),
    (lambda: ACCOUNT.add_signature(text=None), "text: must be text that is not empty"),
    (
        lambda: ACCOUNT.add_signature(text="Acme", picture=b"x"),
        "picture: upload it with upload_file(), and give its id",
    ),
    (
        lambda: ACCOUNT.add_signature(text="Acme", international=True),
        "international: Huawei has signatures for mainland",
    ),
    (
        lambda: ACCOUNT.add_signature(text="Acme", signature_source=6),
        "signature_source: must be one of 0, 1, 2, 3, 4, 5",
    ),
    (lambda: ACCOUNT.add_signature(text="Acme", file_id=""), "file_id: must be an id that Huawei issued"),
    (
        lambda: ACCOUNT.modify_signature("s", text="A", kind=TemplateKind.UNKNOWN),
        "kind: Huawei has VERIFICATION, NOTIF",
    ),
    (lambda: ACCOUNT.upload_file(b"", name="x.png"), "file: is empty"),
    (lambda: ACCOUNT.upload_file(b"x", name=""), "name: must be the name of a file"),
    (lambda: ACCOUNT.upload_file(b"x", name='a"b.png'), "name: must be the name of a file"),
    (lambda: ACCOUNT.upload_file(b"x", name="a\r\nb.png"), "name: must be the name of a file"),
    (lambda: ACCOUNT.upload_file(Path("all.png"), name="all.png"), "file: must be bytes, not PosixPath"),
    (lambda: ACCOUNT.upload_file(7, name="a.png"), "file: must be bytes, not int"),
    (lambda: ACCOUNT.upload_file(b"x", name="x.png", file_desc="\0"), "file_desc: has a character that cannot be"),
    (lambda: ACCOUNT.get_file("a/b"), "file_id: must be an id that Huawei issued"),
    (lambda: ACCOUNT.metric_statistics({"a": ""}), "a: must be text that is not empty"),
]


@pytest.mark.parametrize(("make", "words"), BAD_CALLS)
def test_bad_arguments(make: Callable[[], object], words: str) -> None:
    """An argument that cannot be right is named before there is a request."""
    with pytest.raises(InvalidCallError) as caught:
        make()
    assert str(caught.value).startswith(words)


def test_unknown_keyword() -> None:
    """A keyword that a method does not have is a TypeError, as everywhere in Python."""
    with pytest.raises(TypeError, match="colour"):
        ACCOUNT.add_template(**TEMPLATE, colour="red")
    with pytest.raises(TypeError, match="picture"):
        ACCOUNT.modify_signature("s", text="Acme", picture=b"x")


KEY: dict[str, Any] = {"access_key": "canary-key", "secret_key": "canary-secret"}
USER: dict[str, Any] = {
    "user": "user",
    "password": "canary-password",
    "domain": "domain",
    "project": "eu-west-101",
    "iam_url": "https://iam.example",
}
BAD_OPTIONS: list[tuple[dict[str, Any], str]] = [
    ({}, "neither of two ways to call: give either user, password, domain, project, iam_url of an IAM user, or "),
    (KEY | USER, "both of two ways to call: "),
    (KEY | {"user": "user"}, "both of two ways to call: "),
    ({"access_key": "canary-key"}, "secret_key: is missing; it goes with access_key, secret_key"),
    ({**USER, "iam_url": None}, "iam_url: is missing; it goes with user, password, domain, project, iam_url"),
    ({**USER, "domain": None}, "domain: is missing; it goes with "),
    ({**USER, "domain": " "}, "domain: is empty, or has characters that do not print"),
    ({**USER, "user": "us\ner"}, "user: is empty, or has characters that do not print"),
    ({**USER, "password": "canary-password\n"}, "password: begins or ends with white space or a line break"),
    (
        {**USER, "iam_url": "https://canary-user:canary-password@iam.example"},
        "iam_url: must not have a user or passwor",
    ),
    ({**KEY, "secret_key": ""}, "secret_key: is empty"),
    ({**KEY, "access_key": "canary,key"}, "access_key: has a space, a quotation mark, a comma or a semicolon"),
    (
        {**KEY, "region": "cn-north-4"},
        "region: must be one of 'cn', 'intl', 'eu'; a cloud region such as 'cn-north-4' ",
    ),
    ({**KEY, "region": None}, "region: must be one of 'cn', 'intl', 'eu'"),
    ({**KEY, "project_id": "a/b"}, "project_id: must be an id that Huawei issued"),
    ({**KEY, "app_id": ""}, "app_id: must be an id that Huawei issued"),
    ({**KEY, "name": ""}, "name: must be text that is not empty"),
    ({**KEY, "base_url": "msgsms.example"}, "base_url: must begin with https://"),
    ({**KEY, "base_url": "https://msgsms.example/../v2"}, "base_url: has a path with"),
]


@pytest.mark.parametrize(("options", "words"), BAD_OPTIONS)
def test_bad_options(options: dict[str, Any], words: str) -> None:
    """An account that cannot work says which option is at fault, and shows no secret in any frame of ours."""
    given = {"project_id": PROJECT_ID, "base_url": "https://msgsms.example"} | options
    with pytest.raises(ConfigurationError) as caught:
        HuaweiManagement(**given)
    assert str(caught.value).startswith(words)
    own = own_frames(caught.value)
    assert own
    assert "canary" not in "".join(own) + str(caught.value)


def test_secrets_may_be_secrets() -> None:
    """Secrets are taken as text or as `Secret`, and an account shows neither."""
    signed = by_key(access_key=Secret("canary-access-key"), secret_key=Secret("canary-secret-key"))
    by_token = by_user(password=Secret("canary-password"))
    assert "canary" not in repr(signed) + repr(by_token) + repr(vars(signed)) + repr(vars(by_token))
    assert repr(signed) == "HuaweiManagement(name='huawei-management', host='msgsms.example:8443')"


def test_neutral_face() -> None:
    """The account is what tools that know no vendor ask for."""
    account = by_key()
    templates: TemplateAdmin = account
    signatures: SignatureAdmin = account
    lists: SignatureList = account
    assert isinstance(account, TemplateAdmin)
    assert isinstance(account, SignatureAdmin)
    assert isinstance(account, SignatureList)
    assert (templates.name, signatures.name) == ("huawei-management", "huawei-management")
    assert lists.list_signatures(offset=0, limit=1).name == "GET /v2/{project_id}/msgsms/signatures"
