"""Unbind before cancel: the gates, the rules of platforms, the deadlines."""
