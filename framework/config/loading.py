"""The pipeline file: read, overridden, checked as a whole; every error names file, line and key path.

``load_config`` checks the options of every plugin that the pipeline uses, before any of them is called.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any, TypeVar

from nerture.config.keys import FORMAT, ROLES, MatcherKeys, PipelineKeys, SessionKeys, SourceKeys
from nerture.config.overrides import override
from nerture.config.parts import MatcherPart, Part, SourcePart
from nerture.config.pipeline_config import PipelineConfig
from nerture.config.session import SessionPart, Surroundings, make_session, session_issues
from nerture.config.settings_model import settings_model
from nerture.config.start import StartPart, read_start
from nerture.config.yaml_lines import MAX_DEPTH, Tree, parse, read_text
from nerture.core.network.settings import ModelSettings, Settings, TrainSettings
from nerture.errors import ConfigError, SettingError
from nerture.interfaces import Options, SourceOptions
from nerture.registry import HOST_KEYS, Registry
from nerture.registry.names import unknown
from nerture.registry.validation import Issue, KeyPath, key_text, shown, validate

__all__ = ["MatcherPart", "Part", "PipelineConfig", "SourcePart", "load_config"]

AnySettings = TypeVar("AnySettings", bound=Settings)


def load_config(
    pipeline: Path | str | Mapping[str, Any],
    overrides: Sequence[str] = (),
    *,
    registry: Registry,
    environ: Mapping[str, str] | None = None,
) -> PipelineConfig:
    """Read a pipeline file, or take a mapping as it stands (``${...}`` too), and check all of it.

    ``overrides`` are texts ``KEY.PATH=VALUE``. ``environ`` is the process's own by default. Paths in a
    mapping are relative to the working folder. Raises ``ConfigError`` that lists everything wrong, one line
    each.
    """
    environ = os.environ if environ is None else environ
    path = None if isinstance(pipeline, Mapping) else Path(pipeline)
    tree = parse(read_text(path), str(path), environ) if path else Tree("pipeline", _plain(pipeline, ()))
    if not isinstance(tree.value, dict):
        found = "nothing" if tree.value is None else shown(tree.value)
        raise ConfigError(
            f"{tree.name}: expected a mapping that begins with `nerture: {FORMAT}`, got {found}"
        )
    overridden = {override(tree.value, text, environ): _shortened(f"--set {text}") for text in overrides}
    return _Reading(tree, overridden, registry).pipeline(path)


def _plain(value: Any, path: KeyPath) -> Any:
    """Copy a Python value into what YAML could have said; raises ``ConfigError`` for anything else."""
    if len(path) > MAX_DEPTH:
        raise ConfigError(f"pipeline: {key_text(path[:1])}: more than {MAX_DEPTH} levels of nesting")
    if isinstance(value, Mapping):
        if odd := [key for key in value if not isinstance(key, str)]:
            raise ConfigError(f"pipeline: {key_text(path)}: expected text, got the key {odd[0]!r}")
        return {key: _plain(item, (*path, key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, (*path, index)) for index, item in enumerate(value)]
    if isinstance(value, PurePath):
        return str(value)
    if value is None or isinstance(value, str | int | float):
        return value
    raise ConfigError(
        f"pipeline: {key_text(path)}: expected what YAML can say, got {type(value).__name__}"
    )


class _Reading:
    """Checks one pipeline and gathers everything wrong with it."""

    def __init__(self, tree: Tree, overridden: Mapping[KeyPath, str], registry: Registry) -> None:
        self.tree, self.overridden, self.registry = tree, overridden, registry
        self.issues: list[Issue] = []

    def pipeline(self, path: Path | None) -> PipelineConfig:
        """Return the checked pipeline; raises ``ConfigError`` with all issues."""
        raw = self.tree.value
        self.version(raw)
        keys, issues = validate(PipelineKeys, {"nerture": FORMAT, **raw})
        self.issues += issues
        start = self.start(raw.get("start"), path)
        model = self.model(raw.get("model"), start)
        train = self.settings(raw.get("train"), "train", TrainSettings)
        tokenizer = self.tokenizer(raw.get("tokenizer"), start)
        matchers, files = self.matchers(raw.get("matchers"), start)
        sources = [self.source(item, ("sources", i)) for i, item in _mappings(raw.get("sources"))]
        evaluate = self.part("source", raw.get("evaluate"), ("evaluate",), ("use",))
        session = self.session(raw.get("session"), keys, start, path)
        for key in ("evaluate", "start"):
            if train and train.folds is not None and raw.get(key) is not None:
                self.issue(("train", "folds"), f"expected none beside `{key}`, got {train.folds}")
        if self.issues or not (keys and model and train and tokenizer):
            raise self.error()
        return PipelineConfig(
            path,
            tuple(keys.labels),
            start,
            tokenizer,
            model,
            matchers,
            tuple(source for source in sources if source),
            train,
            evaluate,
            files,
            session,
        )

    def version(self, raw: Mapping[str, Any]) -> None:
        """Check the format's version; a newer one ends the reading, for what it allows is unknown here."""
        found = raw.get("nerture")
        if "nerture" not in raw:
            self.issue(("nerture",), f"missing; a pipeline begins with `nerture: {FORMAT}`")
        elif isinstance(found, bool) or not isinstance(found, int) or found < FORMAT:
            self.issue(("nerture",), f"expected {FORMAT}, got {shown(found)}")
        elif found > FORMAT:
            self.issues.clear()
            self.issue(("nerture",), f"made for a newer nerture: found {found}, this version reads {FORMAT}")
            raise self.error()

    def start(self, raw: Any, path: Path | None) -> StartPart | None:
        """Return the model to start from, or None and issues."""
        where = f"{self.place(('start',))}: start"
        part, issues = read_start(raw, (path.parent if path else Path()).resolve(), where)
        self.issues += issues
        return part

    def model(self, raw: Any, start: StartPart | None) -> ModelSettings | None:
        """Return the shape of the learner: the one it has already, if there is a model to start from."""
        settings = self.settings(raw, "model", ModelSettings)
        if settings is None or start is None:
            return settings
        stated = raw or {}
        self.issues += start.differing(stated, settings)
        return start.shape(stated, settings)

    def tokenizer(self, raw: Any, start: StartPart | None) -> Part | None:
        """Return the tokenizer; without one of its own the pipeline takes the start model's, or English."""
        if raw is None and start is not None:
            return self.part("tokenizer", start.tokenizer(), ("start", "tokenizer"))
        return self.part("tokenizer", {"use": "english"} if raw is None else raw, ("tokenizer",))

    def matchers(
        self, raw: Any, start: StartPart | None
    ) -> tuple[tuple[MatcherPart, ...], Mapping[str, Path]]:
        """Return the matchers, and the files that stand in for paths in their options.

        A pipeline that says nothing of matchers takes the start model's.
        """
        files: Mapping[str, Path] = {}
        place: KeyPath = ("matchers",)
        if raw is None and start is not None:
            raw, place, files = start.matchers(), ("start", "matchers"), start.description.files
        made = [self.matcher(item, (*place, index)) for index, item in _mappings(raw)]
        return tuple(matcher for matcher in made if matcher), files

    def settings(self, raw: Any, section: str, kind: type[AnySettings]) -> AnySettings | None:
        """Return a section as its dataclass, or None and issues."""
        if raw is not None and not isinstance(raw, dict):
            return None
        model, issues = validate(settings_model(kind), raw or {}, (section,))
        self.issues += issues
        if model is None:
            return None
        try:
            return kind(**model.model_dump())
        except SettingError as error:
            self.issue((section,), str(error))
            return None

    def part(
        self, kind: str, raw: Any, path: KeyPath, host_keys: tuple[str, ...] | None = None
    ) -> Part | None:
        """Return a part with its options, or None and issues. ``host_keys`` are not the plugin's to check."""
        host_keys = HOST_KEYS[kind] if host_keys is None else host_keys
        if not isinstance(raw, dict):
            return None
        use = raw.get("use")
        names = ", ".join(self.registry.names(kind)) or "none is registered"
        if "use" not in raw:
            self.issue((*path, "use"), f"missing; allowed: {names}")
        if not isinstance(use, str):
            if "use" in raw:
                self.issue((*path, "use"), f"found {shown(use)}, allowed: {names}")
            return None
        try:
            entry = self.registry.entry(kind, use)
        except ConfigError as error:
            self.issue((*path, "use"), str(error))
            return None
        given = {key: value for key, value in raw.items() if key not in host_keys}
        options, issues = validate(entry.config, given, path, host_keys)
        self.issues += issues
        where = f"{self.place(path)}: {key_text(path)}"
        return Part(use, options, where) if isinstance(options, Options) else None

    def matcher(self, raw: dict[str, Any], path: KeyPath) -> MatcherPart | None:
        """Return a matcher with its roles, or None and issues."""
        part = self.part("matcher", raw, path)
        if "as" not in raw:
            self.issue((*path, "as"), f"missing; allowed: {', '.join(ROLES)}")
            return None
        keys, issues = validate(MatcherKeys, {"as": raw["as"]}, path)
        self.issues += issues
        if keys is None:
            return None
        roles = [keys.roles] if isinstance(keys.roles, str) else keys.roles
        for role in roles:
            if role not in ROLES:
                self.issue((*path, "as"), unknown(f'role "{role}"', ROLES, role))
        if not roles:
            self.issue((*path, "as"), f"found an empty list, allowed: {', '.join(ROLES)}")
        return MatcherPart(part.use, part.options, part.where, tuple(dict.fromkeys(roles))) if part else None

    def source(self, raw: dict[str, Any], path: KeyPath) -> SourcePart | None:
        """Return a source with its losses and weight, or None and issues."""
        part = self.part("source", raw, path)
        given: dict[str, Any] = {key: raw[key] for key in ("loss", "weight") if key in raw}
        keys, issues = validate(SourceKeys, given, path)
        self.issues += issues
        if keys is None:  # whichever of the two can be read is still checked
            keys = validate(SourceKeys, {"loss": given.get("loss")})[0] or SourceKeys()
        wanted = keys.loss
        if wanted is None:
            options = part.options if part else None
            wanted = (options if isinstance(options, SourceOptions) else SourceOptions).default_loss
        several = isinstance(wanted, list)
        losses = []
        for index, item in enumerate(wanted if isinstance(wanted, list) else [wanted]):
            place = (*path, "loss", index) if several else (*path, "loss")
            losses.append(self.part("loss", {"use": item} if isinstance(item, str) else item, place))
        if not losses:
            self.issue((*path, "loss"), "expected a loss or a list of losses, got an empty list")
        made = tuple(loss for loss in losses if loss)
        return SourcePart(part.use, part.options, part.where, made, keys.weight) if part else None

    def session(
        self, raw: Any, top: PipelineKeys | None, start: StartPart | None, path: Path | None
    ) -> SessionPart | None:
        """Return the teaching session, or None and issues."""
        if not isinstance(raw, dict):
            return None
        place: KeyPath = ("session",)
        keys, issues = validate(SessionKeys, raw, place)
        self.issues += issues
        wanted = raw.get("sorter", SessionKeys.model_fields["sorter"].default)
        sorter = self.part("sorter", _named(wanted), (*place, "sorter"))
        if "format" in raw:
            self.part("reader", _named(raw["format"]), (*place, "format"))
        if keys is None or top is None:
            return None
        around = Surroundings(
            f"{self.place(place)}: session",
            tuple(top.labels),
            (path.parent if path else Path()).resolve(),
            start.folder if start else None,
        )
        self.issues += session_issues(keys, around)
        return make_session(keys, sorter, around) if sorter else None

    def issue(self, path: KeyPath, message: str) -> None:
        """Note something wrong at a key path."""
        self.issues.append(Issue(path, message))

    def place(self, path: KeyPath) -> str:
        """Return where a key path was written: file and line, or the override."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.overridden:
                return self.overridden[path[:length]]
        line = self.tree.line(path)
        return f"{self.tree.name}:{line}" if line else self.tree.name

    def error(self) -> ConfigError:
        """Make the error that lists all issues in the order of the file."""
        ordered = sorted(self.issues, key=lambda issue: self.tree.line(issue.path))
        lines = [
            f"{self.place(issue.path)}: {key_text(issue.path)}: {issue.message}"
            if issue.path
            else f"{self.tree.name}: {issue.message}"
            for issue in ordered
        ]
        return ConfigError("\n".join(dict.fromkeys(lines)))


def _shortened(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:77]}..."


def _named(value: Any) -> Any:
    """Return a part that may be written as its name alone."""
    return {"use": value} if isinstance(value, str) else value


def _mappings(value: Any) -> list[tuple[int, dict[str, Any]]]:
    """Return the mappings of a list with their index; what else stands there is refused elsewhere."""
    items = value if isinstance(value, list) else []
    return [(index, item) for index, item in enumerate(items) if isinstance(item, dict)]
