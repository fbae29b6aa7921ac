"""smsgate for code that is not async: Django under WSGI, Flask, Celery, scripts. See docs/from-sync-code.md."""

from smsgate.sync.gateway import Gateway, GatewayArguments, run

__all__ = ["Gateway", "GatewayArguments", "run"]
