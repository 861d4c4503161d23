"""What runs in the sandboxed processes; imports Keras only there."""
