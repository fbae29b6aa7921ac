"""Which provider a message is given to first: health, routes, the other way for a second message, and the budget."""
