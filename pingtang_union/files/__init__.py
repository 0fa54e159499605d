"""Bytes from outside, opened in a process of their own and never in the server, the worker or a transaction.

A file made to harm, or only damaged, may ask for any amount of memory, never come to an end, stop the library that
reads it, or make it run something. So every job over such bytes (reading a workbook, writing one back with its look,
checking an attachment) is a function that runs in a child process:

    child.py      the child: sets its own limits, runs one job, answers in JSON and bytes
    limited.py    the parent: starts it with an empty environment, gives it at most so long, hears its answer
    papers.py     the job that checks attachments
    privacy.py    numbers that strangers mustn't read, found in a text in any dress
    inside.py     the job that looks for them in all that a file says
    watermark.py  the job that writes words across a picture
    word.py       the jobs over Word templates: filled with what the records say, and read back

The jobs of ledgers stand beside them (ledger/reading, ledger/giving). A caller says `limited.run(job, …)` and gets the
answer, a refusal in words (`DomainError`), or an interruption, which is no verdict on the file.

Nothing here imports an app or Django's models; the child imports nothing that needs settings, secrets or a database.
Import the names from their modules: this file is read by the child too, and stays empty.
"""
