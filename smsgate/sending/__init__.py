"""A message becomes a result: preparing, batching, dispatching, failover."""
