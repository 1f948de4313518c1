"""What an unknown table probably is: guesses from names and from values, each with its reasons."""
