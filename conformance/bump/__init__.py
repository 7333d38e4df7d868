"""What a microversion changed: observed on a cloud, drafted as a delta."""
