"""What the error codes of Tencent Cloud API 3.0 mean, for SMS.

Sources: SendSms (2021-05-20), 6. Error Code; Tencent's own SDK for SMS, versions 2019-07-11 and 2021-01-11, for codes
that came later and those of templates, signatures and statistics; API 3.0, Common Error Codes. The words and the
classes are ours.

A code is "Family" or "Family.Detail". What is not listed counts as its family. Families in which an unlisted detail
leaves open whether the message was sent: FailedOperation, InternalError, ResourceUnavailable, ServiceUnavailable.
"""

from typing import Final

from smsgate.model.reason import Reason
from smsgate.provider.codes import Codebook
from smsgate.provider.meanings import Document, Meaning

__all__ = ["CLOUD_CODES"]

_APP: Final = "check that the SdkAppId belongs to the account of the key"
_KEY: Final = "copy SecretId and SecretKey anew from the console"
_LIMITS: Final = "adjust the frequency limits in the SMS console, or wait"
_REPORT: Final = "wait for the delivery report"
_REVIEW: Final = "check its review in the SMS console"
_SUPPORT: Final = "ask Tencent's SMS support, with the request id"
_VALUE: Final = "correct the value"


def _bad(text: str) -> Meaning:
    return Meaning(Reason.INVALID_REQUEST, text, _VALUE)


_CREDENTIALS: Final = {
    "AuthFailure.InvalidAuthorization": Meaning(Reason.AUTH_FAILED, "the Authorization header is malformed", _KEY),
    "AuthFailure.InvalidSecretId": Meaning(Reason.AUTH_FAILED, "the SecretId is not one for API calls", _KEY),
    "AuthFailure.MFAFailure": Meaning(Reason.AUTH_FAILED, "multi-factor authentication failed", "use a key without it"),
    "AuthFailure.SecretIdNotFound": Meaning(Reason.AUTH_FAILED, "there is no such SecretId", _KEY),
    "AuthFailure.SignatureExpire": Meaning(
        Reason.CLOCK_SKEW, "the call's time is more than 5 minutes off Tencent's", "synchronise this machine's clock"
    ),
    "AuthFailure.SignatureFailure": Meaning(Reason.AUTH_FAILED, "the call's signature is wrong", _KEY),
    "AuthFailure.TokenFailure": Meaning(Reason.AUTH_FAILED, "the session token is wrong or has expired", "renew it"),
    "AuthFailure.UnauthorizedOperation": Meaning(
        Reason.PERMISSION_DENIED, "the key may not make this call", "grant it in access management (CAM)"
    ),
    "InternalError.RequestTimeException": Meaning(
        Reason.CLOCK_SKEW, "the call's time is more than 10 minutes off Tencent's", "synchronise this machine's clock"
    ),
    "InternalError.SigFieldMissing": Meaning(Reason.AUTH_FAILED, "the call reached the SMS service unsigned", _SUPPORT),
    "InternalError.SigVerificationFail": Meaning(Reason.AUTH_FAILED, "the SMS service refused the signature", _APP),
    "InvalidParameter.AppidAndBizId": Meaning(Reason.AUTH_FAILED, "account and application do not match", _APP),
    "InvalidParameterValue.SdkAppIdNotExist": Meaning(Reason.AUTH_FAILED, "there is no such SdkAppId", _APP),
    "UnauthorizedOperation.SmsSdkAppIdVerifyFail": Meaning(Reason.AUTH_FAILED, "the SdkAppId was refused", _APP),
}

_ACCOUNT: Final = {
    "FailedOperation.ForbidAddMarketingTemplates": Meaning(
        Reason.PERMISSION_DENIED, "personal accounts have no marketing templates", "verify the account as a company"
    ),
    "FailedOperation.InsufficientBalanceInSmsPackage": Meaning(
        Reason.INSUFFICIENT_BALANCE, "the SMS package is used up", "buy a package"
    ),
    "FailedOperation.NotEnterpriseCertification": Meaning(
        Reason.PERMISSION_DENIED, "only verified companies may make this call", "verify the account as a company"
    ),
    "FailedOperation.ProhibitSubAccountUse": Meaning(
        Reason.PERMISSION_DENIED, "only the main account may make this call", "use a key of the main account"
    ),
    "IpInBlacklist": Meaning(Reason.PERMISSION_DENIED, "this IP address is on a block list", _SUPPORT),
    "IpNotInWhitelist": Meaning(Reason.PERMISSION_DENIED, "this IP address is not on the allow list", "add it there"),
    "UnauthorizedOperation.IndividualUserMarketingSmsPermissionDeny": Meaning(
        Reason.PERMISSION_DENIED, "personal accounts may not send marketing texts", "verify the account as a company"
    ),
    "UnauthorizedOperation.RequestIpNotInWhitelist": Meaning(
        Reason.PERMISSION_DENIED, "this IP address is not on the allow list", "add it to the list in the SMS console"
    ),
    "UnauthorizedOperation.RequestPermissionDeny": Meaning(
        Reason.PERMISSION_DENIED, "the account may not make this call", _SUPPORT
    ),
    "UnauthorizedOperation.SdkAppIdIsDisabled": Meaning(Reason.ACCOUNT_SUSPENDED, "the SdkAppId is disabled", _SUPPORT),
    "UnauthorizedOperation.ServiceSuspendDueToArrears": Meaning(
        Reason.ACCOUNT_SUSPENDED, "the account is in arrears", "settle the account"
    ),
}

_LIMITS_OF_THE_ACCOUNT: Final = {
    "FailedOperation.SignNumberLimit": Meaning(Reason.QUOTA_EXCEEDED, "no more signatures are allowed", _SUPPORT),
    "FailedOperation.TemplateNumberLimit": Meaning(Reason.QUOTA_EXCEEDED, "no more templates are allowed", _SUPPORT),
    "LimitExceeded.AppCountryOrRegionDailyLimit": Meaning(
        Reason.QUOTA_EXCEEDED, "the daily limit of this country or region is reached", _LIMITS
    ),
    "LimitExceeded.AppDailyLimit": Meaning(Reason.QUOTA_EXCEEDED, "the application's daily limit is reached", _LIMITS),
    "LimitExceeded.AppGlobalDailyLimit": Meaning(
        Reason.QUOTA_EXCEEDED, "the application's daily limit of international texts is reached", _LIMITS
    ),
    "LimitExceeded.AppMainlandChinaDailyLimit": Meaning(
        Reason.QUOTA_EXCEEDED, "the application's daily limit of mainland texts is reached", _LIMITS
    ),
    "LimitExceeded.DailyLimit": Meaning(
        Reason.QUOTA_EXCEEDED, "the daily limit of international texts is reached", _SUPPORT
    ),
    "LimitExceeded.GlobalSmsSendingRateLimit": Meaning(
        Reason.TRY_LATER, "international texts come too fast", "slow down, then try again"
    ),
}

_LIMITS_OF_A_NUMBER: Final = {
    "LimitExceeded.DeliveryFrequencyLimit": Meaning(Reason.RATE_LIMITED, "a frequency limit was hit", _LIMITS),
    "LimitExceeded.PhoneNumberDailyLimit": Meaning(Reason.RATE_LIMITED, "too many texts to this number today", _LIMITS),
    "LimitExceeded.PhoneNumberOneHourLimit": Meaning(
        Reason.RATE_LIMITED, "too many texts to this number in an hour", _LIMITS
    ),
    "LimitExceeded.PhoneNumberSameContentDailyLimit": Meaning(
        Reason.RATE_LIMITED, "the same text too often to this number", _LIMITS
    ),
    "LimitExceeded.PhoneNumberThirtySecondLimit": Meaning(
        Reason.RATE_LIMITED, "too many texts to this number in 30 seconds", _LIMITS
    ),
}

_NUMBER: Final = {
    "FailedOperation.PhoneNumberInBlacklist": Meaning(
        Reason.BLOCKLISTED, "the number opted out or is on a carrier's blocklist", "stop sending to this number"
    ),
    # A later spelling of the row above, in Tencent's current SDKs.
    "FailedOperation.PhoneNumberOnBlacklist": Meaning(
        Reason.BLOCKLISTED, "the number opted out or is on a carrier's blocklist", "stop sending to this number"
    ),
    "FailedOperation.PhoneNumberParseFail": Meaning(
        Reason.INVALID_NUMBER, "the number is not E.164", "correct the number"
    ),
    "InvalidParameterValue.IncorrectPhoneNumber": Meaning(
        Reason.INVALID_NUMBER, "the number's format is wrong", "correct the number"
    ),
    "LimitExceeded.AppCountryOrRegionInBlacklist": Meaning(
        Reason.REGION_BLOCKED, "the application may not send to this country", "allow it in the SMS console"
    ),
    "UnsupportedOperation.UnsupportedRegion": Meaning(
        Reason.REGION_BLOCKED, "texts to this region are not supported", _SUPPORT
    ),
}

_CONTENT: Final = {
    "FailedOperation.ContainSensitiveWord": Meaning(
        Reason.CONTENT_BLOCKED, "the text has sensitive words", "change the text"
    ),
    "FailedOperation.MarketingSendTimeConstraint": Meaning(
        Reason.OUTSIDE_HOURS, "marketing texts go out from 8:00 to 22:00 China time only", "send it within those hours"
    ),
    "InvalidParameter.DirtyWordFound": Meaning(Reason.CONTENT_BLOCKED, "it has sensitive words", "change the text"),
    "InvalidParameterValue.ContentLengthLimit": Meaning(
        Reason.TOO_LONG, "the text is too long", "shorten the parameters"
    ),
    "InvalidParameterValue.TemplateWithDirtyWords": Meaning(
        Reason.CONTENT_BLOCKED, "the template has sensitive words", "change the text"
    ),
}

_SIGNATURE: Final = {
    "FailedOperation.MissingSignature": Meaning(
        Reason.SIGNATURE_REJECTED, "there is no signature yet", "apply for one first"
    ),
    "FailedOperation.MissingSignatureList": Meaning(Reason.SIGNATURE_REJECTED, "no such approved signature", _REVIEW),
    "FailedOperation.MissingSignatureToModify": Meaning(Reason.SIGNATURE_REJECTED, "no such signature", _VALUE),
    "FailedOperation.QualificationIdNotApproved": Meaning(
        Reason.SIGNATURE_REJECTED, "the qualification is not approved", _REVIEW
    ),
    "FailedOperation.SignIdNotExist": Meaning(Reason.SIGNATURE_REJECTED, "no such signature", _VALUE),
    "FailedOperation.SignatureIncorrectOrUnapproved": Meaning(
        Reason.SIGNATURE_REJECTED, "the signature is malformed or not approved", _REVIEW
    ),
    "InvalidParameterValue.MissingSignatureList": Meaning(
        Reason.SIGNATURE_REJECTED, "no such approved signature", _REVIEW
    ),
    "InvalidParameterValue.QualificationIdNotFound": Meaning(
        Reason.SIGNATURE_REJECTED, "no such qualification", _VALUE
    ),
    "InvalidParameterValue.SignAlreadyPassedCheck": Meaning(
        Reason.SIGNATURE_REJECTED, "an approved signature cannot be changed", "add another one"
    ),
    "InvalidParameterValue.SignExistAndUnapproved": Meaning(
        Reason.SIGNATURE_REJECTED, "the same signature is under review", "wait for the review"
    ),
    "InvalidParameterValue.SignNameLengthTooLong": Meaning(
        Reason.SIGNATURE_REJECTED, "the signature is too long", "use 2 to 12 characters"
    ),
    "MissingParameter.MissingSignatureList": Meaning(Reason.SIGNATURE_REJECTED, "no signature was named", _VALUE),
}

_TEMPLATE: Final = {
    "FailedOperation.MissingTemplateList": Meaning(Reason.TEMPLATE_REJECTED, "no such approved template", _REVIEW),
    "FailedOperation.MissingTemplateToModify": Meaning(Reason.TEMPLATE_REJECTED, "no such template", _VALUE),
    "FailedOperation.TemplateAlreadyPassedCheck": Meaning(
        Reason.TEMPLATE_REJECTED, "an approved template cannot be changed", "add another one"
    ),
    "FailedOperation.TemplateIdNotExist": Meaning(Reason.TEMPLATE_REJECTED, "no such template", _VALUE),
    "FailedOperation.TemplateIncorrectOrUnapproved": Meaning(
        Reason.TEMPLATE_REJECTED, "the template is not approved, or the text does not match it", _REVIEW
    ),
    "FailedOperation.TemplateParamSetNotMatchApprovedTemplate": Meaning(
        Reason.TEMPLATE_REJECTED, "the parameters do not match the template", "check their number"
    ),
    "FailedOperation.TemplateUnapprovedOrNotExist": Meaning(
        Reason.TEMPLATE_REJECTED, "the template is not approved or does not exist", _REVIEW
    ),
    "InvalidParameterValue.InvalidTemplateFormat": Meaning(
        Reason.TEMPLATE_REJECTED, "the template's form is wrong", "compare it with Tencent's template rules"
    ),
    "InvalidParameterValue.MarketingTemplateWithoutUnsubscribe": Meaning(
        Reason.TEMPLATE_REJECTED, "a marketing template must say how to opt out", "add the opt-out to its end"
    ),
    "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter": Meaning(
        Reason.TEMPLATE_REJECTED, "a parameter has a URL, which is forbidden", "put the URL into the template's text"
    ),
    "InvalidParameterValue.TemplateParameterFormatError": Meaning(
        Reason.TEMPLATE_REJECTED, "a code template takes 0 to 6 digits a parameter", "pass digits"
    ),
    "InvalidParameterValue.TemplateParameterLengthLimit": Meaning(
        Reason.TEMPLATE_REJECTED, "a parameter is too long", "shorten it: the console shows the account's limit"
    ),
    "InvalidParameterValue.UnsupportedTemplateVariable": Meaning(
        Reason.TEMPLATE_REJECTED, "this kind of template takes no variables", "remove them"
    ),
    "UnsupportedOperation.ChineseMainlandTemplateToGlobalPhone": Meaning(
        Reason.TEMPLATE_REJECTED, "a mainland template cannot go to other countries", "use an international template"
    ),
    "UnsupportedOperation.GlobalTemplateToChineseMainlandPhone": Meaning(
        Reason.TEMPLATE_REJECTED, "an international template cannot go to the mainland", "use a mainland template"
    ),
}

_REQUEST: Final = {
    "ActionOffline": Meaning(Reason.UNSUPPORTED, "this call is no longer offered", _SUPPORT),
    "DryRunOperation": _bad("a dry run, not a send"),
    "FailedOperation.FailResolvePacket": _bad("the body could not be parsed"),
    "FailedOperation.JsonParseFail": _bad("the body could not be parsed"),
    "InternalError.RestApiInterfaceNotExist": Meaning(Reason.UNSUPPORTED, "there is no such API", _SUPPORT),
    "InvalidAction": Meaning(Reason.UNSUPPORTED, "there is no such call", "check the API version"),
    "InvalidParameter.InvalidParameters": _bad("a parameter is wrong"),
    "InvalidParameterValue.BeginTimeVerifyFail": _bad("the begin time is wrong"),
    "InvalidParameterValue.EndTimeVerifyFail": _bad("the end time is wrong"),
    "InvalidParameterValue.ImageInvalid": _bad("the picture's form is wrong"),
    "InvalidParameterValue.InvalidDocumentType": _bad("the document type is wrong"),
    "InvalidParameterValue.InvalidInternational": _bad("the international flag is wrong"),
    "InvalidParameterValue.InvalidSignPurpose": _bad("the signature's purpose is wrong"),
    "InvalidParameterValue.InvalidSmsType": _bad("the kind of text is wrong"),
    "InvalidParameterValue.InvalidStartTime": _bad("the begin time is wrong, or after the end"),
    "InvalidParameterValue.InvalidUsedMethod": _bad("the signature's use is wrong"),
    "InvalidParameterValue.LimitVerifyFail": _bad("the page size is wrong"),
    "InvalidParameterValue.MultiSmsInfoSetEmpty": _bad("no messages were given"),
    "InvalidParameterValue.OffsetVerifyFail": _bad("the offset is wrong"),
    "InvalidRequest": _bad("the request is malformed"),
    "LimitExceeded.PhoneNumberCountLimit": _bad("more than 200 numbers in one call"),
    "MissingParameter.EmptyPhoneNumberSet": _bad("no number was given"),
    "NoSuchProduct": Meaning(Reason.UNSUPPORTED, "there is no such product", "check the base URL"),
    "NoSuchVersion": Meaning(Reason.UNSUPPORTED, "there is no such API version", "check the API version"),
    "RequestSizeLimitExceeded": _bad("the request is too large"),
    "UnknownParameter": _bad("a parameter is unknown, which points to the wrong API version"),
    "UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber": _bad(
        "mainland and international numbers in one call"
    ),
    "UnsupportedOperation.ContainDomesticPhoneNumber": _bad("a mainland number in a call for international ones"),
    "UnsupportedProtocol": Meaning(Reason.UNSUPPORTED, "the protocol is not supported", "use https and POST"),
    "UnsupportedRegion": Meaning(Reason.UNSUPPORTED, "the endpoint's region is not one of SMS", "check the region"),
}

_AMBIGUOUS: Final = {
    "FailedOperation.OtherError": Meaning(Reason.UNKNOWN, "another error, cause not said", _SUPPORT),
    "FailedOperation.ParametersOtherError": Meaning(Reason.UNKNOWN, "another error, cause not said", _SUPPORT),
    "InternalError.ConstructUserDataFail": Meaning(
        Reason.PLATFORM_FAULT, "the platform could not put the data together", _REPORT
    ),
    "InternalError.JsonParseFail": Meaning(Reason.PLATFORM_FAULT, "the platform could not parse the data", _REPORT),
    "InternalError.OtherError": Meaning(Reason.UNKNOWN, "another error, cause not said", _SUPPORT),
    "InternalError.ParseBackendResponseFail": Meaning(
        Reason.PLATFORM_FAULT, "the platform could not read its own answer", _REPORT
    ),
    "InternalError.SendAndRecvFail": Meaning(Reason.PLATFORM_FAULT, "the platform's own call timed out", _REPORT),
    "InternalError.Timeout": Meaning(Reason.PLATFORM_FAULT, "handing the text to the carrier timed out", _REPORT),
    "InternalError.UnknownError": Meaning(Reason.UNKNOWN, "unknown error", _SUPPORT),
    "ResponseSizeLimitExceeded": Meaning(Reason.PLATFORM_FAULT, "the answer was too large to be sent", _REPORT),
}

_FAMILIES: Final = {
    "AuthFailure": Meaning(Reason.AUTH_FAILED, "the credentials were refused", _KEY),
    "FailedOperation": Meaning(Reason.UNKNOWN, "the operation failed, cause not said", _SUPPORT),
    "InternalError": Meaning(Reason.PLATFORM_FAULT, "an error inside the platform", _REPORT),
    "InvalidParameter": _bad("a parameter is wrong"),
    "InvalidParameterValue": _bad("a parameter's value is wrong"),
    "LimitExceeded": Meaning(Reason.QUOTA_EXCEEDED, "a limit of the account is reached", _LIMITS),
    "MissingParameter": _bad("a parameter is missing"),
    "OperationDenied": Meaning(Reason.PERMISSION_DENIED, "the operation was denied", _SUPPORT),
    "RequestLimitExceeded": Meaning(Reason.TRY_LATER, "calls come too fast", "slow down, then try again"),
    "ResourceInUse": Meaning(Reason.PLATFORM_FAULT, "a resource of the platform is in use", _REPORT),
    "ResourceInsufficient": Meaning(Reason.PLATFORM_FAULT, "the platform lacks a resource", _REPORT),
    "ResourceNotFound": Meaning(Reason.PLATFORM_FAULT, "a resource of the platform was not found", _REPORT),
    "ResourceUnavailable": Meaning(Reason.PLATFORM_FAULT, "a resource of the platform is unavailable", _REPORT),
    "ServiceUnavailable": Meaning(Reason.PLATFORM_FAULT, "the service is unavailable", _REPORT),
    "UnauthorizedOperation": Meaning(Reason.PERMISSION_DENIED, "the account may not make this call", _SUPPORT),
    "UnsupportedOperation": Meaning(Reason.UNSUPPORTED, "this operation is not supported", _SUPPORT),
}

_ALIASES: Final = {
    # As the SendSms reference of 2021 prints them.
    "UNAUTHORIZEDOPERATION.SERIVCESUSPENDDUETOARREARS": "UNAUTHORIZEDOPERATION.SERVICESUSPENDDUETOARREARS",
    "UNSUPPORTEDOPERATION.UNSUPORTEDREGION": "UNSUPPORTEDOPERATION.UNSUPPORTEDREGION",
}

CLOUD_CODES: Final = Codebook(
    _CREDENTIALS
    | _ACCOUNT
    | _LIMITS_OF_THE_ACCOUNT
    | _LIMITS_OF_A_NUMBER
    | _NUMBER
    | _CONTENT
    | _SIGNATURE
    | _TEMPLATE
    | _REQUEST
    | _AMBIGUOUS
    | _FAMILIES,
    families=_FAMILIES,
    separator=".",
    aliases=_ALIASES,
    source=Document("Tencent Cloud SMS, SendSms, 6. Error Code; Tencent's own SDK; Common Error Codes", "2021-05-20"),
)
"""`Response.Error.Code`, and the `Code` of a number in SendSms. Case does not matter."""
