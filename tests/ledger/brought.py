"""What tests of files do with the ledger layer: bring one, and look whether anything was written."""

from members.models import Cadre, Member, MembershipEvent, Training, Union
from pingtang_union.ledger.importing import steps
from pingtang_union.ledger.models import ImportBatch, ImportRow
from tests.ledger import odd


def counts() -> list[int]:
    """How many there are of all that a ledger may bring."""
    return [model._base_manager.count() for model in (Union, Cadre, Member, MembershipEvent, Training, ImportRow)]


def checked(by, content: bytes, name: str = odd.NAME) -> ImportBatch:
    batch = steps.deliver(by=by, name=name, content=content)
    steps.check(batch.pk)
    batch.refresh_from_db()
    return batch


def said_of(batch: ImportBatch) -> list[str]:
    return [message["message"] for message in batch.messages]
