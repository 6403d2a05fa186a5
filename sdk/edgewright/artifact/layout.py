"""Every file and folder of a generated directory, by name."""

from __future__ import annotations

from dataclasses import dataclass

#: Folders: the kernels that are used; what `build` makes; the same model compiled for this machine.
RUNTIME, BUILD, HOST = "runtime", "build", "host"
#: What a compiler finds inside `RUNTIME`.
RUNTIME_INCLUDE, RUNTIME_SOURCES = f"{RUNTIME}/include", f"{RUNTIME}/src"
CMAKE_LISTS = "CMakeLists.txt"
#: In `RUNTIME`: the text of the licence of all that is copied there.
LICENSE = "LICENSE"
MANIFEST_SUFFIX = "_manifest.json"
#: In `BUILD`: the validation runner, the program that is measured, the host's library, the record of the build.
RUNNER_PROGRAM, MINIMAL_PROGRAM, LIBRARY, BUILD_RECORD = "runner.elf", "minimal.elf", "model.so", "build.json"
#: How what is not finished yet is called: a build, and the host's build while its folder is written anew.
UNFINISHED_BUILD, HOST_BUILD_ASIDE = ".build-", ".host-build"


@dataclass(frozen=True)
class Layout:
    """The files of the model whose C prefix is `name`."""

    name: str

    @property
    def header(self) -> str:
        """The API and its constants."""
        return f"{self.name}.h"

    @property
    def calls(self) -> str:
        """Parameters and the call list."""
        return f"{self.name}.c"

    @property
    def weights(self) -> str:
        """Constant arrays, each once."""
        return f"{self.name}_weights.c"

    @property
    def weights_header(self) -> str:
        """Their declarations."""
        return f"{self.name}_weights.h"

    @property
    def golden(self) -> str:
        """The self-test."""
        return f"{self.name}_golden.c"

    @property
    def model(self) -> str:
        """The ONNX file that it came from."""
        return f"{self.name}_model.onnx"

    @property
    def reference(self) -> str:
        """The integer graph."""
        return f"{self.name}_reference.npz"

    @property
    def manifest(self) -> str:
        """What the directory holds, for tools and for people."""
        return f"{self.name}{MANIFEST_SUFFIX}"

    def generated(self) -> frozenset[str]:
        """Names of everything that compiling, building and validating put into the directory."""
        files = (self.header, self.calls, self.weights, self.weights_header, self.golden, self.model, self.reference)
        return frozenset((*files, self.manifest, CMAKE_LISTS, RUNTIME, BUILD, HOST))
