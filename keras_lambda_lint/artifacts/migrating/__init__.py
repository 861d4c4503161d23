"""A saved model written anew, with registered layers in the place of bytecode."""
