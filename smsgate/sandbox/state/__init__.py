"""What all simulated vendors share: templates, messages, reviews, queues, faults."""
