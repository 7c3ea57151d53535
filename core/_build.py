"""The build step of the compiled modules: finds, translates and compiles them, in parallel.

Every ``.pyx`` below ``core`` and ``patterns`` is a module; further requirements (language, headers) are
declared in ``# distutils:`` lines at its top.
"""

import os
import shutil
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension
from setuptools.command.build_ext import build_ext

TREE = Path("build/tree")  # nerture/... as symlinks; also read by mypy
GENERATED = "build/cython"  # the C and C++ files that Cython writes
ROOTS = {"core": "nerture.core", "patterns": "nerture.patterns"}
DEBUG = os.environ.get("NERTURE_DEBUG_BUILD") == "1"
DIRECTIVES = {
    "language_level": 3,
    "boundscheck": DEBUG,
    "wraparound": False,
    "initializedcheck": DEBUG,
    "cdivision": True,
    "embedsignature": True,
}
# -ffp-contract=off: the same float results for every instruction set;
# the other two allow square roots and selections to be vectorised and change no result.
FLOAT_FLAGS = ["-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math"]
C_FLAGS = {
    "unix": ["-O1", "-g", "-ffp-contract=off"]
    if DEBUG
    else ["-O3", "-g0", "-fstack-protector-strong", *FLOAT_FLAGS],
    "msvc": ["/Od"] if DEBUG else ["/O2"],
}
LINUX_LINK_FLAGS = ["-Wl,-z,relro,-z,now"]  # the linker's function pointers become read-only


def link_tree(package_dir: dict[str, str]) -> None:
    """Link each folder under its import name below TREE, so that Cython and type checkers find it by path."""
    shutil.rmtree(TREE, ignore_errors=True)  # removes links of files that have moved
    for name, folder in package_dir.items():
        place = TREE.joinpath(*name.split("."))
        if "." in name:
            links = {place: Path(folder)}
        else:
            links = {place / entry.name: entry for entry in Path(folder).iterdir()}
        for link, source in links.items():
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(source.resolve())


def find_extensions() -> list[Extension]:
    """Return an extension for every ``.pyx`` file, largest first, since it takes longest to compile."""
    sources = {}
    for folder, package in ROOTS.items():
        for path in Path(folder).rglob("*.pyx"):
            name = ".".join([package, *path.relative_to(folder).with_suffix("").parts])
            sources[name] = path
    return [
        Extension(name, [str(path)])
        for name, path in sorted(sources.items(), key=lambda item: (-item[1].stat().st_size, item[0]))
    ]


class BuildExt(build_ext):
    """A ``build_ext`` that finds the modules itself and uses every CPU core."""

    def finalize_options(self) -> None:
        """Add the modules that are not listed in pyproject.toml."""
        listed = {extension.name for extension in self.distribution.ext_modules}
        self.distribution.ext_modules += [
            extension for extension in find_extensions() if extension.name not in listed
        ]
        super().finalize_options()
        link_tree(self.distribution.package_dir)
        self.parallel = self.parallel or os.cpu_count()
        if DEBUG:
            self.force = True  # by timestamps alone, objects of a release build would be reused

    def build_extensions(self) -> None:
        """Translate every module, then compile each with the flags for the compiler's family."""
        translated = cythonize(
            self.extensions,
            include_path=[str(TREE)],
            compiler_directives=dict(DIRECTIVES),
            build_dir=GENERATED,
            nthreads=self.parallel,
            force=self.force,
        )
        by_name = {extension.name: extension for extension in translated}
        unix = self.compiler.compiler_type == "unix"
        for extension in self.extensions:
            generated = by_name[extension.name]
            extension.sources, extension.language = generated.sources, generated.language
            extension.depends, extension.include_dirs = generated.depends, generated.include_dirs
            flags = list(C_FLAGS.get(self.compiler.compiler_type, []))
            if extension.language == "c++" and unix:
                flags.append("-std=c++17")
            extension.extra_compile_args = flags
            if unix and os.uname().sysname == "Linux":
                extension.extra_link_args = list(LINUX_LINK_FLAGS)
        super().build_extensions()
