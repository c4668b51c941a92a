"""What the end-to-end scenarios and the demo share."""
