"""The inbox page: what it shows, as JSON and as a stream of events, who may see it, and the page itself."""
