"""What Huawei's management API gives back, under Huawei's own names.

Message & SMS API Reference, Tables 3-8, 3-16, 3-27, 3-32 and 3-49, with the names that the service really sends where
the tables have others, and the fields of the official SDK that the guide lacks (huaweicloudsdkmsgsms 3.1). Every field
may be missing. What came is kept in `raw`.
"""

from collections.abc import Mapping
from typing import Any

import attrs

from smsgate.model.secret import Secret

__all__ = [
    "HuaweiApp",
    "HuaweiAppCount",
    "HuaweiCountry",
    "HuaweiDeletion",
    "HuaweiFile",
    "HuaweiSignature",
    "HuaweiTemplate",
    "HuaweiTenant",
    "HuaweiVariable",
    "Record",
]


@attrs.frozen(kw_only=True)
class Record:
    """What all have."""

    raw: Mapping[str, Any] = attrs.field(factory=dict[str, Any], repr=False, hash=False)
    """The item as it came, without secrets."""


@attrs.frozen(kw_only=True)
class HuaweiTenant(Record):
    """The customer whom something belongs to."""

    customer_id: str | None = None
    customer_name: str | None = None
    enterprise_name: str | None = None


@attrs.frozen(kw_only=True)
class HuaweiApp(Record):
    """An application. Times are `2022-08-12 06:51:17`, UTC."""

    id: str | None = None
    """The primary key id, which the other calls take."""
    app_name: str | None = None
    app_key: str | None = attrs.field(default=None, repr=False)
    app_secret: Secret | None = None
    """Only in the response to `add_app(…, show_secret=True)`."""
    status: str | None = None
    """`CREATED`, `LAUNCHED`, `SUSPENDED` or `PROCESSING`."""
    region: str | None = None
    intl_channel_num: str | None = None
    """The channel number outside mainland China: the `sender` of `HuaweiSms`."""
    app_access_addr: str | None = None
    """The access address: the `base_url` of `HuaweiSms`."""
    up_link_addr: str | None = None
    """Where replies are posted."""
    ip_white_list: str | None = None
    omp_app_name: str | None = None
    create_time: str | None = None
    update_time: str | None = None
    customer_id: str | None = None
    resource_id: str | None = None
    developer_account: str | None = None
    industry: int | None = None
    enterprise_project_id: str | None = None
    enterprise_project_name: str | None = None
    protocol: str | None = None
    platform: str | None = None
    is_support_multiomp: bool | None = None
    tenant: HuaweiTenant | None = None


@attrs.frozen(kw_only=True)
class HuaweiAppCount(Record):
    """How many applications there may be, and how many there are."""

    total: int | None = None
    used: int | None = None


@attrs.frozen(kw_only=True)
class HuaweiCountry(Record):
    """A country or region that messages can be sent to."""

    country_id: int | None = None
    country_name_en: str | None = None
    country_name_zh: str | None = None


@attrs.frozen(kw_only=True)
class HuaweiTemplate(Record):
    """A template. Times are `2022-08-12 06:51:17`, UTC."""

    id: str | None = None
    """The primary key id, which the other calls take."""
    template_id: str | None = None
    """What a send takes; there once the platform has the template."""
    template_name: str | None = None
    template_type: str | None = None
    """`VERIFY_CODE_TYPE`, `NOTIFY_TYPE` or `PROMOTION_TYPE`."""
    template_content: str | None = None
    template_desc: str | None = None
    flow_status: str | None = None
    """The review: `Pending`, `Reviewing`, `Adopted`, `Reject` or `Disable`."""
    status: str | None = None
    review_desc: str | None = None
    """The reviewer's text."""
    review_order: str | None = None
    """The reviewer's account."""
    has_variable: str | None = None
    """`Yes` or `No`."""
    universal_template: int | None = None
    """1 for a general template, which needs a signature with each send."""
    region: str | None = None
    site: str | None = None
    brackets: str | None = None
    app_name: str | None = None
    app_key: str | None = attrs.field(default=None, repr=False)
    sign_id: str | None = None
    """The signature's primary key id."""
    create_time: str | None = None
    update_time: str | None = None
    customer_id: str | None = None
    urge_status: str | None = None
    urge_time: str | None = None
    urge_desc: str | None = None
    send_country1: int | None = None
    send_country2: int | None = None
    send_country3: int | None = None
    country_name: str | None = None
    """The first three countries, with `~` between them."""
    is_support_multiomp: bool | None = None
    tenant: HuaweiTenant | None = None


@attrs.frozen(kw_only=True)
class HuaweiVariable(Record):
    """One variable of a template."""

    id: int | None = None
    user_name: str | None = None
    temp_name: str | None = None
    variable_index: int | None = None
    """From 1."""
    variable_type: str | None = None
    variable_length: int | None = None
    variable_desc: str | None = None


@attrs.frozen(kw_only=True)
class HuaweiDeletion(Record):
    """The outcome of deleting several templates."""

    success_ids: tuple[str, ...] = ()
    failed: Mapping[str, str] = attrs.field(factory=dict[str, str], hash=False)
    """Primary key id to why it was not deleted."""


@attrs.frozen(kw_only=True)
class HuaweiSignature(Record):
    """A signature. Times are `2022-08-12 06:51:17`, UTC."""

    id: str | None = None
    """The primary key id, which the other calls take."""
    signature_id: str | None = None
    signature_name: str | None = None
    signature_type: str | None = None
    """`VERIFY_CODE_TYPE`, `NOTIFY_TYPE` or `PROMOTION_TYPE`."""
    signature_source: int | None = None
    """What it is the name of: 0 an enterprise, 1 a website, 2 an app, 3 a public account, 4 a shop, 5 a trademark."""
    status: str | None = None
    review_desc: str | None = None
    """The reviewer's text."""
    channel_num: str | None = None
    """The channel number in mainland China, once approved and set up: the `sender` of `HuaweiSms`."""
    app_name: str | None = None
    app_key: str | None = attrs.field(default=None, repr=False)
    apply_desc: str | None = None
    is_involved_third: str | None = None
    file_id: str | None = None
    power_attorney_file_id: str | None = None
    source_title_content: str | None = None
    signature_usage: str | None = None
    qualification_id: str | None = None
    qualification_name: str | None = None
    site: str | None = None
    create_time: str | None = None
    update_time: str | None = None
    customer_id: str | None = None
    urge_status: str | None = None
    urge_time: str | None = None
    urge_desc: str | None = None
    tenant: HuaweiTenant | None = None


@attrs.frozen(kw_only=True)
class HuaweiFile(Record):
    """A file that was uploaded as proof."""

    file_id: str | None = None
    file_name: str | None = None
    file_desc: str | None = None
    file_size: int | None = None
    """Bytes."""
    file_type: int | None = None
    file_ref: int | None = None
    module_type: int | None = None
    operator: str | None = None
    update_time: str | None = None
