"""The demonstration (`make demo`): shipped ledgers of fictitious people, one account a role, rows for every desk.

    accounts.py    the accounts and their one known password, behind the guard of core/demo.py: DEMO=1 and a database
                   named demo.sqlite3, or nothing is touched
    calls.py       a call for ledgers, so that officers find something due
    ledgers/       the county's ledgers with their true totals, imported as an office would

Other rows are what the apps declare as DEMO in their portal. The command demo runs it (management/commands/demo.py). A
ledger whose very bytes are in already is left out of a second run, so that what visitors changed stays.
"""
