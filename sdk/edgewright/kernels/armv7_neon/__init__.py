"""Armv7-A with NEON: eight lanes, two products to an int16."""
