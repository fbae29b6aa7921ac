"""`smsgate templates`: list, show, add, modify and delete templates."""

from pathlib import Path
from typing import Any

import click

from smsgate.cli.accounts import account_options, managed, run_calls
from smsgate.cli.groups import SuggestingGroup
from smsgate.cli.output import show_record, show_records
from smsgate.management.client import ManagementClient
from smsgate.provider.management import TemplateAdmin
from smsgate.provider.records import TemplateKind, TemplateRecord

__all__ = ["command"]

_KIND = click.Choice([str(kind).lower() for kind in TemplateKind if kind is not TemplateKind.UNKNOWN])


@click.group("templates", cls=SuggestingGroup)
def command() -> None:
    """Templates of an account: list, show, add, modify, delete."""


def _draft(function: Any) -> Any:
    for option in reversed(
        (
            click.option("--name", required=True, help="The template's name."),
            click.option("--text", required=True, help="The text, with the vendor's own placeholders."),
            click.option("--kind", type=_KIND, default="notification", show_default=True),
            click.option("--remark", default="", help="A note for the reviewer."),
            click.option("--international", is_flag=True, help="For numbers outside mainland China."),
        )
    ):
        function = option(function)
    return function


@command.command("list")
@account_options
def list_templates(config: Path, account: str | None, as_json: bool) -> None:
    """Every template, with the state of its review."""
    admin = _admin(config, account)

    async def work(client: ManagementClient) -> list[TemplateRecord]:
        return [record async for record in client.each(admin.list_templates)]

    rows = [_row(record) for record in run_calls(work)]
    show_records(rows, as_json=as_json, empty="This account has no templates.")


@command.command("show")
@click.argument("template_id")
@account_options
def show_template(template_id: str, config: Path, account: str | None, as_json: bool) -> None:
    """One template."""
    admin = _admin(config, account)
    show_record(_row(run_calls(lambda client: client.run(admin.get_template(template_id)))), as_json=as_json)


@command.command("add")
@_draft
@account_options
def add_template(config: Path, account: str | None, as_json: bool, kind: str, **draft: Any) -> None:
    """Apply for a template. It is reviewed before it can be sent."""
    admin = _admin(config, account)
    call = admin.add_template
    record = run_calls(lambda client: client.run(call(kind=TemplateKind(kind.upper()), **draft)))
    show_record(_row(record), as_json=as_json)


@command.command("modify")
@click.argument("template_id")
@_draft
@account_options
def modify_template(
    template_id: str, config: Path, account: str | None, as_json: bool, kind: str, **draft: Any
) -> None:
    """Change a template. It is reviewed again."""
    admin = _admin(config, account)
    call = admin.modify_template
    record = run_calls(lambda client: client.run(call(template_id, kind=TemplateKind(kind.upper()), **draft)))
    show_record(_row(record), as_json=as_json)


@command.command("delete")
@click.argument("template_id")
@account_options
def delete_template(template_id: str, config: Path, account: str | None, as_json: bool) -> None:
    """Delete a template. Sends that name it are refused from then on."""
    admin = _admin(config, account)
    run_calls(lambda client: client.run(admin.delete_template(template_id)))
    show_record({"provider": admin.name, "id": template_id, "deleted": True}, as_json=as_json)


def _admin(config: Path, account: str | None) -> TemplateAdmin:
    return managed(config, account, TemplateAdmin, "templates")  # type: ignore[type-abstract]


def _row(record: TemplateRecord) -> dict[str, object]:
    return {
        "provider": record.provider,
        "id": record.id,
        "send_id": record.send_id,
        "name": record.name,
        "kind": record.kind,
        "state": record.state,
        "review": record.review,
        "text": record.text,
    }
