"""Writing a built program to a board: its image in the formats of the tools, and the tools themselves."""
