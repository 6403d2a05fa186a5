"""What Edgewright can do, as functions; the command line mirrors them.

Each gives a frozen record: `to_json` of it is what `--json` prints, `check` raises what the command's status would say.
"""

from edgewright.kernels import Goal
from edgewright.options import CompileOptions
from edgewright.train.options import DistillOptions
from edgewright.verbs.build import Built, build
from edgewright.verbs.compile import Compiled, compile
from edgewright.verbs.demo import Demonstrated, demo
from edgewright.verbs.distill import Distilled, Resumption, distill
from edgewright.verbs.doctor import Tools, doctor
from edgewright.verbs.export import Export, export
from edgewright.verbs.flash import Flashed, flash
from edgewright.verbs.inspect import Inspected, inspect
from edgewright.verbs.new_app import NewApp, new_app
from edgewright.verbs.ops import Operators, ops
from edgewright.verbs.profile import Profiled, profile
from edgewright.verbs.prune import Pruned, PruneOptions, prune
from edgewright.verbs.quantize import Quantized, quantize
from edgewright.verbs.record import SCHEMA_VERSION, Record
from edgewright.verbs.report import Reported, report
from edgewright.verbs.sensitivity import Sensitivity, sensitivity
from edgewright.verbs.target_files import CheckedFiles, NewBoard, check_targets, new_board
from edgewright.verbs.targets import Targets, targets
from edgewright.verbs.validate import Validated, validate

__all__ = [
    "SCHEMA_VERSION", "Built", "CheckedFiles", "CompileOptions", "Compiled", "Demonstrated", "DistillOptions",
    "Distilled", "Export", "Flashed", "Goal", "Inspected", "NewApp", "NewBoard", "Operators", "Profiled",
    "PruneOptions", "Pruned", "Quantized", "Record", "Reported", "Resumption", "Sensitivity", "Targets", "Tools",
    "Validated", "build", "check_targets", "compile", "demo", "distill", "doctor", "export", "flash", "inspect",
    "new_app", "new_board", "ops", "profile", "prune", "quantize", "report", "sensitivity", "targets", "validate",
]  # fmt: skip
