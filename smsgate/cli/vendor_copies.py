"""What the vendors have of the templates and signatures of a settings file, for `doctor` and `lint`."""

from collections.abc import Iterator, Mapping
from typing import Final

import attrs

from smsgate.config.accounts import Account
from smsgate.config.settings import Settings
from smsgate.management.client import ManagementClient
from smsgate.management.findings import Finding, Level
from smsgate.model.errors import ConfigurationError, InvalidCallError, VendorError
from smsgate.model.message import Message
from smsgate.model.phone import PhoneNumber
from smsgate.model.reason import Reason
from smsgate.model.template import Binding, Template
from smsgate.provider.management import SignatureList, TemplateAdmin
from smsgate.provider.protocol import Job, SignsJobs, SmsProvider
from smsgate.provider.records import SignatureRecord, TemplateRecord

__all__ = ["Bound", "Copies", "Made", "bindings", "copies_of", "made_of"]

_MAINLAND: Final = PhoneNumber("+8613800138000")
_ABROAD: Final = PhoneNumber("+6581234567")


@attrs.frozen
class Made:
    """The objects of one account, as far as they can be made."""

    account: Account
    provider: SmsProvider | None = None
    manager: object | None = None
    """What makes its management calls, or those of another account of its vendor that does nothing else."""
    problem: str | None = None


@attrs.frozen
class Bound:
    """A template as one account sends it: to mainland China or, if *abroad*, to all other countries."""

    template: Template
    binding: Binding
    provider: SmsProvider
    abroad: bool

    @property
    def subject(self) -> str:
        """What a finding is about."""
        return f"{self.template.name} at {self.provider.name}{' (abroad)' if self.abroad else ''}"

    def job(self) -> Job:
        """A message of it with made-up values."""
        names = self.template.params if self.binding.params is None else self.binding.params
        to, values = _ABROAD if self.abroad else _MAINLAND, dict.fromkeys(self.template.params, "1")
        message, binding = Message(to, self.template.name, values), self.binding
        sample = ("1",) * len(names)
        return Job(
            message,
            to,
            binding.id,
            sample,
            binding.signature,
            binding.sender,
            binding.extend,
            text=self.template.render(values),
        )

    def record(self, copies: "Copies") -> TemplateRecord | None:
        """The vendor's copy."""
        return None if copies.templates is None else copies.templates.get(self.binding.id)

    def signature(self) -> str | None:
        """The signature that it is sent with; None if the provider does not say."""
        return self.provider.signature_of(self.job()) if isinstance(self.provider, SignsJobs) else None


@attrs.frozen
class Copies:
    """What a vendor lists for one account. None: it could not be asked for; *problem* says why."""

    templates: Mapping[str, TemplateRecord] | None = None
    """By the id that a send takes."""
    signatures: tuple[SignatureRecord, ...] | None = None
    problems: tuple[Finding, ...] = ()


def made_of(settings: Settings) -> list[Made]:
    """The objects of every account, in the order of the file."""
    made = [_make(account) for account in settings.accounts.values()]
    managers = {each.account.kind.vendor: each.manager for each in made if each.manager and not each.provider}
    return [
        attrs.evolve(each, manager=managers.get(each.account.kind.vendor)) if each.manager is None else each
        for each in made
    ]


def _make(account: Account) -> Made:
    try:
        return Made(account, account.provider(), account.management())
    except ConfigurationError as error:
        return Made(account, problem=str(error))


def bindings(settings: Settings, provider: SmsProvider) -> Iterator[Bound]:
    """Each template that *provider* sends, once for each of its ids."""
    for template in settings.templates:
        binding = template.ids.get(provider.name)
        if binding is None:
            continue
        yield Bound(template, binding, provider, abroad=not binding.home)
        if isinstance(binding.abroad, Binding):
            yield Bound(template, binding.abroad, provider, abroad=True)


async def copies_of(client: ManagementClient, made: Made, ids: set[str]) -> Copies:
    """What the vendor has for an account. *ids*: the templates to ask for where they cannot be listed."""
    templates, signatures, problems = None, None, list[Finding]()
    subject = f"account {made.account.name}"
    if isinstance(made.manager, TemplateAdmin):
        try:
            templates = await _templates(client, made.manager, ids)
        except VendorError as error:
            problems.append(Finding(Level.ERROR, subject, "templates", str(error), "see `smsgate doctor`"))
    else:
        text = f"no account of {made.account.kind.vendor} in the file can list its templates"
        remedy = f"add an account that manages those of {made.account.kind.vendor}"
        problems.append(Finding(Level.SKIPPED, subject, "templates", text, remedy))
    if isinstance(made.manager, SignatureList):
        try:
            signatures = tuple([each async for each in client.each(made.manager.list_signatures)])
        except (VendorError, InvalidCallError) as error:
            problems.append(Finding(Level.SKIPPED, subject, "signatures", str(error)))
    return Copies(templates, signatures, tuple(problems))


async def _templates(client: ManagementClient, manager: TemplateAdmin, ids: set[str]) -> dict[str, TemplateRecord]:
    try:
        records = [each async for each in client.each(manager.list_templates)]
    except InvalidCallError:  # an interface that only finds them
        records = list[TemplateRecord]()
        for id in sorted(ids):
            try:
                records.append(await client.run(manager.get_template(id)))
            except InvalidCallError:  # no such id can be: it is missing, as one that the vendor does not know
                continue
            except VendorError as error:
                if error.reason is not Reason.TEMPLATE_REJECTED:  # that is one that there is not
                    raise
    return {each.send_id: each for each in records if each.send_id}
