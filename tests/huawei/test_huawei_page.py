"""docs/vendors/huawei.md speaks of every management call, and of no other."""

import re
from pathlib import Path

from smsgate.huawei import HuaweiManagement

PAGE = Path(__file__).parents[2] / "docs" / "vendors" / "huawei.md"


def test_every_call_is_in_the_table() -> None:
    """The first column of the table of calls has each public method once."""
    table = PAGE.read_text("utf-8").partition("### Calls")[2].partition("\n\n|")[2].partition("\n\n")[0]
    listed = [name for row in table.splitlines()[2:] for name in re.findall(r"`(\w+)`", row.split("|")[1])]
    methods = [name for name in dir(HuaweiManagement) if not name.startswith("_") and name not in ("address", "name")]
    assert sorted(listed) == sorted(methods)
