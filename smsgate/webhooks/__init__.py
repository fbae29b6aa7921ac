"""Vendors' pushes: an ASGI app to mount anywhere, and `receive` for a view of your own.

It holds no sending secret and imports no vendor: each route is given the vendor's `parse_callback`.
"""

from smsgate.webhooks.app import CallbackApp, Counters
from smsgate.webhooks.receive import MAX_BODY, MAX_ITEMS, receive
from smsgate.webhooks.route import OpenDoorWarning, Route

__all__ = ["MAX_BODY", "MAX_ITEMS", "CallbackApp", "Counters", "OpenDoorWarning", "Route", "receive"]
