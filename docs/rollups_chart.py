#!/usr/bin/env python3
"""Draws docs/rollups.svg: an organization's windows as weir rollups keeps them, from the tables of a running weir.

    weir demo --for 900 &                                    # says its database's connection string
    docs/rollups_chart.py 'host=… dbname=…' > docs/rollups.svg

It needs Python's standard library and psql. It reads as analysts do: agent_metrics, the functions of sketches, and system_health.
"""
import csv
import io
import subprocess
import sys
from datetime import datetime, timezone

WINDOWS = 36  # three hours
ROWS = """
WITH busiest AS (
  SELECT organization_id FROM agent_metrics GROUP BY 1 ORDER BY sum(total_tasks) DESC, 1 LIMIT 1
), newest AS (
  SELECT max(window_start) AS at FROM agent_metrics WHERE total_tasks > 0
), windows AS (
  SELECT organization_id, at - n * interval '5 minutes' AS window_start FROM busiest, newest, generate_series(0, {windows} - 1) n
)
SELECT extract(epoch FROM window_start)::bigint, coalesce(sum(m.completed_tasks), 0), coalesce(sum(m.failed_tasks), 0),
       coalesce(sum(m.cancelled_tasks), 0), sketch_quantile(sketch_merge(m.execution_time_sketch), 0.5),
       sketch_quantile(sketch_merge(m.execution_time_sketch), 0.95), max(h.overall_health_score), coalesce(bool_and(m.is_final), true)
  FROM windows
  LEFT JOIN agent_metrics m USING (organization_id, window_start)
  LEFT JOIN system_health h USING (organization_id, window_start)
 GROUP BY window_start
 ORDER BY window_start"""

WIDTH, LEFT, RIGHT = 860, 64, 16
PANELS = {"tasks": (40, 150), "times": (234, 110), "health": (388, 90)}  # top and height
COLOURS = {"completed": "#4c8dae", "failed": "#c8553d", "cancelled": "#b9b4a7", "median": "#2f6f4f", "p95": "#d08c2e", "health": "#5b4b8a"}


def read(dsn):
    answer = subprocess.run(
        ["psql", "--no-psqlrc", "--csv", "--tuples-only", "--command", ROWS.format(windows=WINDOWS), dsn],
        check=True, stdout=subprocess.PIPE, text=True,
    ).stdout
    number = lambda text: float(text) if text else None
    rows = []
    for row in csv.reader(io.StringIO(answer)):
        rows.append({"start": int(row[0]), "completed": int(row[1]), "failed": int(row[2]), "cancelled": int(row[3]),
                     "median": number(row[4]), "p95": number(row[5]), "health": number(row[6]), "final": row[7] == "t"})
    if not rows or not any(row["completed"] for row in rows):
        sys.exit("there is no window with a task in this database")
    return rows


def nice(highest):
    """The end of an axis: the next 1, 2 or 5 with zeros."""
    step = 1
    while True:
        for factor in (1, 2, 5):
            if step * factor >= highest:
                return step * factor
        step *= 10


class Chart:
    def __init__(self, rows):
        self.rows = rows
        self.parts = []
        self.slot = (WIDTH - LEFT - RIGHT) / len(rows)

    def x(self, index):
        return LEFT + index * self.slot

    def text(self, x, y, words, anchor="start", colour="#333", size=12):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-size="{size}">{words}</text>')

    def line(self, x1, y1, x2, y2, colour, extra=""):
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"{extra}/>')

    def axis(self, panel, title, end, unit, legend):
        top, height = PANELS[panel]
        self.text(LEFT, top - 12, title, size=13)
        at = WIDTH - RIGHT
        for name in reversed(legend):
            self.text(at, top - 12, name, "end", COLOURS[name])
            at -= 8 * len(name) + 12
        for share in (0, 0.5, 1):
            y = top + height * (1 - share)
            self.line(LEFT, y, WIDTH - RIGHT, y, "#ddd")
            self.text(LEFT - 6, y + 4, f"{end * share:g}{unit}", "end", "#777", 11)

    def bars(self, end):
        top, height = PANELS["tasks"]
        for index, row in enumerate(self.rows):
            below = 0
            for name in ("completed", "failed", "cancelled"):
                tall = height * row[name] / end
                y = top + height - below - tall
                opacity = "1" if row["final"] else "0.45"
                self.parts.append(f'<rect x="{self.x(index) + 1:.1f}" y="{y:.1f}" width="{self.slot - 2:.1f}" height="{tall:.1f}" '
                                  f'fill="{COLOURS[name]}" opacity="{opacity}"/>')
                below += tall

    def curve(self, panel, name, end):
        top, height = PANELS[panel]
        path, pen_is_up = "", True
        for index, row in enumerate(self.rows):
            if row[name] is None:
                pen_is_up = True
                continue
            y = top + height * (1 - min(row[name] / end, 1))
            path += f'{"M" if pen_is_up else "L"}{self.x(index) + self.slot / 2:.1f} {y:.1f} '
            pen_is_up = False
        self.parts.append(f'<path d="{path.strip()}" fill="none" stroke="{COLOURS[name]}" stroke-width="2"/>')

    def times(self):
        bottom = sum(PANELS["health"])
        for index, row in enumerate(self.rows):
            if row["start"] % 1800 == 0:
                when = datetime.fromtimestamp(row["start"], timezone.utc)
                self.line(self.x(index), bottom, self.x(index), bottom + 5, "#777")
                self.text(self.x(index), bottom + 19, f"{when:%H:%M}", "middle", "#777", 11)
        self.text(WIDTH - RIGHT, bottom + 36, "windows of 5 minutes, UTC; pale: provisional", "end", "#777", 11)

    def svg(self):
        tasks = nice(max(row["completed"] + row["failed"] + row["cancelled"] for row in self.rows))
        times = nice(max(row["p95"] or 0 for row in self.rows))
        self.axis("tasks", "Tasks that ended", tasks, "", ["completed", "failed", "cancelled"])
        self.bars(tasks)
        self.axis("times", "Execution time", times / 1000, " s", ["median", "p95"])
        self.curve("times", "median", times)
        self.curve("times", "p95", times)
        self.axis("health", "Health of the organization", 100, "", [])
        self.curve("health", "health", 100)
        self.times()
        tall = sum(PANELS["health"]) + 48
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {tall}" font-family="sans-serif">\n'
                f'<rect width="{WIDTH}" height="{tall}" fill="#fff"/>\n' + "\n".join(self.parts) + "\n</svg>\n")


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] in ("-h", "--help"):
        print(__doc__.strip(), file=sys.stderr)
        sys.exit(64)
    sys.stdout.write(Chart(read(sys.argv[1])).svg())
