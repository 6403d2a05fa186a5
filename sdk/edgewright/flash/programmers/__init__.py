"""Every programmer, by the name that `--runner` takes."""

from edgewright.flash.programmer import Programmer
from edgewright.flash.programmers.gdb import Gdb
from edgewright.flash.programmers.jlink import JLink
from edgewright.flash.programmers.nordic import Nrfjprog, Nrfutil
from edgewright.flash.programmers.openocd import OpenOcd
from edgewright.flash.programmers.pico import Picotool, Uf2Volume
from edgewright.flash.programmers.pyocd import PyOcd
from edgewright.flash.programmers.ssh import Ssh
from edgewright.flash.programmers.stm32 import CubeProgrammer, StFlash

_ALL: tuple[type[Programmer], ...] = (
    *(PyOcd, OpenOcd, JLink, StFlash, CubeProgrammer, Nrfutil, Nrfjprog, Picotool, Uf2Volume, Gdb),
    Ssh,
)
PROGRAMMERS: dict[str, Programmer] = {programmer.name: programmer() for programmer in _ALL}
