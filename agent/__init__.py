"""The gateway's daemon and the technician's tools."""
