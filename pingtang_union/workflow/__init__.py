"""Applications: something that a union applies for and offices answer, in steps that are written down.

A model subclasses `Application` (models.py) and has a model of its steps on `Step`. The one table of transitions says
what leads from state to state, who may, and what it needs; buttons, permissions, timelines and the tests' matrix are
read from it (docs/workflow.md shows it). `perform` is the only writer of a state: it locks the row, asks scope,
permission, stage and what is missing, and writes the step.

    table.py        `State`, `Transition`, TRANSITIONS, `permissions_of` for a model's Meta
    models.py       `Application`, `Step`: an app says what is missing (`missing_for`) and what is kept (`content`)
    attention.py    `Seen`, `Follow`, `Label`, `Assignment`, `Return`, `Notice`: kept beside any record
    marking.py      writes these, each for who may
    waiting.py      which applications wait for whom, kind by kind: queues, desk, numbers
    moving.py       `perform`, `may_edit`, `locked_for_edit`
    rules.py        how many working days a publicity (公示) lasts, and offices may take: dated rows with their document
    clocks.py       `clocks`: how many working days the offices have left; they stop while the applicant mends
    workdays.py     working days, with the State Council's holidays
    objections.py   `Objection`: while one is open nothing is decided
    notices.py      `Notice`: what hangs on the public notice board, as apps' portals give it
    attachments.py  `Attachment`: papers checked in the limited child and kept sealed
    publishing.py   the privacy linter at every public door; `OfficePhone`: phones that anyone may read
    public_files.py `PublicFile`: what anyone may download, scans after a second person's yes
    timeline.py     the transitions on offer, what changed since a return, the timeline
    todo.py         `came_back`, `under_way`: what the workbench tells a union of its applications
    filling.py      `StepView`, `PapersStepView`, `CheckView`: an application filled in step by step, with its papers
    pages.py        `ApplicationPageMixin`, `ApplicationFillView`, `ApplicationMoveView`: officers' pages of all these

The admin's pages are `ApplicationAdmin` (admin/applications.py). Nothing is imported here: Django loads this package
before its models are ready.
"""
