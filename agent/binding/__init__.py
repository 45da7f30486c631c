"""Which card is in which modem of this device: seen, recorded, and what a change may cost."""
