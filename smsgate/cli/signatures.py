"""`smsgate signatures`: list, show, add and delete signatures."""

from pathlib import Path

import click

from smsgate.cli.accounts import account_options, managed, run_calls
from smsgate.cli.groups import SuggestingGroup
from smsgate.cli.output import show_record, show_records
from smsgate.management.client import ManagementClient
from smsgate.provider.management import SignatureAdmin, SignatureList
from smsgate.provider.records import SignatureRecord

__all__ = ["command"]


@click.group("signatures", cls=SuggestingGroup)
def command() -> None:
    """Signatures of an account: list, show, add, delete."""


@command.command("list")
@click.option("--id", "ids", multiple=True, help="Ask for these ids: for accounts that cannot list them all.")
@account_options
def list_signatures(ids: tuple[str, ...], config: Path, account: str | None, as_json: bool) -> None:
    """Every signature, with the state of its review."""
    if ids:
        admin = _admin(config, account)

        async def work(client: ManagementClient) -> list[SignatureRecord]:
            return [await client.run(admin.get_signature(each)) for each in ids]
    else:
        lister = managed(config, account, SignatureList, "list of signatures (--id asks for single ones)")  # type: ignore[type-abstract]

        async def work(client: ManagementClient) -> list[SignatureRecord]:
            return [record async for record in client.each(lister.list_signatures)]

    rows = [_row(record) for record in run_calls(work)]
    show_records(rows, as_json=as_json, empty="This account has no signatures.")


@command.command("show")
@click.argument("signature_id")
@account_options
def show_signature(signature_id: str, config: Path, account: str | None, as_json: bool) -> None:
    """One signature."""
    admin = _admin(config, account)
    show_record(_row(run_calls(lambda client: client.run(admin.get_signature(signature_id)))), as_json=as_json)


@command.command("add")
@click.option("--text", required=True, help="The signature, without brackets.")
@click.option("--picture", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A JPEG or PNG as proof.")
@click.option("--remark", default="", help="A note for the reviewer.")
@click.option("--international", is_flag=True, help="For numbers outside mainland China.")
@account_options
def add_signature(
    text: str,
    picture: Path | None,
    remark: str,
    international: bool,
    config: Path,
    account: str | None,
    as_json: bool,
) -> None:
    """Apply for a signature. It is reviewed before it can be used."""
    admin = _admin(config, account)
    call = admin.add_signature
    proof = picture.read_bytes() if picture else None
    record = run_calls(
        lambda client: client.run(call(text=text, picture=proof, remark=remark, international=international))
    )
    show_record(_row(record), as_json=as_json)


@command.command("delete")
@click.argument("signature_id")
@account_options
def delete_signature(signature_id: str, config: Path, account: str | None, as_json: bool) -> None:
    """Delete a signature."""
    admin = _admin(config, account)
    run_calls(lambda client: client.run(admin.delete_signature(signature_id)))
    show_record({"provider": admin.name, "id": signature_id, "deleted": True}, as_json=as_json)


def _admin(config: Path, account: str | None) -> SignatureAdmin:
    return managed(config, account, SignatureAdmin, "signatures")  # type: ignore[type-abstract]


def _row(record: SignatureRecord) -> dict[str, object]:
    return {
        "provider": record.provider,
        "id": record.id,
        "text": record.text,
        "state": record.state,
        "review": record.review,
    }
