"""Byte streams to a modem."""
