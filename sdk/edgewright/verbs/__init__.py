"""What Edgewright can do: one verb a file, each a function and the frozen record that it gives back."""
