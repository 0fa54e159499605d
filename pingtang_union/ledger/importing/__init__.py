"""From rows to records, in steps with a person between them.

    bring → check → preview → write, once → result → undo

A batch keeps where it stands; every step asks `Rights` and locks it, on a page, in the worker and at the command line.

    steps.py      `deliver`, `check`, `choose_columns`, `decide` (namesakes), `recheck`, `request_writing`, `write`,
                  `discard`
    plan.py       what would happen with each row (新增, 更新, 无变化, 待转会, 待辨认, 待县核实, 退回), and making it
                  happen: one transaction a file, all rows or the good ones
    preview.py    rows and outcomes kept sealed until someone confirms; the same rows are planned again under the lock,
                  and when another outcome follows nothing is written
    shown.py      rows of a batch as pages show them: counts by outcome, what is said of each, what changes
    undo.py       previous values come back, new records go; what was edited or used since stays and is listed
    tasks.py      the same steps for large files, done by the worker; what was interrupted is queued again
    worker.py     the worker's loop: jobs, the sweep after others, its pulse
    attempts.py   a step done and its failures said; interruptions counted: after three the batch has failed, in words
    progress.py   how far a running batch is, beside the database
    command.py    all steps in one go, for the command import_ledgers
"""
