"""How the commands of the command line are called, by subject."""
