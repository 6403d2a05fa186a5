"""`arduino`, `platformio`, `zephyr`, `pico-sdk`, `esp-idf`, `cmsis-pack`: each by its own tool where there is one, and
built and run around stand-ins for the frameworks."""

from __future__ import annotations

import json
import os
import re
import tarfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from tests.harness.firmware import (
    FLOAT_ABIS,
    PASSED,
    compiled,
    exported,
    linked,
    objects,
    printed_on_board,
    program,
    shell,
)

FRAMEWORKS = Path(__file__).parents[1] / "harness" / "frameworks"
#: Formats that hold the generated tree, and the formats of them that take the kernels of a Cortex-M4.
WITH_TREE = ["arduino", "cmake", "cmsis-pack", "esp-idf", "make", "pico-sdk", "platformio", "zephyr"]
WITH_KERNELS = [name for name in WITH_TREE if name != "esp-idf"]
VERSION = re.compile(r"\d+\.\d+\.\d+")


@pytest.mark.parametrize("to", WITH_KERNELS)
def test_what_was_validated_is_what_is_handed_over(to: str, tmp_path: Path) -> None:
    folder = exported(to, tmp_path / "out")
    files = [path.relative_to(folder / "src") for path in (folder / "src").rglob("*") if path.is_file()]
    assert len(files) > 20
    assert [file for file in files if (folder / "src" / file).read_bytes() != (compiled() / file).read_bytes()] == []


def test_espressifs_cores_get_portable_c(tmp_path: Path) -> None:
    folder = exported("esp-idf", tmp_path / "out")
    assert {path.parent.name for path in (folder / "src" / "runtime" / "src").rglob("*.c")} == {"c"}
    assert not list(folder.rglob("*.S"))


# ---- Arduino ----


def sources_of(library: Path) -> list[Path]:
    """What Arduino compiles of a library."""
    return sorted(path for path in (library / "src").rglob("*") if path.suffix in (".c", ".S"))


def sketch(tmp_path: Path, text: str, libraries: list[Path], abi: str) -> Path:
    """The program of a sketch and its libraries on a Cortex-M4, whose Arduino cores use any float ABI."""
    (tmp_path / "sketch.cpp").write_text(f"#include <Arduino.h>\n{text}")
    core, includes = FRAMEWORKS / "arduino", [FRAMEWORKS / "arduino", *(library / "src" for library in libraries)]
    flags = FLOAT_ABIS[abi]
    cpp = objects(tmp_path / "cpp", [tmp_path / "sketch.cpp", core / "core.cpp"], flags, includes, "C++")
    sources = [source for library in libraries for source in sources_of(library)]
    return linked(tmp_path / "app", [*cpp, *objects(tmp_path / "c", sources, flags, includes)], flags)


def test_the_sketch_runs(tmp_path: Path) -> None:
    folder = exported("arduino", tmp_path / "digits")
    (tmp_path / "digits_sample.h").write_text((folder / "examples/selftest/digits_sample.h").read_text())
    text = (folder / "examples" / "selftest" / "selftest.ino").read_text()
    assert printed_on_board(sketch(tmp_path, text, [folder], "softfp")) == PASSED


def test_two_libraries_in_one_sketch(tmp_path: Path) -> None:
    libraries = [exported("arduino", tmp_path / name, name=name, goal=goal) for name, goal in
                 (("first", "time"), ("second", "flash"))]  # fmt: skip
    text = """#include <first.h>
#include <second.h>
static int8_t arena[65536] EW_ALIGNED(16);
void setup() { Serial.print(first_selftest(arena) == EW_OK && second_selftest(arena) == EW_OK ? "both" : "no"); }
void loop() {}
"""
    assert printed_on_board(sketch(tmp_path, text, libraries, "hard")) == "both"


def test_library_properties_are_those_of_the_specification(tmp_path: Path) -> None:
    """Source: Arduino library specification, rev. 2.2, "library.properties file format"."""
    folder = exported("arduino", tmp_path / "out")
    lines = (folder / "library.properties").read_text().splitlines()
    said = dict(line.split("=", 1) for line in lines)
    required = ["name", "version", "author", "maintainer", "sentence", "paragraph", "category", "url", "architectures"]
    assert list(said) == [*required, "includes"]
    assert re.fullmatch(r"[A-Za-z0-9][\w .-]{0,62}", said["name"])
    assert VERSION.fullmatch(said["version"])
    assert said["category"] in {
        "Display", "Communication", "Signal Input/Output", "Sensors", "Device Control", "Timing", "Data Storage",
        "Data Processing", "Other",
    }  # fmt: skip
    assert (folder / "src" / said["includes"]).is_file()
    assert not said["paragraph"].startswith(said["sentence"])


# ---- PlatformIO ----


def test_platformio_packs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`pio pkg pack`, with the list of licences that it would fetch."""
    monkeypatch.setenv("PLATFORMIO_CORE_DIR", str(tmp_path / "core"))
    from platformio.package.manifest.schema import ManifestSchema
    from platformio.package.pack import PackagePacker

    monkeypatch.setattr(ManifestSchema, "load_spdx_licenses", staticmethod(lambda: {"licenses": LICENSES}))
    folder = exported("platformio", tmp_path / "digits")
    packed = PackagePacker(str(folder)).pack(str(tmp_path / "digits.tar.gz"))
    with tarfile.open(packed) as archive:
        names = {name.removeprefix("./") for name in archive.getnames()}
        manifest = json.load(archive.extractfile("library.json"))  # type: ignore[arg-type]
    assert {"src/digits.h", "src/digits.c", "LICENSE", "examples/selftest/main.c"} <= names
    assert (manifest["name"], manifest["license"], manifest["headers"]) == ("digits", "Apache-2.0", "digits.h")


#: The entry of the list of the Software Package Data Exchange that matters here.
LICENSES = [{"licenseId": "Apache-2.0", "name": "Apache License 2.0"}]


# ---- Zephyr, Pico SDK, ESP-IDF: their projects around stand-ins ----


def built(project: Path, build: Path, program: str, **variables: str) -> str:
    """What the program of a CMake project prints; `variables` are its surroundings."""
    shell("cmake", "-S", project, "-B", build, env={**os.environ, **variables})
    shell("cmake", "--build", build)
    return shell(build / program)


def test_the_zephyr_sample_runs(tmp_path: Path) -> None:
    folder = exported("zephyr", tmp_path / "out", cpu="generic-c")
    base = str(FRAMEWORKS / "zephyr")
    assert (
        built(folder / "samples" / "selftest", tmp_path / "build", "app", ZEPHYR_BASE=base, Zephyr_DIR=base) == PASSED
    )


def test_the_zephyr_module_is_described(tmp_path: Path) -> None:
    """Source: Zephyr, scripts/zephyr_module.py: the keys that a module may have, and what they name."""
    folder = exported("zephyr", tmp_path / "out")
    module = yaml.safe_load((folder / "zephyr" / "module.yml").read_text())
    assert module["name"] == "digits"
    assert (folder / module["build"]["cmake"] / "CMakeLists.txt").is_file()
    kconfig = folder / module["build"]["kconfig"]
    option = re.search(r"^config (\w+)$", kconfig.read_text(), re.MULTILINE)
    assert option is not None
    assert f"if(CONFIG_{option[1]})" in (folder / "zephyr" / "CMakeLists.txt").read_text()
    sample = yaml.safe_load((folder / "samples" / "selftest" / "sample.yaml").read_text())
    wanted = sample["tests"]["sample.digits.selftest"]["harness_config"]["regex"]
    assert "\n".join(wanted) + "\n" == PASSED


def test_the_pico_program_runs(tmp_path: Path) -> None:
    folder = exported("pico-sdk", tmp_path / "out", cpu="generic-c")
    sdk = str(FRAMEWORKS / "pico_sdk")
    assert built(folder / "selftest", tmp_path / "build", "digits_selftest", PICO_SDK_PATH=sdk) == PASSED


def test_the_esp_idf_project_runs(tmp_path: Path) -> None:
    folder = exported("esp-idf", tmp_path / "digits")
    project = folder / "examples" / "selftest"
    assert built(project, tmp_path / "build", "digits_selftest", IDF_PATH=str(FRAMEWORKS / "esp_idf")) == PASSED


def test_the_esp_idf_manifests_say_what_they_must(tmp_path: Path) -> None:
    """Source: IDF Component Manager, "idf_component.yml Manifest File"."""
    folder = exported("esp-idf", tmp_path / "digits")
    manifest = yaml.safe_load((folder / "idf_component.yml").read_text())
    assert VERSION.fullmatch(manifest["version"])
    assert (manifest["license"], set(manifest["dependencies"])) == ("Apache-2.0", {"idf"})
    main = folder / "examples" / "selftest" / "main"
    needed = yaml.safe_load((main / "idf_component.yml").read_text())["dependencies"]["digits"]
    assert (main / needed["override_path"]).resolve() == folder


# ---- CMSIS-Pack ----

#: Source: Open-CMSIS-Pack specification 1.7.32, PACK.xsd: the elements that a package may and must have, each once.
PACKAGE = {"vendor", "name", "description", "url", "license", "releases", "keywords", "conditions", "components"}
CATEGORIES = {"include", "header", "sourceC", "sourceAsm"}


def test_the_files_that_the_pack_names_make_the_program(tmp_path: Path) -> None:
    folder = exported("cmsis-pack", tmp_path / "out")
    package = ElementTree.parse(folder / "Edgewright.digits.pdsc").getroot()
    assert [child.tag for child in package if child.tag not in PACKAGE] == []
    assert all(len(package.findall(tag)) == 1 for tag in PACKAGE)
    assert (folder / (package.findtext("license") or "")).is_file()
    (component,) = package.findall("components/component")
    assert {"Cclass", "Cgroup", "Csub", "Cversion"} <= set(component.attrib)
    conditions = {condition.get("id") for condition in package.findall("conditions/condition")}
    assert component.get("condition") in conditions
    assert "Cortex-M4" in {accept.get("Dcore") for accept in package.findall("conditions/condition/accept")}
    files = [(file.get("category"), folder / (file.get("name") or "")) for file in component.findall("files/file")]
    assert {category for category, _ in files} == CATEGORIES
    assert all(path.exists() for _, path in files)
    sources = [path for category, path in files if category in ("sourceC", "sourceAsm")]
    roots = [path for category, path in files if category == "include"]
    elf = program(tmp_path / "app", sources, FLOAT_ABIS["soft"], [*roots, folder / "template"])
    assert printed_on_board(elf) == PASSED


def test_a_pack_of_portable_c_is_for_every_core(tmp_path: Path) -> None:
    text = (exported("cmsis-pack", tmp_path / "out", cpu="generic-c") / "Edgewright.digits.pdsc").read_text()
    assert "<condition" not in text
