"""From records to workbooks. What is given out in a ledger's own columns and brought again changes nothing.

    cells.py        records become cells, the way back of cleaning; numbers masked unless a reason was written
    template.py     blank workbooks with dropdowns and notes, or filled with a union's records
    export.py       any list as it is filtered, streamed at constant memory
    form.py         a superior's blank form filled by the ledger that fits best; form_child.py does it in the limited
                    child, make_room.py makes room for more rows
    marked.py       the same workbook back: bad cells coloured with a comment, a verdict behind each row; answer.py says
                    what stands there, marked_child.py does it in the limited child
    styled.py       somebody else's workbook held so that its look is kept
    xlsx.py         workbooks written as a stream: one long sheet, or several without a look of their own

Above 300,000 cells, and for .xls, .ods and .csv, a marked workbook is an .xlsx with the same rows at the same row
numbers. Every export that holds full numbers asks for a reason, is an audit event and names who and when.
"""
