"""Microversion conformance: does a cloud answer, version by version, as its history promises?"""
