"""Programmers on a good day and on bad ones: the commands that their tools get, and what those answer."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from edgewright.errors import EdgewrightError, LinkError, ToolError
from edgewright.flash.files import write_files
from edgewright.flash.image import Image, Segment
from edgewright.flash.programmer import Job
from edgewright.flash.programmers import PROGRAMMERS
from edgewright.targets import ChipId, Flashing, Target, load_board, load_cpu
from tests.harness.fake_tools import Answer

#: The chips by name, and how they are recognised.
IDS = {"STM32F446": ChipId(0xE0042000, 0xFFF, 0x421), "Cortex-M4": ChipId(0xE000ED00, 0xFFF0, 0xC240)}
F446 = Flashing(
    runners=("pyocd", "openocd", "jlink", "st-flash", "stm32-programmer"),
    pyocd_target="stm32f446retx",
    openocd=("board/st_nucleo_f4.cfg", "adapter speed 1000"),
    jlink_device="STM32F446RE",
)
NRF = Flashing(("nrfutil", "nrfjprog"), nrf_version="NRF52840")
PICO = Flashing(("picotool", "uf2"), uf2_family="rp2040", uf2_board="RPI-RP2")
QEMU = Flashing(("gdb",))
LINUX = Flashing(("ssh",))


@dataclass(frozen=True)
class Case:
    """A programmer on a good day and on bad ones.

    calls: the command lines of success, with {d} for the program's folder. tools: how each answers then. wrong: the
    tool and its answer when another chip is there; found: what the message then says. bad: (tool, answer, message).
    """

    runner: str
    flashing: Flashing
    calls: list[str]
    tools: dict[str, list[Answer]]
    wrong: tuple[str, Answer] | None
    found: str
    bad: list[tuple[str, Answer, type[EdgewrightError], str]]
    port: str = ""
    verified: bool = True
    cpu: str = "cortex-m4"
    scripts: dict[str, str] = field(default_factory=dict)

    @property
    def chip(self) -> str:
        """What the board's chip is called."""
        return "STM32F446" if self.flashing is F446 else "Cortex-M4" if self.flashing is QEMU else "RP2040"


DIGEST = hashlib.sha256(b"an ELF file").hexdigest()
ST_INFO = """Found 1 stlink programmers
  version:    V2J37S26
  serial:     066FFF
  flash:      524288 (pagesize: 131072)
  sram:       131072
  chipid:     0x{0:x}
  dev-type:   {1}"""
CUBE = """      -------------------------------------------------------------------
                        STM32CubeProgrammer v2.14.0
      -------------------------------------------------------------------
ST-LINK SN  : 066FFF
Board       : NUCLEO-F446RE
Device ID   : 0x{0:x}
Revision ID : Rev A"""
GDB = (
    "gdb-multiarch -nx -batch -ex set confirm off -ex set pagination off -ex set tcp connect-timeout 5 "
    "-ex set remotetimeout 10 -ex target extended-remote localhost:3333 -ex set $chip = 0 "
    "-ex set $chip = *(unsigned int *)0xe000ed00 -ex p/x $chip -x {d}/runner.gdb -ex monitor system_reset "
    "-ex monitor reset -ex detach {d}/runner.elf"
)
JLINK = "JLinkExe -NoGui 1 -ExitOnError 1 -device STM32F446RE -if SWD -speed 4000 -autoconnect 1 -CommandFile {d}/"
OPENOCD = "openocd -f board/st_nucleo_f4.cfg -c adapter speed 1000 -c "
SSH = "-o BatchMode=yes -o ConnectTimeout=10"

CASES = [
    Case(
        "pyocd",
        F446,
        [
            "pyocd cmd -W -t stm32f446retx -u 066F -c read32 0xe0042000",
            "pyocd load -W -t stm32f446retx -u 066F -e sector --no-reset {d}/runner.elf",
            'pyocd cmd -W -t stm32f446retx -u 066F -c compare 0x8000000 "{d}/runner.bin"',
            "pyocd reset -W -t stm32f446retx -u 066F",
        ],
        {
            "pyocd": [
                Answer("*read32*", "e0042000:  10006421    |..d!|"),
                Answer("*compare*", "All 300 bytes match."),
                Answer(),
            ]
        },
        ("pyocd", Answer("*read32*", "e0042000:  10006431    |..d1|")),
        "found id 0x431 (wanted 0x421)",
        [
            ("pyocd", Answer("*", "No connected debug probes", 1), LinkError, "no probe is connected"),
            ("pyocd", Answer("*", "Target type stm32f446retx not recognized.", 1), LinkError, "pyocd pack install"),
            ("pyocd", Answer("*", "Error: No ACK received", 1), LinkError, "does not reach the chip"),
            ("pyocd", Answer("*load*", "0001 E flash erase failure", 1), ToolError, "write with status 1.*half a"),
            ("pyocd", Answer("*compare*", "Mismatched byte at 0x08000004"), LinkError, "back differently.*half a"),
        ],
        port="066F",
    ),
    Case(
        "openocd",
        F446,
        [
            OPENOCD + "init -c mdw 0xe0042000 -c shutdown",
            OPENOCD + "program {{{d}/runner.elf}} verify reset exit",
        ],
        {
            "openocd": [
                Answer("*mdw*", "Info : STLINK V2J37\n0xe0042000: 10006421"),
                Answer("*program*", "** Programming Finished **\n** Verify Started **\n** Verified OK **"),
            ]
        },
        ("openocd", Answer("*mdw*", "0xe0042000: 10016413")),
        "found id 0x413 (wanted 0x421)",
        [
            ("openocd", Answer("*", "Error: open failed", 1), LinkError, "no probe is connected"),
            ("openocd", Answer("*", "Error: init mode failed (unable to connect)", 1), LinkError, "reach"),
            ("openocd", Answer("*", "Can't find board/st_nucleo_f4.cfg", 1), LinkError, "not installed"),
            ("openocd", Answer("*program*", "** Verify Failed **", 1), LinkError, "differs.*half a program"),
            ("openocd", Answer("*program*", "** Programming Finished **"), ToolError, "no word of success|status 0"),
        ],
    ),
    Case(
        "jlink",
        F446,
        [JLINK + "runner.identify.jlink", JLINK + "runner.write.jlink"],
        {
            "JLinkExe": [
                Answer("*identify*", "J-Link>mem32 0xe0042000,1\nE0042000 = 10006421 "),
                Answer("*write*", "Downloading file... O.K.\nVerify successful.\nScript processing completed."),
            ]
        },
        ("JLinkExe", Answer("*identify*", "E0042000 = 10006431 ")),
        "found id 0x431 (wanted 0x421)",
        [
            ("JLinkExe", Answer("*", "Connecting to J-Link via USB...FAILED", 1), LinkError, "no J-Link"),
            ("JLinkExe", Answer("*", "Cannot connect to target.", 1), LinkError, "does not reach the chip"),
            ("JLinkExe", Answer("*write*", "O.K.\nVerify failed.", 0), LinkError, "differs.*half a program"),
        ],
        scripts={
            "runner.identify.jlink": "mem32 0xe0042000,1\nqc\n",
            "runner.write.jlink": "r\nloadfile {d}/runner.hex\nverifybin {d}/runner.bin,0x8000000\nr\ng\nqc\n",
        },
    ),
    Case(
        "st-flash",
        F446,
        ["st-info --probe", "st-flash --reset write {d}/runner.bin 0x08000000"],
        {
            "st-info": [Answer("--probe", ST_INFO.format(0x421, "STM32F446"))],
            "st-flash": [Answer("*", "Flash written and verified! jolly good!")],
        },
        ("st-info", Answer("*", ST_INFO.format(0x431, "STM32F411"))),
        "found STM32F411 0x431 (wanted 0x421)",
        [
            ("st-info", Answer("*", "Found 0 stlink programmers", 0), LinkError, "does not tell which chip|no ST-LINK"),
            ("st-flash", Answer("*", "Failed to connect to target", 255), LinkError, "does not reach the chip.*half a"),
            ("st-flash", Answer("*", "ERROR: flash is locked", 255), ToolError, "write with status 255: ERROR: flash"),
        ],
    ),
    Case(
        "stm32-programmer",
        F446,
        [
            "STM32_Programmer_CLI -c port=SWD sn=066FFF",
            "STM32_Programmer_CLI -c port=SWD sn=066FFF -w {d}/runner.hex -v -rst",
        ],
        {
            "STM32_Programmer_CLI": [
                Answer("*-w*", "Download verified successfully"),
                Answer("*", CUBE.format(0x421)),
            ]
        },
        ("STM32_Programmer_CLI", Answer("*", CUBE.format(0x413))),
        "found device id 0x413 (wanted 0x421)",
        [
            ("STM32_Programmer_CLI", Answer("*", "Error: No debug probe detected.", 1), LinkError, "no ST-LINK"),
            ("STM32_Programmer_CLI", Answer("*", "Error: No STM32 target found!", 1), LinkError, "does not reach"),
            ("STM32_Programmer_CLI", Answer("*-w*", "Error: Data mismatch at 0x8000010", 1), LinkError, "differs"),
        ],
        port="066FFF",
    ),
    Case(
        "nrfutil",
        NRF,
        [
            "nrfutil device device-info --serial-number 1050265121",
            "nrfutil device program --firmware {d}/runner.hex --options "
            "chip_erase_mode=ERASE_RANGES_TOUCHED_BY_FIRMWARE,verify=VERIFY_READ,reset=RESET_SYSTEM "
            "--serial-number 1050265121",
        ],
        {"nrfutil": [Answer("*device-info*", "deviceVersion NRF52840_xxAA_REV2"), Answer("*program*", "Programmed")]},
        ("nrfutil", Answer("*device-info*", "deviceVersion NRF5340_xxAA_ENGD")),
        "found NRF5340_xxAA_ENGD (wanted NRF52840)",
        [
            ("nrfutil", Answer("*", "Error: No devices found", 1), LinkError, "no kit is connected"),
            ("nrfutil", Answer("*program*", "Error: APPROTECT is enabled", 1), LinkError, "read-protected.*half a"),
        ],
        port="1050265121",
    ),
    Case(
        "nrfjprog",
        NRF,
        [
            "nrfjprog --family NRF52 --deviceversion",
            "nrfjprog --family NRF52 --program {d}/runner.hex --sectorerase --verify",
            "nrfjprog --family NRF52 --reset",
        ],
        {"nrfjprog": [Answer("*deviceversion*", "NRF52840_xxAA_REV2"), Answer()]},
        ("nrfjprog", Answer("*deviceversion*", "NRF52832_xxAA_REV2")),
        "found NRF52832_xxAA_REV2 (wanted NRF52840)",
        [
            ("nrfjprog", Answer("*", "ERROR: There is no debugger connected to the PC.", 41), LinkError, "no kit"),
            ("nrfjprog", Answer("*program*", "ERROR: Verify failed at 0x0", 55), LinkError, "differs.*half a program"),
        ],
    ),
    Case(
        "picotool",
        PICO,
        ["picotool info -d", "picotool load -v -x {d}/runner.uf2"],
        {"picotool": [Answer("info*", "Device Information\n type:                   RP2040"), Answer("load*", "OK")]},
        ("picotool", Answer("info*", " type:    RP2350")),
        "found RP2350",
        [
            ("picotool", Answer("*", "No accessible RP-series devices in BOOTSEL were found", 249), LinkError, "BOOT"),
            ("picotool", Answer("load*", "ERROR: The device contents did not match the file", 1), ToolError, "half a"),
        ],
    ),
    Case(
        "gdb",
        QEMU,
        [GDB],
        {
            "gdb-multiarch": [
                Answer(
                    "*",
                    "$1 = 0x410fc241\nLoading section .text, size 0x10 lma 0x8000000\n"
                    "Section .text, range 0x8000000 -- 0x8000010: matched.\nunknown command: 'reset'",
                    1,
                )
            ]
        },
        ("gdb-multiarch", Answer("*", "$1 = 0x410cc200", 3)),
        "found id 0xc200 (wanted 0xc240)",
        [
            ("gdb-multiarch", Answer("*", "localhost:3333: Connection timed out.", 1), LinkError, "start it"),
            (
                "gdb-multiarch",
                Answer("*", "$1 = 0x410fc241\nSection .a, range 0x0 -- 0x4: matched.\nSection .b, range 0x4 -- "
                       "0x8: MIS-MATCHED!"),
                LinkError,
                "differs.*half a program",
            ),
            ("gdb-multiarch", Answer("*", "$1 = 0x410fc241\nLoad failed", 1), ToolError, "Load failed.*half a"),
        ],
        port="localhost:3333",
        scripts={
            "runner.gdb": "if $chip != 0 && ($chip & 0xfff0) != 0xc240\n  detach\n  quit 3\nend\n"
            "load\ncompare-sections\n"
        },
    ),
    Case(
        "ssh",
        LINUX,
        [
            f"ssh {SSH} pi@pi4 uname -m",
            f"scp -q {SSH} {{d}}/runner.elf pi@pi4:edgewright-kws.new",
            f"ssh {SSH} pi@pi4 sha256sum edgewright-kws.new",
            f"ssh {SSH} pi@pi4 chmod +x edgewright-kws.new && mv -f edgewright-kws.new edgewright-kws",
        ],
        {
            "ssh": [Answer("*uname*", "aarch64"), Answer("*sha256sum*", f"{DIGEST}  edgewright-kws.new"), Answer()],
            "scp": [Answer()],
        },
        ("ssh", Answer("*uname*", "armv7l")),
        "found armv7l (wanted aarch64)",
        [
            ("ssh", Answer("*", "ssh: Could not resolve hostname pi4", 255), LinkError, "cannot be reached"),
            ("ssh", Answer("*", "pi@pi4: Permission denied (publickey).", 255), LinkError, "ssh-copy-id"),
            ("scp", Answer("*", "scp: write: No space left on device", 1), LinkError, "has no room"),
            ("ssh", Answer("*sha256sum*", f"{'0' * 64}  edgewright-kws.new"), LinkError, "reads back differently"),
        ],
        port="pi@pi4",
        cpu="cortex-a53",
    ),
]  # fmt: skip


def make_job(case: Case, folder: Path) -> Job:
    """The job of a case: a program of 300 bytes from 0x08000000 on."""
    folder.mkdir(exist_ok=True)
    elf = folder / "runner.elf"
    elf.write_bytes(b"an ELF file")
    image = Image(elf.name, (Segment(0x0800_0000, bytes(range(256)) + bytes(44)),), 0x0800_0000)
    target = Target(load_cpu(case.cpu), None if case.runner == "ssh" else load_board("mps2-an386"))
    programmer = PROGRAMMERS[case.runner]
    family = case.flashing.uf2_family if programmer.wants_uf2 else ""
    files = write_files(image, elf, uf2_family=family, wants_hex=programmer.wants_hex)
    return Job("kws", target, case.flashing, image, files, case.port, case.chip, IDS.get(case.chip))
