"""The command group of every command that has commands of its own."""

import click

from smsgate.model.masking import safe_text
from smsgate.model.suggestion import did_you_mean

__all__ = ["SuggestingGroup"]


class SuggestingGroup(click.Group):
    """Names the nearest command where there is none of the name given."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            known = self.list_commands(ctx)
            hint = did_you_mean(args[0], known) or f"; there are {', '.join(known)}"
            raise click.UsageError(f"there is no command {safe_text(args[0])!r}{hint}", ctx) from None
