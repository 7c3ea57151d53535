"""The built-in plugins; they use only the public interfaces that all plugins can use."""
