"""Own Layer and Model classes become ones that Keras can find, rebuild and train."""
