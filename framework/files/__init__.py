"""Files in and out: corpora read, files and folders that appear whole or not at all."""
