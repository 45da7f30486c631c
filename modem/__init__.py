"""A cellular modem behind a serial port."""
