"""Pages that put the apps together. They find what an app declares by its portal (core/portal.py).

    accounts.py      signing in and out, passwords, the way to the page of one's role
    menu.py          what every page shows: the federation's name, the pages of the role
    desk.py          county staff's home (工作台): what waits, returns, batches, what one follows
    home.py          an officer's home (我的工会): what is due, came back, is under way, and the unions below
    calls.py         a call for a ledger: who has answered, reminders, answers without a file
    dashboard.py     leaders' pages: it asks figures and computes nothing
    styleguide.py    every component in each state, for whoever makes pages
    ledgers/         台账: bringing, previewing, writing, undoing, templates, forms, exports
    models.py  admin.py   `SiteText`: what the office says of itself on public pages, and where staff edit it
    portal.py        what the pages themselves declare
    public/          pages for anyone: front page, notice board, honour roll, certificates

Pages of one app's records stand in the app (`members/views`, `awards/views`), on the bases of core/views.py. Every page
starts from `visible_to(user)`, and has no inline script or style.
"""
