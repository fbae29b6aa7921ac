"""API 3.0: JSON signed with TC3-HMAC-SHA256, versions 2021-01-11 and 2019-07-11."""
