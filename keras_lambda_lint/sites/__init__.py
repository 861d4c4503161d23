"""The domain model: what a file says about Keras, in the terms in which rules ask."""
