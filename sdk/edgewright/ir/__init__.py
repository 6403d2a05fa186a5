"""The graph: values, nodes, and the quantization that a value carries."""

from edgewright.ir.graph import AnyGraph, AnyNode, Graph, Node, Operation, Value
from edgewright.ir.types import Quant

__all__ = ["AnyGraph", "AnyNode", "Graph", "Node", "Operation", "Quant", "Value"]
