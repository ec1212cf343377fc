"""/metrics, in Prometheus's text format. docs/seeing.md has the figures, docs/decisions/0028-seeing.md the reasons."""
