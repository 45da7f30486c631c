"""A card released from this device: steps that are named, configurable, reversible and read back.

`steps.py` is the door. A step plans, prepares (what an undo needs, before anything is done), does,
undoes, and proves by reading back; each may be done again after a kill at any instant.
"""
