"""Checks a wheel: what is in it, how it is linked, and that it runs where there is no compiler.

python .ci/check_wheel.py dist/nerture-*.whl
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
MAX_BYTES = 4_000_000  # bytes
SOURCES = (".pyx", ".pxd", ".c", ".cpp", ".h")


def run_command(*command: str | Path) -> str:
    """Return what a command prints."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def faults_of_content(wheel: Path) -> Iterator[str]:
    """Yield what is wrong with size, name and files of the wheel."""
    size = wheel.stat().st_size
    if size > MAX_BYTES:
        yield f"expected at most {MAX_BYTES:,} bytes, got {size:,}"
    if not re.search("(many|musl)linux", wheel.name):
        yield "its name has no manylinux or musllinux tag: auditwheel has not seen it"
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    for name in names:
        parts = Path(name).parts
        template = "plugin_template" in parts
        if name.endswith(SOURCES) or (not template and any(part in ("tests", "test") for part in parts)):
            yield f"it holds {name}"
        if parts[0] != "nerture" and not parts[0].startswith("nerture-"):
            yield f"it puts {parts[0]} next to the package"
    folders = {str(Path(name).parent).replace("/", ".") for name in names if name.endswith("/__init__.py")}
    for package in sorted(packages() - folders):
        yield f"it lacks the package {package}: is it among the packages of pyproject.toml?"


def packages() -> set[str]:
    """Return the names of all packages in the repository."""
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    found = set()
    for name, folder in setuptools["package-dir"].items():
        for path in (ROOT / folder).rglob("__init__.py"):
            found.add(".".join([name, *path.parent.relative_to(ROOT / folder).parts]))
    return found


def faults_of_linking(folder: Path) -> Iterator[str]:
    """Yield what the compiled modules below ``folder`` lack of what makes an overflow harmless."""
    modules = sorted(folder.rglob("*.so"))
    if not modules:
        yield "it holds no compiled module"
    for module in modules:
        dynamic, segments = run_command("readelf", "-dW", module), run_command("readelf", "-lW", module)
        stack = re.search(r"GNU_STACK.*", segments)
        name = module.name.split(".")[0]
        if "BIND_NOW" not in dynamic and not re.search(r"FLAGS_1.*\bNOW\b", dynamic):
            yield f"{name} is not linked with -z now"
        if "GNU_RELRO" not in segments:
            yield f"{name} is not linked with -z relro"
        if stack is None or "E" in stack[0].split()[-2]:
            yield f"{name} has an executable stack"
        if "__stack_chk_fail" not in run_command("nm", "-D", module):
            yield f"{name} does without the stack protector"


def run_installed(wheel: Path, folder: Path) -> None:
    """Install the wheel in a new environment, with nothing on PATH but that; run the demo there."""
    home = folder / "environment"
    venv.create(home, with_pip=True)
    dropped = {"PYTHONPATH", "CC", "CXX", "VIRTUAL_ENV", "NERTURE_DEBUG_BUILD"}
    clean = {name: value for name, value in os.environ.items() if name not in dropped}
    clean |= {"PATH": str(home / "bin"), "PIP_DISABLE_PIP_VERSION_CHECK": "1", "NO_COLOR": "1"}

    def run(*command: str) -> str:
        done = subprocess.run(
            [home / "bin" / command[0], *command[1:]],
            cwd=folder, env=clean, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        if done.returncode:
            sys.exit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}")
        return done.stdout

    started = time.monotonic()
    run("python", "-m", "pip", "install", "--quiet", "--only-binary", ":all:", str(wheel.resolve()))
    print(f"installed with all that it needs in {time.monotonic() - started:.1f} s")
    where = run("python", "-c", "import nerture; print(nerture.__file__)")
    if str(home) not in where:
        sys.exit(f"another nerture is in the way: {where}")
    run("nerture", "init", "garden")
    shorter = "train.max_steps=400"
    print(run("nerture", "train", "garden/pipeline.yaml", "-o", "garden/model", "--set", shorter))
    tagged = run("nerture", "apply", "garden/model", "garden/sentences.txt")
    print(tagged)
    if "PLANT" not in tagged:
        sys.exit("the model finds no plant in the starter's sentences")


def main(arguments: list[str]) -> None:
    """Check the one wheel that is named."""
    (wheel,) = map(Path, arguments)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder / "content")
        faults = [*faults_of_content(wheel), *faults_of_linking(folder / "content")]
        if faults:
            sys.exit("\n".join(f"{wheel.name}: {fault}" for fault in faults))
        print(f"{wheel.name}: {wheel.stat().st_size:,} bytes")
        run_installed(wheel, folder)


if __name__ == "__main__":
    main(sys.argv[1:])
