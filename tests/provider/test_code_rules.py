"""The rules that the tables of codes keep, whatever is added to them."""

import ast
from collections import Counter
from pathlib import Path

import codes_pages
import pytest

import smsgate
from smsgate.cli.code_tables import TABLES
from smsgate.model.reason import Reason
from smsgate.model.states import Certainty, DeliveryState
from smsgate.provider.codes import Codebook
from smsgate.provider.meanings import Meaning, state_of
from smsgate.provider.unofficial_codes import UNOFFICIAL_CODES
from smsgate.provider.vendor import CodeTable

NO_SUCH_NUMBER = set(
    # Tencent's list in two editions, or in one and 3GPP TS 29.002 (error 1: unknown subscriber).
    "-9203 -1017 -108 00202 9998 MK:0000 MK:0001 MK00001 XL:169 TA:169 1 U2:1 SGIP:1 LT:0001 LT:1".split()
)
"""The codes of reports that strike a number off because it does not exist: each is proven by two sources."""
REPORTS = {vendor: table for vendor, table in TABLES if table.of_reports}
ALL: list[tuple[CodeTable, str, Meaning]] = [
    (table, code, meaning)
    for table in (*(table for _, table in TABLES), CodeTable(place="any", codes=UNOFFICIAL_CODES, of_reports=True))
    for code, meaning in table.codes.items()
]


def test_only_what_is_proven_suppresses() -> None:
    """A number is struck off for a blocklist, an opt-out, or one of the codes above, and for nothing else."""
    for table, code, meaning in ALL:
        if meaning.suppress:
            assert meaning.reason in (Reason.INVALID_NUMBER, Reason.BLOCKLISTED, Reason.UNSUBSCRIBED), code
            assert meaning.certainty is Certainty.LISTED, code
        if table.of_reports and meaning.reason is Reason.INVALID_NUMBER:
            assert meaning.suppress == (code in NO_SUCH_NUMBER), code


@pytest.mark.parametrize(
    "code",
    [
        *"CMPP30ERR: CMPP30ERR:8 CMPP30ERR:13 CB:0001 CB:0047 CB:0053 DB:0111 DB:0130 DB:0131 DB:0132 DB:0133".split(),
        *"DB:0134 DB:0135 DB:0138 DB:0140 TD:18 BADSIGN 24 61 67 MK:0013 ERROR NO_ROUT PARAMS_ SP_UNKN DELIVER".split(),
        *"XREJECT E000503 MB:1043".split(),
    ],
)
def test_what_is_not_about_the_number_for_ever_does_not_suppress(code: str) -> None:
    """Codes that some list calls "no such number", and that a busy gateway or a wrong setting causes as well."""
    assert not any(table.codes[code].suppress for table in REPORTS.values())


@pytest.mark.parametrize("vendor", REPORTS)
def test_every_report_code_has_a_state_and_most_a_remedy(vendor: str) -> None:
    """Each state is one that there is; what failed is final, and says what to do unless a list gives no cause."""
    table = REPORTS[vendor]
    for code, meaning in table.codes.items():
        state = state_of(meaning)
        if meaning.reason is None:
            assert state in (DeliveryState.DELIVERED, DeliveryState.PENDING), code
        else:
            assert state.final, code
            assert state is not DeliveryState.DELIVERED, code
    if vendor == "tencent":
        assert all(meaning.remedy for _, meaning in table.codes.items() if meaning.reason)


def test_every_code_names_its_document() -> None:
    """Each code is in a document with an edition, and its text is one line of ours."""
    for table, code, meaning in ALL:
        document = table.codes.document(meaning)
        assert document is not None, code
        assert document.title, code
        assert document.edition, code
        assert meaning.text.isprintable(), code
        assert (meaning.text + meaning.remedy).isascii(), code


def test_what_is_unofficial_delivers_nothing() -> None:
    """An unofficial meaning is marked, never a delivery, never on its way for ever."""
    for code, meaning in UNOFFICIAL_CODES.items():
        assert meaning.certainty is Certainty.UNOFFICIAL, code
        assert state_of(meaning).final, code
        assert state_of(meaning) is not DeliveryState.DELIVERED, code
        assert not meaning.suppress, code


def test_no_code_stands_twice_in_a_vendors_tables() -> None:
    """No file lists a code twice, and no two files of Tencent's carriers share one: a second row would win unseen."""
    folder = Path(smsgate.__file__).parent
    seen: Counter[str] = Counter()
    for path in sorted(folder.rglob("*codes*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Dict):
                keys = [key.value for key in node.keys if isinstance(key, ast.Constant)]
                assert len(keys) == len(set(keys)), path.name
                if path.name.startswith("status_codes_"):
                    seen.update(map(str, keys))
    assert len(seen) > 1900
    assert seen.most_common(1)[0][1] == 1


def test_codes_that_differ_in_case_only_are_one() -> None:
    """A look-up ignores case, so no table may tell two codes apart by it."""
    for _, table in TABLES:
        codes = [code.upper() for code in table.codes]
        assert len(codes) == len(set(codes))


@pytest.mark.parametrize("page", codes_pages.PAGES, ids=lambda page: page.name)
def test_the_pages_are_made_from_the_tables(page: codes_pages.Page) -> None:
    """The generated pages equal the tables. If stale: python tests/support/codes_pages.py"""
    assert (codes_pages.FOLDER / page.name).read_text(encoding="utf-8") == codes_pages.write(page)


def test_every_page_and_every_code_is_there() -> None:
    """No page is left from before, and each code of each table has a row on one."""
    assert {path.name for path in codes_pages.FOLDER.iterdir()} == {page.name for page in codes_pages.PAGES}
    for page in codes_pages.PAGES:
        text = codes_pages.write(page)
        for table in page.tables:
            assert all(f"| `{code}` |" in text for code in table.codes)


def test_a_late_codebook_becomes_the_one_behind_it() -> None:
    """A codebook with a loader asks it once, at the first look-up that needs it, and then is that book."""
    asked: list[int] = []
    real = Codebook({"A:1": Meaning(Reason.DELETED, "a")}, families={"A": Meaning(Reason.EXPIRED, "f")})

    def load() -> Codebook:
        asked.append(1)
        return real

    late = Codebook({"B": Meaning(None, "b")}, late=load)
    assert late["B"].text == "b"
    assert not asked
    assert [late["A:1"].reason, late["A:2"].reason, list(late)] == [Reason.DELETED, Reason.EXPIRED, list(real)]
    assert asked == [1]
