"""Simulated modems and cards, and dialogues, as data; each file states provenance and source."""
