"""The ground: what every app needs and knows of none. Upper models are named by string only ("members.Union").

Rows are private unless said otherwise. A model subclasses `ScopedModel` (scope.py), names the way to its union in
`scope_path`, and `visible_to(user)` is the only filter of its rows: an account serves one union of the tree and sees
the subtree; without a union it sees nothing. What an account may do with them is asked in permissions.py (`may`,
`may_view`, `may_reveal`). Errors that a person should read are a `DomainError` (exceptions.py).

Records:    fields.py     `SealedField` for identity numbers, `PartialDateField` for dates known to the year or month
            dates.py  text.py  validators.py  cleaning.py   what offices write, read or refused with what to do
            crypto.py     sealing a text, and the keyed index by which it is found
            masking.py    identity numbers hidden in columns and in any text; masks that come back
Trail:      audit.py      `audited(Model)` and one function for each act that is no edit: reveal, export, workflow
            changes.py    the trail in words: labels, codes and names instead of keys
Figures:    figures.py    `Figure`, `Column`, `Dimension`: an app declares FIGURES in its own figures.py
Pages:      views.py      `ScopedCRUDView` (lists, forms, pages), `ScopedActionView` (one act)
            forms.py      `ScopedForm`, `ScopedModelForm`
            versions.py  keys.py   two people at one form; keys that come from addresses and forms
            database.py   `only_reads`: pages that write nothing; how long a statement may take
Apps:       portal.py     `Portal`, declared in an app's portal.py, with `Page`, `Group`, `Entry`, `Slot`, `Kept`
            todo.py       `Item` and `Step`: what somebody has to do, as an app's portal says
            jobs.py  demo.py   the work of the night; the guard around the demo's rows
            grants.py     what roles may do: an app's GRANTS, and `granting(…)` for changes in migrations
"""
