"""What goes wrong between a gateway and its vendors: faults made on real sockets, and what must hold after each.

`matrix.py` is the table of faults and `driver.py` runs a row of it. `stub.py` is the vendor that misbehaves and
`scripts.py` what it can be told to do: neither shares code with smsgate.
"""
