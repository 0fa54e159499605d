"""Pages for anyone, signed in or not.

    front.py         the front page: the slots that apps declare, the office's own texts
    notices.py       the notice board (公示栏): who is in publicity today
    honours.py       the honour roll (光荣榜) and a page a holder
    files.py         files to download, beside a notice or on the front page
    certificates.py  certificates with a QR code, and the page that says whether an award stands

Templates are handed classes that say what strangers may read (workflow.notices, awards.shown), never records: what
isn't named there can't be printed by mistake. Nothing is kept by any cache, since a notice has to vanish when it is
over and an award when it is revoked.
"""
