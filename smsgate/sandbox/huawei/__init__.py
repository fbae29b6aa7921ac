"""Huawei Cloud Message & SMS, simulated: sending, management, IAM."""
