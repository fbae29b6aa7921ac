"""The error codes of API 3.0: complete, spelt in any way, and in the class that decides failover."""

from pathlib import Path

import pytest
from tencentcloud.sms.v20190711 import errorcodes as codes_2019
from tencentcloud.sms.v20210111 import errorcodes as codes_2021

from smsgate.model.reason import Next, Outcome, Reason, outcome_of
from smsgate.provider import UNLISTED, Verdict
from smsgate.tencent.cloud.codes import CLOUD_CODES

PRINTED = (Path(__file__).parent / "samples" / "codes" / "sendsms-2019.txt").read_text(encoding="utf-8").split()
SDK = sorted(
    {
        value
        for module in (codes_2019, codes_2021)
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str)
    }
)
COMMON = (
    "ActionOffline AuthFailure.InvalidAuthorization AuthFailure.InvalidSecretId AuthFailure.MFAFailure "
    "AuthFailure.SecretIdNotFound AuthFailure.SignatureExpire AuthFailure.SignatureFailure AuthFailure.TokenFailure "
    "AuthFailure.UnauthorizedOperation DryRunOperation FailedOperation InternalError InvalidAction InvalidParameter "
    "InvalidParameterValue InvalidRequest IpInBlacklist IpNotInWhitelist LimitExceeded MissingParameter NoSuchProduct "
    "NoSuchVersion RequestLimitExceeded RequestLimitExceeded.GlobalRegionUinLimitExceeded "
    "RequestLimitExceeded.IPLimitExceeded RequestLimitExceeded.UinLimitExceeded RequestSizeLimitExceeded ResourceInUse "
    "ResourceInsufficient ResourceNotFound ResourceUnavailable ResponseSizeLimitExceeded ServiceUnavailable "
    "UnauthorizedOperation UnknownParameter UnsupportedOperation UnsupportedProtocol UnsupportedRegion"
).split()
AMBIGUOUS = (
    "InternalError InternalError.Timeout InternalError.SendAndRecvFail InternalError.ParseBackendResponseFail "
    "InternalError.OtherError InternalError.UnknownError InternalError.JsonParseFail "
    "InternalError.ConstructUserDataFail InternalError.SomethingNew FailedOperation FailedOperation.OtherError "
    "FailedOperation.ParametersOtherError FailedOperation.SomethingNew ResourceUnavailable ServiceUnavailable "
    "ResourceInUse ResourceInsufficient ResourceNotFound ResponseSizeLimitExceeded"
).split()


def test_the_printed_list_is_whole() -> None:
    """The reference of SendSms prints 39 codes."""
    assert len(PRINTED) == 39


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("FailedOperation.PhoneNumberOnBlacklist", Reason.BLOCKLISTED),
        ("UnauthorizedOperation.SerivceSuspendDueToArrears", Reason.ACCOUNT_SUSPENDED),
        ("UnsupportedOperation.UnsuportedRegion", Reason.REGION_BLOCKED),
        ("UnsupportedOperation.", Reason.UNSUPPORTED),
        ("InvalidParameterValue.SdkAppidNotExist", Reason.AUTH_FAILED),
        ("UnauthorizedOperation.SdkAppidIsDisabled", Reason.ACCOUNT_SUSPENDED),
        ("UnauthorizedOperation.SmsSdkAppidVerifyFail", Reason.AUTH_FAILED),
    ],
)
def test_spellings_of_the_editions(code: str, reason: Reason) -> None:
    """The editions and SDKs differ in case and misspell some: each spelling has the meaning of the right one."""
    for spelling in (code, code.lower(), code.upper()):
        assert CLOUD_CODES[spelling].reason is reason


@pytest.mark.parametrize("code", [*PRINTED, *SDK, *COMMON])
def test_every_documented_code_is_known(code: str) -> None:
    """Each code of the reference, of both versions of Tencent's SDK and of the common list has a row with a remedy."""
    meaning = CLOUD_CODES[code]
    assert meaning is not UNLISTED
    assert meaning.reason is not None
    assert meaning.text
    assert meaning.remedy


@pytest.mark.parametrize("code", [code for code in [*PRINTED, *SDK] if "." in code.rstrip(".")])
def test_no_documented_detail_is_answered_by_its_family_alone(code: str) -> None:
    """A documented detail has a meaning of its own."""
    assert CLOUD_CODES[code] is not CLOUD_CODES[code.partition(".")[0]]


@pytest.mark.parametrize("code", sorted({*PRINTED, *SDK, *COMMON, *AMBIGUOUS}))
def test_only_the_ambiguous_codes_are_unknown(code: str) -> None:
    """A code leaves open whether the message was sent exactly if it is one of the ambiguous ones."""
    outcome = outcome_of(CLOUD_CODES[code].reason)
    assert outcome is (Outcome.UNKNOWN if code in AMBIGUOUS else Outcome.REJECTED)


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("UnauthorizedOperation.SerivceSuspendDueToArrears", "UnauthorizedOperation.ServiceSuspendDueToArrears"),
        ("UnsupportedOperation.UnsuportedRegion", "UnsupportedOperation.UnsupportedRegion"),
        ("UnsupportedOperation.", "UnsupportedOperation"),
        ("InternalError.Timeout.", "InternalError.Timeout"),
        ("InvalidParameterValue.SdkAppidNotExist", "InvalidParameterValue.SdkAppIdNotExist"),
        ("UnauthorizedOperation.SdkAppidIsDisabled", "UnauthorizedOperation.SdkAppIdIsDisabled"),
        ("UnauthorizedOperation.SmsSdkAppidVerifyFail", "UnauthorizedOperation.SmsSdkAppIdVerifyFail"),
        ("authfailure.signaturefailure", "AuthFailure.SignatureFailure"),
        (" LIMITEXCEEDED.DAILYLIMIT ", "LimitExceeded.DailyLimit"),
    ],
)
def test_spellings_of_one_code(spelling: str, code: str) -> None:
    """Case, a final full stop, the names of the older version and both misprints lead to the same row."""
    assert CLOUD_CODES[spelling] is CLOUD_CODES[code]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("AuthFailure.SomethingNew", Reason.AUTH_FAILED),
        ("UnauthorizedOperation.SomethingNew", Reason.PERMISSION_DENIED),
        ("MissingParameter.SomethingNew", Reason.INVALID_REQUEST),
        ("InvalidParameterValue.SomethingNew", Reason.INVALID_REQUEST),
        ("UnsupportedOperation.SomethingNew", Reason.UNSUPPORTED),
        ("LimitExceeded.SomethingNew", Reason.QUOTA_EXCEEDED),
        ("RequestLimitExceeded.SomethingNew", Reason.TRY_LATER),
        ("LimitExceeded.PhoneNumberDailyLimit.Deeper", Reason.QUOTA_EXCEEDED),
        ("AuthFailure.SignatureExpire", Reason.CLOCK_SKEW),
        ("InternalError.RequestTimeException", Reason.CLOCK_SKEW),
        ("InternalError.SigVerificationFail", Reason.AUTH_FAILED),
        ("FailedOperation.JsonParseFail", Reason.INVALID_REQUEST),
        ("InternalError.JsonParseFail", Reason.PLATFORM_FAULT),
        ("LimitExceeded.PhoneNumberCountLimit", Reason.INVALID_REQUEST),
        ("LimitExceeded.PhoneNumberThirtySecondLimit", Reason.RATE_LIMITED),
        ("FailedOperation.PhoneNumberInBlacklist", Reason.BLOCKLISTED),
    ],
)
def test_details_and_families(code: str, reason: Reason) -> None:
    """An exact code comes before its family, and a new detail counts as its family, split at the first full stop."""
    assert CLOUD_CODES[code].reason is reason


def test_frequency_limits_do_not_fail_over_unasked() -> None:
    """Every limit of a single number, and no limit of the account, waits for the caller's opt-in."""
    listed = {code for code in CLOUD_CODES if CLOUD_CODES[code].reason is Reason.RATE_LIMITED}
    assert listed == {
        "LimitExceeded.DeliveryFrequencyLimit",
        "LimitExceeded.PhoneNumberDailyLimit",
        "LimitExceeded.PhoneNumberOneHourLimit",
        "LimitExceeded.PhoneNumberSameContentDailyLimit",
        "LimitExceeded.PhoneNumberThirtySecondLimit",
    }
    assert Reason.RATE_LIMITED.rule.next is Next.RATE_LIMIT_OPT_IN


@pytest.mark.parametrize("code", ["", "Ok", "Nonsense", "Nonsense.Timeout", "FailedOperationX"])
def test_unlisted_codes_are_unknown(code: str) -> None:
    """A code of no known family leaves open whether the message was sent; likeness counts for nothing."""
    assert CLOUD_CODES[code] is UNLISTED
    assert Verdict.refused(code, CLOUD_CODES[code]).outcome is Outcome.UNKNOWN
