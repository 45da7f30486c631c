"""Card files, one module per specification."""
