"""Tencent Cloud SMS, simulated: the v5 interface and API 3.0."""
