"""The licences and authorisations that signatures need.

Source: Huawei Cloud Message & SMS API Reference (mainland edition), "Uploading a File" and "Querying a File".
"""

import re
import uuid
from typing import Any, Final

from smsgate.sandbox.huawei.account import UploadedFile, account_of
from smsgate.sandbox.huawei.management.fields import read_query, timestamp
from smsgate.sandbox.huawei.management.refusal import Refusal
from smsgate.sandbox.state.state import SandboxState
from smsgate.wire import HttpRequest

__all__ = ["show", "upload"]

_BOUNDARY: Final = re.compile(r'boundary="?([^";,\s]+)"?', re.IGNORECASE)
_FILE_NAME: Final = re.compile(rb'name="file"(?:;\s*filename="([^"]*)")?', re.IGNORECASE)


def upload(state: SandboxState, request: HttpRequest, now: float) -> dict[str, Any]:
    """POST upload-files: a form with one part, `file`."""
    found = _part(request)
    if found is None:
        raise Refusal("MSGSMS.0002", "file")
    name, content = found
    description = read_query(request).get("file_desc", "")
    file = UploadedFile(uuid.uuid4().hex, name, len(content), description, now)
    account_of(state).files[file.id] = file
    return {"file_id": file.id}


def show(state: SandboxState, request: HttpRequest, now: float) -> dict[str, Any]:
    """GET upload-files?file_id=…"""
    file = account_of(state).files.get(read_query(request).get("file_id", ""))
    if file is None:
        raise Refusal("MSGSMS.0011", "file_id")
    return {
        "file_id": file.id,
        "file_name": file.name,
        "file_ref": 0,
        "file_size": file.size,
        "file_type": 0,
        "module_type": 0,
        "operator": "sandbox",
        "file_desc": file.description,
        "update_time": timestamp(file.updated),
    }


def _part(request: HttpRequest) -> tuple[str, bytes] | None:
    """Name and content of the part `file` of a multipart form."""
    boundary = _BOUNDARY.search(request.headers.get("content-type", ""))
    if boundary is None:
        return None
    for part in request.body.split(f"--{boundary[1]}".encode("latin-1", "replace")):
        head, _, content = part.partition(b"\r\n\r\n")
        found = _FILE_NAME.search(head)
        if found:
            return (found[1] or b"").decode("utf-8", "replace"), content.removesuffix(b"\r\n")
    return None
