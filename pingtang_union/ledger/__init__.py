"""The Excel layer: ledgers (台账) come in from whatever workbook an office keeps, and go out in the county's columns.

An app declares a ledger in `<app>/ledgers`, as a class on `Ledger` (declaration.py) with `@register` and its
`Column`s (declaration.py): which columns it has, how a row finds its record, what a new record needs. Everything else
is done here, the same for all ledgers:

    reading/      bytes become sheets, sheets become tables of known ledgers, cells become values
    importing/    a brought file is checked, previewed, written once, and can be taken back
    giving/       templates, exports, a superior's form filled, the same workbook back with its faults marked

The steps, and what a person does between them, are in docs/ledgers.md. Beside them:

    declaration.py  `Ledger` and `Column`: what a ledger is, how a row finds its record and is compared with it
    grouped.py      `GroupedLedger`: a record with rows below it, a household with its people: taken whole or not at all
    records.py      what a ledger does with stored records: writes them in bulk, takes them back
    outcome.py      `RowOutcome`: what becomes of a row, from the plan to the undoing; wording.py says it
    standing.py     `Standing`: a column that says whether somebody is still there
    context.py  unions.py  what the ledgers of one run share; a union found by any of its names
    bulk.py         many rows at once on either database; locks
    models.py       batches with files, rows and previews; calls for ledgers (催报), their returns; headers' meanings
    rights.py       `Rights`: who may act on a batch, asked by services, worker and pages alike
    hidden.py       former values that a batch keeps sealed: not to be seen by whoever brought a row, or guarded columns
    history.py      what imports changed, in words, and the whole history of a record
    against.py      a brought list against stored records: whose line it is, what differs
    calls.py        whom a call asks, who has answered, and the answer that nothing has changed
    report.py       counts and messages of a run, by sheet

Models keep the app label "core", under which their tables and permissions were made. Nothing is imported here: the
limited child reads this package without Django.
"""
