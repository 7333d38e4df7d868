"""What runs inside the services' own interpreter.

It imports the services (keystone, nova, ...) and nothing of the conformance package: the two interpreters share only
the boot record, a JSON file in the cloud's folder.
"""
