"""The vocabulary: what messages, results, reports, reasons and errors are. Pure, and below everything else."""
