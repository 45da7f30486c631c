"""The checks: each function looks at the surroundings and gives one finding."""
