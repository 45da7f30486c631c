"""Data usage: counters, cycles, the ledger."""
