"""Files that are sent lie in memory until their page has read them, never in a temporary folder."""

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler

from pingtang_union.ledger.reading.workbook import MAX_BYTES

MAX_HELD = 2 * MAX_BYTES  # of all files of one request


class LimitedUploadHandler(MemoryFileUploadHandler):
    """Of a file beyond MAX_BYTES it gives an empty one that knows the size sent, so that the page can name it and say
    why it is not taken; so it does, with the size of all, once a request holds more than MAX_HELD."""

    held = 0
    is_over = False

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        self.activated = True

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        self.is_over = False
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.held += len(raw_data)
        self.is_over = self.is_over or start + len(raw_data) > MAX_BYTES or self.held > MAX_HELD
        if self.is_over:
            self.held -= len(raw_data) + self.file.tell()
            self.file = BytesIO()
        else:
            super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> UploadedFile | None:
        if not self.is_over:
            return super().file_complete(file_size)
        size = file_size if file_size > MAX_BYTES else self.held + file_size
        return UploadedFile(BytesIO(), self.file_name, self.content_type, size, self.charset)
