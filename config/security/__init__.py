"""Who may come in, and what a browser may do with what it gets. docs/security.md tells it to operators."""
