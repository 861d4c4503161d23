"""What the shapes are that code gives to tensors."""
