"""Calls about applications and countries.

Message & SMS API Reference, 3.1.3 and 3.1.4.1; the online edition of 2024 and the official SDK for the fields of
mainland China.
"""

from datetime import datetime
from functools import partial
from typing import Literal, TypedDict, Unpack

from smsgate.huawei.management.account import REGIONS, Account, Region, to_json
from smsgate.huawei.management.checks import check, id_problem, page_problem, span, span_problem, texts_problem
from smsgate.huawei.management.reading import read_list, read_one, read_page, read_record
from smsgate.huawei.management.records import HuaweiApp, HuaweiAppCount, HuaweiCountry
from smsgate.provider.call import Call
from smsgate.provider.checks import choice_problem, text_problem
from smsgate.provider.records import Page

__all__ = ["AppOptions", "ApplicationCalls"]


class AppOptions(TypedDict, total=False):
    """Further keywords of `add_app` and `modify_app`."""

    region: Region
    """Where it sends; the account's unless given."""
    up_link_addr: str
    """Where replies are posted. For mainland China."""
    create_sign_and_template: bool
    """Make a signature and a template to test with. For mainland China."""
    enterprise_project_id: str
    enterprise_project_name: str


class ApplicationCalls:
    """The part of `HuaweiManagement` that is about applications and countries."""

    _account: Account

    def list_apps(
        self,
        *,
        offset: int = 0,
        limit: int = 50,
        app_name: str | None = None,
        start_time: datetime | str | None = None,
        end_time: datetime | str | None = None,
        region: Region | None = None,
        sort_dir: Literal["asc", "desc"] | None = None,
        sort_key: str | None = None,
        status: str | None = None,
    ) -> Call[Page[HuaweiApp]]:
        """One page of the applications, of all regions unless *region* is given (Table 3-5).

        *start_time*, *end_time*: aware datetimes, or text as Huawei writes it. *sort_key*: `create_time` is the one
        that is known to work.
        """
        texts = {"app_name": app_name, "sort_key": sort_key, "status": status}
        check(
            page_problem(offset, limit),
            span_problem(start_time, end_time),
            choice_problem("region", region, REGIONS, optional=True),
            choice_problem("sort_dir", sort_dir, ("asc", "desc"), optional=True),
            texts_problem(texts),
        )
        query = {"limit": limit, "offset": offset, "region": region, "sort_dir": sort_dir, **texts}
        query |= span(start_time, end_time)
        return self._account.call("GET apps", _apps, query=query)

    def get_app(self, id: str) -> Call[HuaweiApp]:
        """One application."""
        check(id_problem("id", id))
        return self._account.call("GET apps/{id}", _one_app, id=id)

    def add_app(
        self, *, app_name: str, show_secret: bool | None = None, **options: Unpack[AppOptions]
    ) -> Call[HuaweiApp]:
        """Create an application. The response has its id, key and name, and with *show_secret* its secret."""
        document = {**_document(self._account, app_name, **options), "show_secret": show_secret}
        return self._account.call("POST apps", _one_app, body=to_json(document))

    def modify_app(self, id: str, *, app_name: str, **options: Unpack[AppOptions]) -> Call[HuaweiApp]:
        """Change an application. The response has its id, key and name."""
        check(id_problem("id", id))
        document = _document(self._account, app_name, **options)
        return self._account.call("PUT apps/{id}", _one_app, id=id, body=to_json(document))

    def count_apps(self, *, region: Region | None = None) -> Call[HuaweiAppCount]:
        """How many applications there may be and how many there are, in the account's region or in *region*."""
        check(choice_problem("region", region, REGIONS, optional=True))
        query = {"region": region or self._account.region}
        return self._account.call("GET apps-count", _count, query=query)

    def list_countries(
        self, *, country_name_en: str | None = None, country_name_zh: str | None = None
    ) -> Call[tuple[HuaweiCountry, ...]]:
        """The countries and regions that messages can be sent to; their ids are for templates' *send_country*."""
        query = {"country_name_en": country_name_en, "country_name_zh": country_name_zh}
        check(texts_problem(query))
        return self._account.call("GET country", _countries, query=query)


def _document(
    account: Account,
    app_name: str,
    *,
    region: Region | None = None,
    up_link_addr: str | None = None,
    create_sign_and_template: bool | None = None,
    enterprise_project_id: str | None = None,
    enterprise_project_name: str | None = None,
) -> dict[str, object]:
    texts = {
        "up_link_addr": up_link_addr,
        "enterprise_project_id": enterprise_project_id,
        "enterprise_project_name": enterprise_project_name,
    }
    check(
        text_problem("app_name", app_name),
        choice_problem("region", region, REGIONS, optional=True),
        texts_problem(texts),
    )
    return {
        "app_name": app_name,
        "region": region or account.region,
        "create_sign_and_template": create_sign_and_template,
        **texts,
    }


_app = partial(read_record, HuaweiApp)
_one_app = read_one(_app)
_apps = read_page(_app)
_count = read_one(partial(read_record, HuaweiAppCount))
_countries = read_list(partial(read_record, HuaweiCountry))
