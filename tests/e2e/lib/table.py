"""Aligned tables for people."""


def seconds(value):
    return "-" if value is None else f"{value:.1f} s"


def render(head, rows):
    """A table: the first column to the left, the others to the right."""
    cells = [[str(cell) for cell in row] for row in [head, *rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    lines = []
    for row in cells:
        first = row[0].ljust(widths[0])
        rest = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        lines.append("  ".join([first, *rest]).rstrip())
    return "\n".join(lines)


def outcome_table(runs):
    """The books of runs that are over, one row each."""
    head = ["run", "enqueued", "finished", "queued", "lost", "twice", "cut off",
            "exit", "signal-exit", "last-exit", "deadline"]
    rows = []
    for run in runs:
        end = run.outcome
        rows.append([run.label, end.books.enqueued, end.books.finished, end.books.queued,
                     end.books.lost, end.books.twice, end.books.interrupted,
                     end.exit_code, seconds(end.took), seconds(end.tail),
                     seconds(run.deadline)])
    return render(head, rows)
