"""Evidence for people and cameras: QR codes on a screen or in files, and a certificate as PDF."""
