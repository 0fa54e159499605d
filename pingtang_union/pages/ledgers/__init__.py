"""Pages between workbooks and records (台账). Every page starts from `visible_to(user)`: an office sees its own.

    batches.py     a file brought, looked at, written once; progress of large ones
    people.py      namesakes to tell apart, members elsewhere to ask for
    answer.py      the workbook back with its faults marked
    undoing.py     taking a batch back, for a reason
    giving.py      templates, prefilled workbooks, exports of lists
    filling.py     a superior's form: sent, confirmed, taken away filled
    todo.py        what is due and what came back, for the home of an office
    shared.py      who may come, and how a step is asked for and begun: at once, or by the worker when the file is large

What is done stands in ledger/importing and ledger/giving; rights are asked there, and here before a button is offered.
"""
