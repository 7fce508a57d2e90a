"""A progress bar between blocks."""

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress


class Progress:
    """Context of a run: a bar for warm-up and draws on standard error, or nothing."""

    def __init__(self, shown: bool, warm_up: int, draws: int) -> None:
        self.bar = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:.0f}/{task.total:.0f} draws a chain"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
            disable=not shown,
        )
        self.warm_up, self.draws = warm_up, draws
        self.task = self.bar.add_task("compiling", total=warm_up)

    def __enter__(self) -> "Progress":
        self.bar.start()
        return self

    def __exit__(self, *_) -> None:
        self.bar.stop()

    def update(self, warmed: int, drawn: int) -> None:
        """Show how far the run is."""
        if drawn == 0:
            self.bar.update(self.task, description="warm-up", completed=warmed, total=self.warm_up)
            return
        total = max(self.draws, drawn)
        self.bar.update(self.task, description="sampling", completed=drawn, total=total)


class Counted:
    """Context of work that is counted in things: a bar on standard error, or nothing."""

    def __init__(self, shown: bool, what: str, total: int) -> None:
        self.bar = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:,.0f}/{task.total:,.0f} " + what),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
            disable=not shown,
        )
        self.task = self.bar.add_task("fitting", total=total)

    def __enter__(self) -> "Counted":
        self.bar.start()
        return self

    def __exit__(self, *_) -> None:
        self.bar.stop()

    def advance(self, count: int) -> None:
        """Count so many more."""
        self.bar.advance(self.task, count)
