"""`smsgate send`: one message through the accounts of the settings file, with every attempt."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import anyio
import attrs
import click

from smsgate.cli.accounts import Interrupted, as_json_option, config_option, settings_from, with_options
from smsgate.cli.output import show_record, show_record_of
from smsgate.cli.params import params_option, to_params
from smsgate.cli.shared_rates import shared_rates
from smsgate.config.settings import Settings
from smsgate.model.errors import ConfigurationError, MessageError
from smsgate.model.message import Message
from smsgate.model.result import Attempt, Result
from smsgate.sending.preview import Preview, PreviewedProvider

__all__ = ["command"]


@click.command("send")
@click.option("--to", required=True, help="The recipient: +8613800138000, or a national number with --region.")
@click.option("--template", required=True, help="The name of a [templates.…] section.")
@params_option
@click.option("--provider", "providers", multiple=True, help="Only these accounts, in this order.")
@click.option("--key", help="Your own id of the message, which its delivery reports carry.")
@click.option("--region", "default_region", help="The region of a number without a country code: CN.")
@click.option("--dry-run", is_flag=True, help="Send nothing: show who would be tried, the text, its segments.")
@config_option
@as_json_option
@click.pass_context
def command(
    context: click.Context,
    to: str,
    template: str,
    params: tuple[str, ...],
    providers: tuple[str, ...],
    key: str | None,
    default_region: str | None,
    dry_run: bool,
    config: Path,
    as_json: bool,
) -> None:
    """Send one message. Exit status: 0 accepted, 1 refused or not sent, 3 it may have been sent.

    With --dry-run: 0 if it can be sent, 1 if it cannot.

    Ctrl+C waits for the vendor's response to a request that has left; a second one does not.
    """
    settings = settings_from(config)
    given = {} if default_region is None else {"default_region": default_region}
    message = Message(to, template, to_params(params), key=key)

    try:
        if dry_run:
            previewed = settings.gateway(**given).preview(message, providers=providers or None)
            _show_preview(previewed, as_json=as_json)
            context.exit(0 if previewed.problem is None else 1)
        result = _send(message, settings, given, providers)
    except (ConfigurationError, MessageError) as error:
        raise click.ClickException(with_options(str(error))) from None
    attempts: object = [attrs.asdict(each) for each in result.attempts]
    if not as_json:
        attempts = "; ".join(map(_words, result.attempts))
    show_record({**_row(result), "attempts": attempts}, as_json=as_json)
    context.exit({"ACCEPTED": 0, "UNKNOWN": 3}.get(result.outcome, 1))


def _send(message: Message, settings: Settings, given: Mapping[str, str], providers: Sequence[str]) -> Result:
    """The result, also if Ctrl+C comes meanwhile. Raises `Interrupted` if it is not known by then."""
    results: list[Result] = []

    async def main() -> None:
        async with (
            shared_rates(settings) as rates,
            settings.gateway(rates=rates, on_result=results.append, **given) as gateway,
        ):
            try:
                await gateway.send(message, providers=providers or None)
            except anyio.get_cancelled_exc_class():
                try:
                    click.echo("Interrupted: waiting for the vendor's response. Ctrl+C again stops waiting.", err=True)
                except KeyboardInterrupt:  # again, while that was said: leaving the gateway would wait all the same
                    await gateway.aclose(timeout=0)
                    raise
                raise

    try:
        anyio.run(main)
    except KeyboardInterrupt:  # `send` was cancelled, its request was not: closing the gateway has waited for it
        if not results:
            raise Interrupted("interrupted: the message may have been sent") from None
    return results[0]


def _show_preview(previewed: Preview, *, as_json: bool) -> None:
    problem = None if previewed.problem is None else with_options(previewed.problem)
    row = {
        "to": str(previewed.to),
        "text": previewed.text,
        "segments": previewed.segments,
        "order": list(previewed.order) if as_json else ", ".join(previewed.order) or None,
        "reason": previewed.reason,
        "problem": problem,
    }
    # The longest column comes last.
    names = sorted(attrs.fields_dict(PreviewedProvider), key=lambda name: name == "problem")
    providers = [{name: getattr(each, name) for name in names} for each in previewed.providers]
    show_record_of(row, "providers", providers, as_json=as_json)


def _words(attempt: Attempt) -> str:
    return f"{attempt.provider}: {attempt.reason or attempt.outcome} after {attempt.duration:.2f} s"


def _row(result: Result) -> dict[str, object]:
    return {
        "outcome": result.outcome,
        "provider": result.provider,
        "message_id": result.message_id,
        "reason": result.reason,
        "code": result.code,
        "description": result.description,
        "reference": result.reference,
        "segments": result.segments,
        "possible_duplicate": result.possible_duplicate,
    }
