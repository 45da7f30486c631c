"""`simward doctor`: checks of what is around simward, small functions that change nothing."""
