"""Post-training quantization: observe ranges, choose scales, lower to the integer graph."""

from edgewright.quantize.calibrate import Calibration, calibrate
from edgewright.quantize.choose import annotate, has_scales
from edgewright.quantize.interpret import run_float, run_integer
from edgewright.quantize.lower import lower_graph
from edgewright.quantize.observe import Observer, observe
from edgewright.quantize.progress import Progress
from edgewright.quantize.rounding.recipe import Recipe, Rounding, Widths
from edgewright.quantize.samples import Samples, load_samples, named_samples, random_samples
from edgewright.quantize.stored import in_model_order, quantized_inputs

__all__ = [
    "Calibration",
    "Observer",
    "Progress",
    "Recipe",
    "Rounding",
    "Samples",
    "Widths",
    "annotate",
    "calibrate",
    "has_scales",
    "in_model_order",
    "load_samples",
    "lower_graph",
    "named_samples",
    "observe",
    "quantized_inputs",
    "random_samples",
    "run_float",
    "run_integer",
]
