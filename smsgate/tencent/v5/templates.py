"""Templates through the v5 interface.

Tencent SMS Development Guide 2.0, Template API: add_template, mod_template, del_template, get_template.
`international`, and `title` and `apply_time` in responses: the later Chinese edition.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from smsgate.model.errors import InvalidCallError, VendorError
from smsgate.model.reason import Reason
from smsgate.provider.call import Call, unreadable
from smsgate.provider.reading import objects_in, read_int, read_text
from smsgate.provider.records import Page, ReviewState, TemplateKind, TemplateRecord
from smsgate.tencent.arguments import flag, id_number, id_numbers, plain_text, template_text, whole_number
from smsgate.tencent.one_record import one_record
from smsgate.tencent.v5.api import V5Envelope
from smsgate.tencent.v5.calls import FLAGS, MOST_IDS, PENDING, STATES, V5Calls, items_in, object_in, with_draft
from smsgate.tencent.values import china_time

__all__ = ["V5Templates"]

_MOST_ROWS: Final = 50
_TYPES: Final = {
    TemplateKind.NOTIFICATION: 0,
    TemplateKind.VERIFICATION: 0,
    TemplateKind.MARKETING: 1,
    TemplateKind.VOICE: 2,
}
_KINDS: Final[Mapping[int | None, TemplateKind]] = {
    0: TemplateKind.NOTIFICATION,
    1: TemplateKind.MARKETING,
    2: TemplateKind.VOICE,
}


class V5Templates(V5Calls):
    """The templates of one application. The id that a send takes is the template's own."""

    def list_templates(self, *, offset: int = 0, limit: int = 50) -> Call[Page[TemplateRecord]]:
        """One page of all templates (get_template with `tpl_page`): at most 50."""
        page = {
            "offset": whole_number("offset", offset, 0, 10**9),
            "max": whole_number("limit", limit, 1, _MOST_ROWS),
        }

        def read(envelope: V5Envelope) -> Page[TemplateRecord] | VendorError:
            records = self._records(envelope)
            if isinstance(records, VendorError):
                return records
            return Page(records, read_int(envelope.body.get("total")))

        return self._call("get_template", {"tpl_page": page}, read)

    def get_templates(self, ids: Iterable[str]) -> Call[tuple[TemplateRecord, ...]]:
        """Those of up to 50 templates that there are (get_template with `tpl_id`)."""
        return self._call("get_template", {"tpl_id": id_numbers("ids", ids, most=MOST_IDS)}, self._records)

    def get_template(self, id: str) -> Call[TemplateRecord]:
        """One template (get_template). Ends in a `VendorError` if there is no such template."""
        number = id_number("id", id)
        return self._call(
            "get_template",
            {"tpl_id": [number]},
            lambda envelope: one_record("get_template", self._records(envelope), number, Reason.TEMPLATE_REJECTED),
        )

    def add_template(
        self,
        *,
        name: str,
        text: str,
        kind: TemplateKind = TemplateKind.NOTIFICATION,
        remark: str = "",
        international: bool = False,
    ) -> Call[TemplateRecord]:
        """Apply for a template (add_template). *text* numbers its parameters: "Your code is {1}, for {2} minutes.".

        The interface knows common templates (notifications and codes), marketing and voice templates.
        """
        draft = _draft(name, text, kind, remark, international)

        def read(envelope: V5Envelope) -> TemplateRecord | VendorError:
            row = object_in(envelope)
            if row is None or read_text(row.get("id")) is None:
                return unreadable("add_template", "the response does not have the template's id")
            return self._record(row, {"status": PENDING, **draft})

        return self._call("add_template", draft, read)

    def modify_template(
        self,
        id: str,
        *,
        name: str,
        text: str,
        kind: TemplateKind = TemplateKind.NOTIFICATION,
        remark: str = "",
        international: bool = False,
    ) -> Call[TemplateRecord]:
        """Change a template, which is reviewed again (mod_template). What is approved Tencent leaves as it is."""
        number = id_number("id", id)
        draft = _draft(name, text, kind, remark, international)
        return self._call(
            "mod_template",
            {"tpl_id": number, **draft},
            lambda envelope: self._record(object_in(envelope) or {}, {"status": PENDING, "id": number, **draft}),
        )

    def delete_template(self, id: str) -> Call[None]:
        """Delete a template (del_template)."""
        return self._call("del_template", {"tpl_id": [id_number("id", id)]}, lambda _: None)

    def delete_templates(self, ids: Iterable[str]) -> Call[None]:
        """Delete up to 50 templates in one call (del_template)."""
        return self._call("del_template", {"tpl_id": id_numbers("ids", ids, most=MOST_IDS)}, lambda _: None)

    def _records(self, envelope: V5Envelope) -> tuple[TemplateRecord, ...] | VendorError:
        rows = objects_in(items_in(envelope))
        if rows is None:
            return unreadable("get_template", "the response has no list of templates that can be read")
        return tuple(self._record(row, {}) for row in rows)

    def _record(self, row: Mapping[str, Any], draft: Mapping[str, object]) -> TemplateRecord:
        fields = with_draft(row, draft)
        id = read_text(fields.get("id"))
        return TemplateRecord(
            provider=self.name,
            id=id or "",
            send_id=id,
            name=read_text(fields.get("title")),
            text=read_text(fields.get("text")),
            kind=_KINDS.get(read_int(fields.get("type")), TemplateKind.UNKNOWN),
            state=STATES.get(read_int(fields.get("status")), ReviewState.UNKNOWN),
            review=read_text(fields.get("reply")),
            international=FLAGS.get(read_int(fields.get("international"))),
            created_at=china_time(fields.get("apply_time")),
            raw=row,
        )


def _draft(name: str, text: str, kind: TemplateKind, remark: str, international: bool) -> dict[str, object]:
    if kind not in _TYPES:
        raise InvalidCallError(f"kind: must be one of {', '.join(_TYPES)}")
    return {
        "title": plain_text("name", name, required=False),
        "remark": plain_text("remark", remark, required=False),
        "text": template_text(text, international=international),
        "type": _TYPES[kind],
        "international": flag(international),
    }
