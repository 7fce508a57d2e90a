"""The report: one page that holds what a fit says and opens anywhere, without a network."""

from lawbook.report.rendering import write_report

__all__ = ["write_report"]
