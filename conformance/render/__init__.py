"""What CI needs, written from the gates: jobs of Zuul, local.conf of devstack, environments of tox."""
