"""The products that Septet is measured against, in `peers/`: installed from their lock files when first needed."""

import shutil
import subprocess
import venv
from pathlib import Path

PEERS = Path(__file__).parent / "peers"


def installed(name: str) -> Path | None:
    """The folder of a peer in Node, with its packages; None, and said so, where there is no Node 20 with npm.

    `npm install` and not `npm ci`: the latter refuses a lock file that leaves out other platforms' optional packages.
    """
    if shutil.which("npm") is None or shutil.which("node") is None:
        print(f"The peer of {name} is left out: it needs Node 20 with npm.", flush=True)
        return None
    folder = PEERS / name
    if not (folder / "node_modules").is_dir():
        print(f"Installing the peer of {name} …", flush=True)
        command = ["npm", "install", "--no-save", "--no-audit", "--no-fund", "--silent"]
        subprocess.run(command, cwd=folder, check=True)
    return folder


def installed_in_python(name: str) -> Path:
    """The folder of programs of a peer in Python, which has a virtual environment of its own."""
    folder = PEERS / name
    programs = folder / ".venv" / "bin"
    if not (programs / "installed").exists():
        print(f"Installing the peer of {name} …", flush=True)
        venv.create(folder / ".venv", with_pip=True)
        command = [programs / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*command, "--require-hashes", "-r", folder / "requirements.txt"], check=True)
        (programs / "installed").touch()
    return programs
