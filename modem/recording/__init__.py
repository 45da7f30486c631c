"""Recording a real modem's dialogue, with everything replaced that could name a subscriber."""
