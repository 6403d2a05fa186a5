"""The runner on a Linux machine that is reached by ssh, such as a Raspberry Pi."""

import contextlib
import re
import subprocess

from edgewright.artifact import Manifest
from edgewright.build import BuildResult
from edgewright.build.tools import run_tool
from edgewright.errors import LinkError, UsageError
from edgewright.run.qemu import UserEmulator
from edgewright.run.remote import RUN_S, RemoteRunner

#: Never ask for a password: the standard streams belong to the runner.
_OPTIONS = ("-o", "BatchMode=yes", "-o", "ConnectTimeout=10")
_GREET_S = 60.0
_END_S = 3.0


class SshProcess(UserEmulator):
    """The program at the other end of ssh; its standard streams become the connection."""

    where = "ssh"

    def stop(self) -> None:
        # The link is closed, so the runner ends by itself; then its copy is removed.
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_END_S)
        super().stop()


def open_ssh(manifest: Manifest, built: BuildResult, host: str, *, run_s: float = RUN_S) -> RemoteRunner:
    """The runner, copied to `host` (a name of ssh's configuration, or user@address) and started there.

    The copy is removed when the runner ends.

    Raises:
        UsageError: not a host name, or the target is not a Linux machine.
        ToolError: ssh is not installed.
        LinkError: the machine cannot be reached, or does not run the program.
    """
    if not re.fullmatch(r"[A-Za-z0-9_][\w.@-]*", host):
        raise UsageError(f"ssh:{host}: not a host name; give one of ssh's configuration, or user@address")
    if built.elf is None or manifest.target.link_board is not None:
        raise UsageError(f"{manifest.name}: compiled for {manifest.target.name}, which has no ssh; use device:PORT")
    name = f"edgewright-{manifest.name}-{built.build_id}"
    copied = run_tool(["scp", "-q", *_OPTIONS, str(built.elf), f"{host}:{name}"])
    if copied.returncode:
        said = (copied.stderr.strip().splitlines() or ["no message"])[-1]
        raise LinkError(f"ssh:{host}: cannot copy the runner: {said}; try: ssh {host} true")
    start = f"chmod +x ./{name}; ./{name}; rm -f ./{name}"
    process = SshProcess(["ssh", *_OPTIONS, host, start])
    try:
        return RemoteRunner(
            manifest, process.link(), f"ssh:{host}", on_close=process.stop, greet_s=_GREET_S, run_s=run_s
        )
    except BaseException:
        process.stop()
        raise
