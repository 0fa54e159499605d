"""What anyone takes away to recompute what is published: the file, and the program (proof.seal)."""

import inspect
import io
import json
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from pingtang_union.core.database import only_reads
from pingtang_union.proof import seal


def document_file(document: dict[str, Any], name: str) -> FileResponse:
    """A published document as a download."""
    content = io.BytesIO(json.dumps(document, ensure_ascii=False, indent=1).encode())
    return FileResponse(content, as_attachment=True, filename=name, content_type="application/json")


@only_reads
@require_safe
def command(request: HttpRequest) -> HttpResponse:
    """The small program."""
    response = HttpResponse(inspect.getsource(seal), content_type="text/x-python; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="seal.py"'
    return response
