"""Who exists: unions, accounts, cadres, members and their trainings; the root of scope.

    models/          records with their constraints
    services/        writes that touch several rows: accounts, unions, membership, transfers, posts, numbers asked for
    acts.py          the acts of membership: from which standing, what they ask, what they do
    ledgers/         what the rows of each ledger mean
    figures.py       declared figures; completeness.py: what a union's card lacks
    portal.py        what the shared pages find: menu, sidebar, what is due (todo.py), jobs, how long rows are kept
    filters.py  forms/  views/  urls.py    officers' pages
    admin/           pages for county staff
    roles.py         names of the roles; what each may do is granted by migrations
    signals.py       one session an account; which records leave a trail of their edits

It knows no app beside or above it: honours, activities and relief build on it.
"""
