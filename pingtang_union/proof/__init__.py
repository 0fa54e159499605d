"""What proves a paper of the portal to be one, and its books to be as they were written;
a choice to be nobody's.

    models.py       `NumberRule`: how the numbers of a series look, from a day on; `Counter`: the last one drawn;
                    `Block` and `Leaf`: rows sealed in a chain
    numbers.py      `draw()`: the next number of a series, without gaps or doubles
    blocks.py       `seal_rows()`: rows sealed in a block that holds the head of the one before
    seal.py         how rows and blocks are hashed; the program with which anyone recomputes what is published
    pages.py        what is published and the program, to take away
    append_only.py  tables whose rows the database itself refuses to change or delete
    codes.py        codes on paper that people type or scan; their QR pictures
    draw.py         `drawn()`: lots that follow from a kept seed, so that anyone can draw again

A number is drawn inside the transaction that writes what bears it: where that is taken back, so is the number.
"""
