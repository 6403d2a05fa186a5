"""Weights as small integers without training: bias correction, GPTQ, scales from a grid; which layers take 4 bits."""
