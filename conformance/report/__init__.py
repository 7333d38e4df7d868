"""What a run leaves for people and machines: results, labels, redaction. Layer 3."""
