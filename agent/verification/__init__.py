"""After the cancellation: what of data, messages and voice still works, and what that means."""
