"""The main job on one machine: simulated gateways, embedded broker, backend, and a story."""
