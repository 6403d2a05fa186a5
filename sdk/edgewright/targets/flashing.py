"""How a board is flashed: the table `[flashing]` of its file."""

from dataclasses import dataclass

#: Runners that tell chips apart by the id that `[chip]` gives, and by nothing else.
NEED_ID = ("st-flash", "stm32-programmer")
#: Every tool that `flash --runner` takes, with the keys of the table that it cannot do without.
RUNNERS: dict[str, tuple[str, ...]] = {
    "pyocd": ("pyocd_target",),
    "openocd": ("openocd",),
    "jlink": ("jlink_device",),
    "st-flash": (),
    "stm32-programmer": (),
    "nrfutil": ("nrf_version",),
    "nrfjprog": ("nrf_version",),
    "picotool": ("uf2_family",),
    "uf2": ("uf2_family", "uf2_board"),
    "gdb": (),
}


@dataclass(frozen=True)
class ChipId:
    """A word that tells chips apart: of the word at `address`, the bits of `mask` are `value`.

    Such as DBGMCU_IDCODE of an STM32, INFO.PART of an nRF, CHIP_ID of an RP2040, or CPUID of any Cortex-M.
    """

    address: int
    mask: int
    value: int

    def is_in(self, word: int) -> bool:
        """Whether `word`, read at `address`, is that of this chip."""
        return word & self.mask == self.value


@dataclass(frozen=True)
class Flashing:
    """The tools for a board, and what each of them calls its chip; `[chip]` says how a wrong one is noticed.

    runners: of `RUNNERS`, best first; the first that is installed is taken. pyocd_target: as `pyocd list --targets` has
    it. openocd: configuration files (what ends in .cfg) and commands, in order. jlink_device: SEGGER's name.
    nrf_version: what nrfutil's deviceVersion begins with. uf2_family: of `edgewright.flash.uf2.FAMILIES`. uf2_board:
    what the Board-ID in INFO_UF2.TXT begins with.
    """

    runners: tuple[str, ...]
    pyocd_target: str = ""
    openocd: tuple[str, ...] = ()
    jlink_device: str = ""
    nrf_version: str = ""
    uf2_family: str = ""
    uf2_board: str = ""

    def lacks(self, runner: str) -> list[str]:
        """The keys that `runner` needs and that are not given."""
        return [key for key in RUNNERS.get(runner, ()) if not getattr(self, key)]

    def problems(self, chip_id: ChipId | None) -> list[str]:
        """Rules that the record breaks, as text; empty when it is sound. chip_id: what the board's `[chip]` says."""
        found = [] if self.runners else [f"flashing runners is empty; some of {', '.join(RUNNERS)}"]
        for runner in self.runners:
            if runner not in RUNNERS:
                found.append(f"flashing runner '{runner}' is none of {', '.join(RUNNERS)}")
            elif lacking := self.lacks(runner):
                found.append(f"flashing runner '{runner}' needs {' and '.join(lacking)}")
            elif runner in NEED_ID and chip_id is None:
                found.append(f"flashing runner '{runner}' needs id_address, id_mask and id_value in chip")
        return found
