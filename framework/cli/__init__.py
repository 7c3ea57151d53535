"""The command line: ``command_group`` imports a command by its name, ``exit_codes`` runs it.

``common`` serves all commands; ``session`` has those that open teaching sessions, ``tagging`` apply and
match, ``data`` those about datasets, ``checking`` check. The other modules are one command each;
``generate_docs`` writes docs/commands.md from their help texts. Imports everything; nothing imports it.
"""
