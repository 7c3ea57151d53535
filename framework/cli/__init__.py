"""The command line: ``command_group`` finds a command's module by its name, ``exit_codes`` runs it.

``common`` serves all commands; ``session`` holds those that open teaching sessions, ``tagging`` apply and
match, ``data`` those about datasets, ``checking`` check. The other modules are one command each;
``generate_docs`` writes docs/commands.md from their help texts. Imports everything; nothing imports it.
"""
