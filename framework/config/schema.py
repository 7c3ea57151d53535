"""The JSON schema of the pipeline file, with the options of every registered part, for editors."""

from __future__ import annotations

from typing import Any

from nerture.config.keys import FORMAT, MatcherKeys, PipelineKeys, SessionKeys, SourceKeys, StartKeys
from nerture.config.settings_model import SECTIONS, make_settings_model
from nerture.hosting.roles import ROLES
from nerture.interfaces import SourceOptions
from nerture.registry import Entry, Registry

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]


def make_pipeline_schema(registry: Registry) -> Schema:
    """Return the schema (draft 2020-12) of pipeline files with the registered plugins."""
    definitions: Schema = {}
    keys = PipelineKeys.model_fields
    kinds = {
        "start": {"anyOf": [{"type": "string", "minLength": 1}, _inline(StartKeys.model_json_schema())]},
        "tokenizer": _make_choice(registry, "tokenizer", {}, definitions),
        "matchers": _list(_make_choice(registry, "matcher", _matcher_keys(), definitions)),
        "sources": _list(_make_choice(registry, "source", _source_keys(registry, definitions), definitions)),
        "evaluate": _make_choice(registry, "source", {}, definitions),
        "session": _session(registry, definitions),
        **{name: _inline(make_settings_model(settings).model_json_schema()) for name, settings in SECTIONS},
    }
    sections = {name: {"anyOf": [schema, {"type": "null"}]} for name, schema in kinds.items()}
    properties: Schema = {
        "nerture": {"const": FORMAT},
        "labels": PipelineKeys.model_json_schema()["properties"]["labels"] | {"uniqueItems": True},
        **sections,
    }
    for name, schema in properties.items():
        schema.setdefault("description", keys[name].description)
    return {
        "$schema": DIALECT,
        "title": "nerture pipeline",
        "type": "object",
        "properties": {name: properties[name] for name in keys},
        "required": [name for name, field in keys.items() if field.is_required()],
        "additionalProperties": False,
        "$defs": definitions,
    }


def _make_choice(registry: Registry, kind: str, host_keys: Schema, definitions: Schema) -> Schema:
    """Return the schema of a part: one alternative for each registered name."""
    parts = [entry for entry in registry.entries() if entry.kind == kind]
    return {"oneOf": [_part(entry, host_keys, definitions) for entry in parts]} if parts else {"not": {}}


def _part(entry: Entry, host_keys: Schema, definitions: Schema) -> Schema:
    """Return the schema of one registered part: ``use``, the host's keys, and the plugin's options."""
    prefix = f"{entry.kind}.{entry.name}."
    options = entry.config.model_json_schema(ref_template=f"#/$defs/{prefix}{{model}}")
    for name, definition in options.get("$defs", {}).items():
        definitions[prefix + name] = definition
    required = [name for name, schema in host_keys.items() if "default" not in schema]
    if issubclass(entry.config, SourceOptions) and "loss" in host_keys:
        host_keys = {**host_keys, "loss": {**host_keys["loss"], "default": entry.config.default_loss}}
    return {
        "title": f"{entry.kind} {entry.name}",
        "description": f"from plugin {entry.plugin}",
        "type": "object",
        "properties": {"use": {"const": entry.name}, **host_keys, **options.get("properties", {})},
        "required": ["use", *required, *options.get("required", [])],
        "additionalProperties": False,
        **{key: options[key] for key in ("oneOf", "anyOf", "allOf") if key in options},
    }


def _matcher_keys() -> Schema:
    role = {"enum": list(ROLES)}
    field = MatcherKeys.model_fields["roles"]
    return {"as": {"anyOf": [role, _list(role) | {"minItems": 1}], "description": field.description}}


def _source_keys(registry: Registry, definitions: Schema) -> Schema:
    fields = SourceKeys.model_json_schema()["properties"]
    names = {"enum": list(registry.names("loss"))}
    loss: Schema = {"anyOf": [names, _make_choice(registry, "loss", {}, definitions)]}
    return {
        "loss": {
            "anyOf": [*loss["anyOf"], _list(loss) | {"minItems": 1}],
            "default": SourceOptions.default_loss,
            "description": fields["loss"]["description"],
        },
        "weight": fields["weight"],
    }


def _session(registry: Registry, definitions: Schema) -> Schema:
    schema = _inline(SessionKeys.model_json_schema())
    parts = {
        "sorter": _make_named(registry, "sorter", definitions),
        "format": [*_make_named(registry, "reader", definitions), {"type": "null"}],
    }
    changed = {
        name: {key: value for key, value in schema["properties"][name].items() if key != "type"}
        | {"anyOf": alternatives}
        for name, alternatives in parts.items()
    }
    return {**schema, "properties": {**schema["properties"], **changed}}


def _make_named(registry: Registry, kind: str, definitions: Schema) -> list[Schema]:
    """Return the alternatives for a part that may be written as its name alone."""
    return [{"enum": list(registry.names(kind))}, _make_choice(registry, kind, {}, definitions)]


def _list(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def _inline(schema: Schema) -> Schema:
    """Drop title and description, which repeat the section's name."""
    return {key: value for key, value in schema.items() if key not in {"title", "description"}}
