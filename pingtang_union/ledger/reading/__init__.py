"""From bytes to rows.

No database and no app: a sheet is understood by what stands in it and by the ledgers that are declared. What can't
surely be read is refused in words, never guessed.

    1. workbook.py   bytes become `Sheet`s of cells: .xlsx .xlsm .xlsb .xls .ods .csv, told by content, never by suffix
       child.py      the job that does it in the limited child; binary.py, styles.py, formats.py and unseen.py say what
                     cells alone don't: dates as exact as shown, noughts in front, hidden rows, formulas without a
                     result, error values, pictures
    2. recognise.py  finds the header, however many levels it has, and tells which ledger it is: by what the office said
                     of its headers before, by known aliases, then by likeness, with a warning
       table.py      what belongs to a table: notes above the header; titles, sections, totals and signatures left out
       totals.py     a sheet's own totals, compared with its rows
       ours.py       what the portal itself wrote into a workbook, which says nothing when it comes back
    3. rows.py       every row becomes a `RowOutcome` with its cells cleaned (core/cleaning.py)
       file.py       `parse`: all of this for one file
       uploads.py    files beyond the limit are counted and kept nowhere
"""
