"""Honours (荣誉): nominations, publicity, decisions, awards, and the scorecards of star unions.

    models/          titles, rounds, nominations, awards, star schemes and scorecards
    services/        filling in, opinions, scores, naming, revoking; stars
    slate.py         a slate against its ratios; ladder.py: who may strive for which title
    documents.py     story kit, notice and decision, from the Word templates in word/, which an office may change
    ledgers/         荣誉台账; figures.py: the figures on honours
    portal.py        what the shared pages find: menu, sidebar, due (todo.py), notices.py, the demo's rows (demo.py)
    shown.py         what strangers may read of an award: the honour roll, holders, certificates
    filters.py  forms/  views/  urls.py    officers' pages
    admin/           pages for county staff
    signals.py       which records leave a trail of their edits

It knows members and the packages below; activities and relief stand beside it and don't know it.
"""
