"""One module per format; `edgewright.export.registry` finds them."""
