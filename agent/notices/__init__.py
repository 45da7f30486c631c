"""What the gateway says of itself: its clock, its certificates, its own bytes on the air."""
