"""What proves a paper of the portal to be one, and a choice to be nobody's: serial numbers, lots.

    models.py    `NumberRule`: how the numbers of a series look, from a day on; `Counter`: the last one drawn
    numbers.py   `draw()`: the next number of a series, without gaps or doubles
    draw.py      `drawn()`: lots that follow from a kept seed, so that anyone can draw again

A number is drawn inside the transaction that writes what bears it: where that is taken back, so is the number.
"""
