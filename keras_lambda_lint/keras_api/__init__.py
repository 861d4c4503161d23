"""Facts about Keras, as tables: names, values, operations. Every row says where it was measured."""
