"""What goes wrong between a gateway and its vendors: faults made on real sockets, and what must hold after each.

`matrix.py` and `outages.py` are the tables of faults, `driver.py` runs one and has what must hold. `stub.py` is the
vendor that misbehaves and `scripts.py` what it can be told to do: neither shares code with smsgate. The faults are
numbered through; those of webhooks and stores have numbers of their own and stand with them.
"""
