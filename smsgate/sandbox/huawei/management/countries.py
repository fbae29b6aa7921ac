"""The countries that templates may be for; some of them, with ids of the sandbox's own.

Source: Huawei Cloud Message & SMS API Reference, 3.1.4.1.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from smsgate.sandbox.huawei.management.fields import read_query
from smsgate.sandbox.state.state import SandboxState
from smsgate.wire import HttpRequest

__all__ = ["NAMES", "list_all"]

_COUNTRIES: Final = (
    (1, "Afghanistan", "阿富汗"),
    (2, "Australia", "澳大利亚"),
    (3, "Brazil", "巴西"),
    (4, "Canada", "加拿大"),
    (5, "France", "法国"),
    (6, "Germany", "德国"),
    (7, "Hong Kong (China)", "中国香港"),
    (8, "India", "印度"),
    (9, "Indonesia", "印度尼西亚"),
    (10, "Ireland", "爱尔兰"),
    (11, "Italy", "意大利"),
    (12, "Japan", "日本"),
    (13, "Malaysia", "马来西亚"),
    (14, "Mexico", "墨西哥"),
    (15, "Netherlands", "荷兰"),
    (16, "Singapore", "新加坡"),
    (17, "South Africa", "南非"),
    (18, "Spain", "西班牙"),
    (19, "Thailand", "泰国"),
    (20, "United Kingdom", "英国"),
    (21, "United States", "美国"),
)
"""Id, name in English, name in Chinese."""

NAMES: Final[Mapping[int, str]] = MappingProxyType({id: name for id, name, _ in _COUNTRIES})


def list_all(state: SandboxState, request: HttpRequest, now: float) -> list[dict[str, Any]]:
    """GET country: those whose names contain what the query says, an array without an envelope."""
    query = read_query(request)
    english, chinese = query.get("country_name_en", "").lower(), query.get("country_name_zh", "")
    return [
        {"country_id": id, "country_name_en": name_en, "country_name_zh": name_zh}
        for id, name_en, name_zh in _COUNTRIES
        if english in name_en.lower() and chinese in name_zh
    ]
