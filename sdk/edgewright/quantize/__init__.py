"""Post-training quantization: observe ranges, choose scales, lower to the integer graph."""

from edgewright.quantize.choose import CalibrationMethod, annotate
from edgewright.quantize.interpret import run_float, run_integer
from edgewright.quantize.lower import lower_graph
from edgewright.quantize.observe import Observer, observe

__all__ = ["CalibrationMethod", "Observer", "annotate", "lower_graph", "observe", "run_float", "run_integer"]
