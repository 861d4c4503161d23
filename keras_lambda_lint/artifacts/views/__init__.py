"""What was found in saved models, as text for people and in forms for programs."""
