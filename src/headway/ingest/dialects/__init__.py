"""What the SDKs that teams already have send: one file for each, pure."""
