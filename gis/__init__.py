"""What lies in the ground, where it is, and how sure we are. Imports no other room."""
