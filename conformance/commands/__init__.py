"""The commands, by subject. Layer 4."""
