"""Files that are sent: what is beyond the limit is counted, but kept neither in memory nor on the disk."""

import io
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from pingtang_union.core.ledger.read import MAX_BYTES


class LimitedUploadHandler(FileUploadHandler):
    """First of the handlers: of a file beyond MAX_BYTES it gives an empty one that knows the size sent, so that the
    page can name it and say why it is not taken."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Pass on what is within the limit."""
        return raw_data if start + len(raw_data) <= MAX_BYTES else None

    def file_complete(self, file_size: int) -> Any:
        """The stand-in of a file beyond the limit; None leaves any other to the handlers behind."""
        if file_size <= MAX_BYTES:
            return None
        for handler in self.request.upload_handlers if self.request else ():  # those behind hold its beginning
            beginning = getattr(handler, "file", None)
            if beginning is not None:
                beginning.close()
        return UploadedFile(io.BytesIO(), self.file_name, self.content_type, file_size, self.charset)
