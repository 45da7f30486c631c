"""Simulated modems; they share no parser with the code that they test."""
