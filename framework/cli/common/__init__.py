"""What several commands share: options, output, output files, tables, annotations to compare with."""
