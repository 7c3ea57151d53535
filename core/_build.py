"""The build step of the compiled modules: import tree for Cython, directives, C flags."""

import os
import shutil
from pathlib import Path

from setuptools.command.build_ext import build_ext

TREE = Path("build/tree")  # nerture/... as symlinks; also read by mypy
DEBUG = os.environ.get("NERTURE_DEBUG_BUILD") == "1"
DIRECTIVES = {
    "language_level": 3,
    "boundscheck": DEBUG,
    "wraparound": False,
    "initializedcheck": DEBUG,
    "cdivision": True,
    "embedsignature": True,
}
# -ffp-contract=off: the same float results whichever instruction set the compiler targets;
# the other two let square roots and selections be vectorised and change no result.
C_FLAGS = {
    "unix": ["-O1", "-g", "-ffp-contract=off"]
    if DEBUG
    else ["-O3", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math"],
    "msvc": ["/Od"] if DEBUG else ["/O2"],
}


def link_tree(package_dir: dict[str, str]) -> None:
    """Show each folder under its import name below TREE, so that Cython and type checkers find it by path."""
    shutil.rmtree(TREE, ignore_errors=True)  # what has moved leaves no link behind
    for name, folder in package_dir.items():
        place = TREE.joinpath(*name.split("."))
        if "." in name:
            links = {place: Path(folder)}
        else:
            links = {place / entry.name: entry for entry in Path(folder).iterdir()}
        for link, source in links.items():
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(source.resolve())


class BuildExt(build_ext):
    """``build_ext`` with the link tree on Cython's include path."""

    def finalize_options(self) -> None:
        """Make the link tree before Cython looks for a ``.pxd``."""
        super().finalize_options()
        link_tree(self.distribution.package_dir)
        self.cython_include_dirs = [str(TREE)]
        self.cython_directives = dict(DIRECTIVES)
        if DEBUG:
            self.force = True  # times alone would keep the objects of a release build

    def build_extensions(self) -> None:
        """Compile every extension with the flags of its compiler's family."""
        for extension in self.extensions:
            flags = C_FLAGS.get(self.compiler.compiler_type, [])
            if extension.language == "c++" and self.compiler.compiler_type == "unix":
                flags = [*flags, "-std=c++17"]
            extension.extra_compile_args = flags
        super().build_extensions()
