"""What the simulated vendors push by themselves: delivery reports and replies, to the callbacks of the application."""

from smsgate.sandbox.pushes.push import Push
from smsgate.sandbox.pushes.settings import PushSettings

__all__ = ["Push", "PushSettings"]
