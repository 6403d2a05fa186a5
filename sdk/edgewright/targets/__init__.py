"""CPUs and boards, loaded strictly from the `targets` folder of the project."""

from edgewright.targets.cpu import Cpu, cpu_names, load_cpu

__all__ = ["Cpu", "cpu_names", "load_cpu"]
