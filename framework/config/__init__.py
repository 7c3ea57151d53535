"""Reads, overrides and checks the pipeline file."""

from nerture.config.loading import load_config
from nerture.config.parts import MatcherPart, Part, SourcePart
from nerture.config.pipeline_config import PipelineConfig

__all__ = ["MatcherPart", "Part", "PipelineConfig", "SourcePart", "load_config"]
