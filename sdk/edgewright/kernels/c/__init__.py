"""Portable C, which runs everywhere; what builds the parameter structs stands here."""
