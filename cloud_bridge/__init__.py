"""What crosses to the cloud: messages, outbox, uplink, and the backend's end."""
