"""``load_config`` reads, overrides and checks a pipeline file; every error names file, line and key path.

The options of all plugins that the pipeline uses are checked before any of them is called.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any, TypeVar

from nerture.config.keys import FORMAT, MatcherKeys, PipelineKeys, SessionKeys, SourceKeys
from nerture.config.overrides import override
from nerture.config.parts import MatcherPart, Part, SourcePart
from nerture.config.pipeline_config import PipelineConfig
from nerture.config.session import SessionContext, SessionPart, find_session_issues, make_session
from nerture.config.settings_model import make_settings_model
from nerture.config.start import StartPart, read_start
from nerture.core.format_json import format_json, shorten
from nerture.core.network.settings import ModelSettings, Settings, TrainSettings
from nerture.errors import ConfigError, SettingError
from nerture.files.model_folder import Description
from nerture.files.yaml_lines import MAX_DEPTH, Tree, parse, read_text
from nerture.hosting.roles import ROLES
from nerture.interfaces import Options, SourceOptions
from nerture.registry import HOST_KEYS, Registry
from nerture.registry.names import describe_unknown
from nerture.registry.validation import Issue, KeyPath, format_key_path, validate

__all__ = ["MatcherPart", "Part", "PipelineConfig", "SourcePart", "load_config"]

MAX_PLACE_CHARS = 80
"""Length of an override in messages."""

AnySettings = TypeVar("AnySettings", bound=Settings)


def load_config(
    pipeline: Path | str | Mapping[str, Any],
    overrides: Sequence[str] = (),
    *,
    registry: Registry,
    environ: Mapping[str, str] | None = None,
) -> PipelineConfig:
    """Read a pipeline file, or take its content as a mapping (without expanding ``${...}``), and check it.

    ``overrides`` are texts ``KEY.PATH=VALUE``. ``environ`` is the process's own by default. Paths in a
    mapping are relative to the working folder. Raises ``ConfigError`` with everything that is wrong, one line
    each.
    """
    environ = os.environ if environ is None else environ
    path = None if isinstance(pipeline, Mapping) else Path(pipeline)
    tree = parse(read_text(path), str(path), environ) if path else Tree("pipeline", _plain(pipeline, ()))
    if not isinstance(tree.value, dict):
        value = "nothing" if tree.value is None else format_json(tree.value)
        raise ConfigError(
            f"{tree.name}: expected a mapping that begins with `nerture: {FORMAT}`, got {value}"
        )
    overridden = {
        override(tree.value, text, environ): shorten(f"--set {text}", MAX_PLACE_CHARS) for text in overrides
    }
    return _Checker(tree, overridden, registry).pipeline(path)


def _plain(value: Any, path: KeyPath) -> Any:
    """Convert a Python value to the types of YAML; raises ``ConfigError`` for other types."""
    if len(path) > MAX_DEPTH:
        raise ConfigError(f"pipeline: {format_key_path(path[:1])}: more than {MAX_DEPTH} levels of nesting")
    if isinstance(value, Mapping):
        if odd := [key for key in value if not isinstance(key, str)]:
            raise ConfigError(f"pipeline: {format_key_path(path)}: expected texts as keys, got {odd[0]!r}")
        return {key: _plain(item, (*path, key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, (*path, index)) for index, item in enumerate(value)]
    if isinstance(value, PurePath):
        return str(value)
    if value is None or isinstance(value, str | int | float):
        return value
    raise ConfigError(
        f"pipeline: {format_key_path(path)}: expected a type that YAML has, got {type(value).__name__}"
    )


class _Checker:
    """Checks one pipeline and collects everything wrong with it."""

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
        matchers = self.matchers(raw.get("matchers"), start)
        sources = [self.source(item, ("sources", i)) for i, item in _mappings(raw.get("sources"))]
        evaluate = self.part("source", raw.get("evaluate"), ("evaluate",), ("use",))
        session = self.session(raw.get("session"), keys, start, path)
        for key in ("evaluate", "start"):
            if train and train.folds is not None and raw.get(key) is not None:
                self.issue(("train", "folds"), f"expected none with `{key}`, got {train.folds}")
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
            session,
        )

    def version(self, raw: Mapping[str, Any]) -> None:
        """Check the format's version; a newer one is the only error, since its keys are unknown here."""
        version = raw.get("nerture")
        if "nerture" not in raw:
            self.issue(("nerture",), f"missing; a pipeline begins with `nerture: {FORMAT}`")
        elif isinstance(version, bool) or not isinstance(version, int) or version < FORMAT:
            self.issue(("nerture",), f"expected {FORMAT}, got {format_json(version)}")
        elif version > FORMAT:
            self.issues.clear()
            self.issue(("nerture",), f"expected {FORMAT}, got {version}; the file is for a newer nerture")
            raise self.error()

    def start(self, raw: Any, path: Path | None) -> StartPart | None:
        """Return the model to start from; None if there is none or it has issues."""
        where = f"{self.place(('start',))}: start"
        part, issues = read_start(raw, (path.parent if path else Path()).resolve(), where)
        self.issues += issues
        return part

    def model(self, raw: Any, start: StartPart | None) -> ModelSettings | None:
        """Return the shape of the learner: that of the start model, if there is one."""
        settings = self.settings(raw, "model", ModelSettings)
        if settings is None or start is None:
            return settings
        stated = raw or {}
        self.issues += start.find_conflicts(stated, settings)
        return start.merge_settings(stated, settings)

    def tokenizer(self, raw: Any, start: StartPart | None) -> Part | None:
        """Return the tokenizer; by default the start model's, or English."""
        if raw is None and start is not None:
            return self.part("tokenizer", start.tokenizer(), ("start", "tokenizer"), model=start.description)
        return self.part("tokenizer", {"use": "english"} if raw is None else raw, ("tokenizer",))

    def matchers(self, raw: Any, start: StartPart | None) -> tuple[MatcherPart, ...]:
        """Return the matchers; by default they are the start model's."""
        place: KeyPath = ("matchers",)
        model = None
        if raw is None and start is not None:
            raw, place, model = start.matchers(), ("start", "matchers"), start.description
        matchers = [self.matcher(item, (*place, index), model) for index, item in _mappings(raw)]
        return tuple(matcher for matcher in matchers if matcher)

    def settings(self, raw: Any, section: str, kind: type[AnySettings]) -> AnySettings | None:
        """Return a section as its dataclass; None if it has issues."""
        if raw is not None and not isinstance(raw, dict):
            return None
        model, issues = validate(make_settings_model(kind), raw or {}, (section,))
        self.issues += issues
        if model is None:
            return None
        try:
            return kind(**model.model_dump())
        except SettingError as error:
            self.issue((section,), str(error))
            return None

    def part(
        self,
        kind: str,
        raw: Any,
        path: KeyPath,
        host_keys: tuple[str, ...] | None = None,
        model: Description | None = None,
    ) -> Part | None:
        """Return a part with its options; None if it has issues. ``host_keys`` are not options."""
        host_keys = HOST_KEYS[kind] if host_keys is None else host_keys
        if not isinstance(raw, dict):
            return None
        use = raw.get("use")
        if not isinstance(use, str):
            names = self.registry.names(kind)
            expected = f"expected one of {', '.join(names)}" if names else f"no {kind} is registered"
            value = f"got {format_json(use)}" if "use" in raw else "but it is missing"
            self.issue((*path, "use"), f"{expected}, {value}")
            return None
        try:
            entry = self.registry.entry(kind, use)
        except ConfigError as error:
            self.issue((*path, "use"), str(error))
            return None
        values = {key: value for key, value in raw.items() if key not in host_keys}
        options, issues = validate(entry.config, values, path, host_keys)
        self.issues += issues
        where = f"{self.place(path)}: {format_key_path(path)}"
        return Part(use, options, where, model=model) if isinstance(options, Options) else None

    def matcher(self, raw: dict[str, Any], path: KeyPath, model: Description | None) -> MatcherPart | None:
        """Return a matcher with its roles; None if it has issues."""
        part = self.part("matcher", raw, path, model=model)
        if "as" not in raw:
            self.issue((*path, "as"), f"expected one of {', '.join(ROLES)}, but it is missing")
            return None
        keys, issues = validate(MatcherKeys, {"as": raw["as"]}, path)
        self.issues += issues
        if keys is None:
            return None
        roles = [keys.roles] if isinstance(keys.roles, str) else keys.roles
        for role in roles:
            if role not in ROLES:
                self.issue((*path, "as"), describe_unknown(f'role "{role}"', ROLES, role))
        if not roles:
            self.issue((*path, "as"), f"expected one or more of {', '.join(ROLES)}, got an empty list")
        if part is None:
            return None
        return MatcherPart(part.use, part.options, part.where, tuple(dict.fromkeys(roles)), model=model)

    def source(self, raw: dict[str, Any], path: KeyPath) -> SourcePart | None:
        """Return a source with its losses and weight; None if it has issues."""
        part = self.part("source", raw, path)
        values: dict[str, Any] = {key: raw[key] for key in ("loss", "weight") if key in raw}
        keys, issues = validate(SourceKeys, values, path)
        self.issues += issues
        if keys is None:  # the loss is still checked if the weight is wrong
            keys = validate(SourceKeys, {"loss": values.get("loss")})[0] or SourceKeys()
        loss = keys.loss
        if loss is None:
            options = part.options if part else None
            loss = (options if isinstance(options, SourceOptions) else SourceOptions).default_loss
        losses = []
        for index, item in enumerate(loss if isinstance(loss, list) else [loss]):
            place = (*path, "loss", index) if isinstance(loss, list) else (*path, "loss")
            losses.append(self.part("loss", {"use": item} if isinstance(item, str) else item, place))
        if not losses:
            self.issue((*path, "loss"), "expected a loss or a list of losses, got an empty list")
        valid = tuple(item for item in losses if item)
        return SourcePart(part.use, part.options, part.where, valid, keys.weight) if part else None

    def session(
        self, raw: Any, top: PipelineKeys | None, start: StartPart | None, path: Path | None
    ) -> SessionPart | None:
        """Return the teaching session; None if there is none or it has issues."""
        if not isinstance(raw, dict):
            return None
        place: KeyPath = ("session",)
        keys, issues = validate(SessionKeys, raw, place)
        self.issues += issues
        named = raw.get("sorter", SessionKeys.model_fields["sorter"].default)
        sorter = self.part("sorter", _as_part(named), (*place, "sorter"))
        if "format" in raw:
            self.part("reader", _as_part(raw["format"]), (*place, "format"))
        if keys is None or top is None:
            return None
        context = SessionContext(
            f"{self.place(place)}: session",
            tuple(top.labels),
            (path.parent if path else Path()).resolve(),
            start.folder if start else None,
        )
        self.issues += find_session_issues(keys, context)
        return make_session(keys, sorter, context) if sorter else None

    def issue(self, path: KeyPath, message: str) -> None:
        """Record something wrong at a key path."""
        self.issues.append(Issue(path, message))

    def place(self, path: KeyPath) -> str:
        """Return where a key path was set: file and line, or the override."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.overridden:
                return self.overridden[path[:length]]
        line = self.tree.line(path)
        return f"{self.tree.name}:{line}" if line else self.tree.name

    def error(self) -> ConfigError:
        """Make the error that lists all issues in the order of the file."""
        ordered = sorted(self.issues, key=lambda issue: self.tree.line(issue.path))
        lines = [
            f"{self.place(issue.path)}: {format_key_path(issue.path)}: {issue.message}"
            if issue.path
            else f"{self.tree.name}: {issue.message}"
            for issue in ordered
        ]
        return ConfigError("\n".join(dict.fromkeys(lines)))


def _as_part(value: Any) -> Any:
    """Convert a part that may be written as its name alone."""
    return {"use": value} if isinstance(value, str) else value


def _mappings(value: Any) -> list[tuple[int, dict[str, Any]]]:
    """Return the mappings in a list with their index; other items are refused elsewhere."""
    items = value if isinstance(value, list) else []
    return [(index, item) for index, item in enumerate(items) if isinstance(item, dict)]
