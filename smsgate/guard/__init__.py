"""What may be sent at all, where to, when and how fast: decisions of frozen values. Pure: the time is an argument."""
