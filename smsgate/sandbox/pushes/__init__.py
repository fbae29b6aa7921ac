"""What the simulated vendors push by themselves: delivery reports and replies, to the callbacks of the application."""
