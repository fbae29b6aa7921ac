"""Where Huawei Cloud's own hosts are: "Endpoints" of each region, in China and in Europe."""

from typing import Final

__all__ = ["DOMAINS"]

DOMAINS: Final = ("myhuaweicloud.com", "myhuaweicloud.eu")
