#!/usr/bin/env python3
"""Draws docs/rollups.svg: twelve hours of an organization as weir rollups keeps them, from the tables of a running weir.

    weir demo --for 900 &                                    # weir.yaml in its folder has the connection string, postgres.dsn
    psql 'host=… dbname=…' -f docs/rollups_day.sql           # an organization's day, through change capture
    docs/rollups_chart.py 'host=… dbname=…' > docs/rollups.svg

A window is marked as corrected later where it was corrected more often than most windows of the organization.
It needs Python's standard library and psql. It reads as analysts do: agent_metrics, the functions of sketches, and system_health.
"""
import csv
import io
import subprocess
import sys
from datetime import datetime, timezone

WINDOWS = 144  # twelve hours
ROWS = """
WITH busiest AS (
  SELECT organization_id FROM agent_metrics GROUP BY 1 ORDER BY sum(total_tasks) DESC, 1 LIMIT 1
), newest AS (
  SELECT max(window_start) AS at FROM agent_metrics JOIN busiest USING (organization_id) WHERE total_tasks > 0
), windows AS (
  SELECT organization_id, at - n * interval '5 minutes' AS window_start FROM busiest, newest, generate_series(0, {windows} - 1) n
), usual AS (
  SELECT mode() WITHIN GROUP (ORDER BY revision) AS revision FROM agent_metrics JOIN busiest USING (organization_id) WHERE total_tasks > 0
)
SELECT extract(epoch FROM window_start)::bigint, coalesce(sum(m.completed_tasks), 0), coalesce(sum(m.failed_tasks), 0),
       coalesce(sum(m.cancelled_tasks), 0), sketch_quantile(sketch_merge(m.execution_time_sketch), 0.5),
       sketch_quantile(sketch_merge(m.execution_time_sketch), 0.95), 100.0 * sum(m.completed_tasks) / nullif(sum(m.total_tasks), 0),
       max(h.active_agents), max(h.overall_health_score), coalesce(bool_or(m.revision > usual.revision), false)
  FROM windows
 CROSS JOIN usual
  LEFT JOIN agent_metrics m USING (organization_id, window_start)
  LEFT JOIN system_health h USING (organization_id, window_start)
 GROUP BY window_start
 ORDER BY window_start"""

# Drawn to be read at 800 pixels, on light and dark pages: the background is its own, neither white nor black, and no colour tells alone what
# a place or a word does not tell too.
WIDTH, LEFT, RIGHT = 800, 66, 18
PANELS = {"tasks": (46, 112), "success": (206, 78), "times": (332, 96), "agents": (476, 72), "health": (596, 60)}  # top and height
PAPER, INK, FAINT, GRID = "#f7f5f0", "#2b2b2b", "#66625a", "#dad5ca"
COLOURS = {"completed": "#4c8dae", "failed": "#c8553d", "cancelled": "#a39c8b", "corrected later": "#7a3fa0", "median": "#2f6f4f", "p95": "#b8721a",
           "success": "#2f6f4f", "agents": "#4c6a9c", "health": "#5b4b8a"}
NAMES = ["start", "completed", "failed", "cancelled", "median", "p95", "success", "agents", "health", "corrected"]


def read(dsn):
    answer = subprocess.run(
        ["psql", "--no-psqlrc", "--csv", "--tuples-only", "--command", ROWS.format(windows=WINDOWS), dsn],
        check=True, stdout=subprocess.PIPE, text=True,
    ).stdout
    value = lambda text: text == "t" if text in ("t", "f") else float(text) if text else None
    rows = [dict(zip(NAMES, map(value, row))) for row in csv.reader(io.StringIO(answer))]
    if not rows or not any(row["completed"] for row in rows):
        sys.exit("there is no window with a task in this database")
    return rows


def nice(highest):
    """The end of an axis: the next 1, 2, 3, 4, 6 or 8 with zeros."""
    step = 1
    while True:
        for factor in (1, 2, 3, 4, 6, 8):
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

    def y(self, panel, value, end):
        top, height = PANELS[panel]
        return top + height * (1 - max(0, min(value / end, 1)))

    def text(self, x, y, words, anchor="start", colour=INK, size=13, extra=""):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-size="{size}"{extra}>{words}</text>')

    def line(self, x1, y1, x2, y2, colour, extra=""):
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"{extra}/>')

    def axis(self, panel, title, end, unit, legend=(), ticks=(0, 0.5, 1)):
        top, height = PANELS[panel]
        self.text(LEFT, top - 14, title, size=14, extra=' font-weight="600"')
        at = WIDTH - RIGHT
        for name in reversed(legend):
            self.text(at, top - 14, name, "end", COLOURS[name])
            at -= 8 * len(name) + 10
            self.parts.append(f'<rect x="{at - 6:.1f}" y="{top - 23:.1f}" width="10" height="10" fill="{COLOURS[name]}"/>')
            at -= 18
        for share in ticks:
            y = top + height * (1 - share)
            self.line(LEFT, y, WIDTH - RIGHT, y, GRID)
            self.text(LEFT - 8, y + 4, f"{end * share:,g}{unit}", "end", FAINT, 12)

    def bars(self, end):
        for index, row in enumerate(self.rows):
            below = 0
            for name in ("completed", "failed", "cancelled"):
                low, high = self.y("tasks", below, end), self.y("tasks", below + row[name], end)
                if low > high:
                    self.parts.append(f'<rect x="{self.x(index) + 0.5:.1f}" y="{high:.1f}" width="{self.slot - 1:.1f}" '
                                      f'height="{low - high:.1f}" fill="{COLOURS[name]}"/>')
                below += row[name]
        top, height = PANELS["tasks"]
        for index, row in enumerate(self.rows):
            if row["corrected"]:
                self.parts.append(f'<rect x="{self.x(index):.1f}" y="{top + height + 3:.1f}" width="{self.slot:.1f}" height="5" '
                                  f'fill="{COLOURS["corrected later"]}"/>')

    def curve(self, panel, name, end, is_filled=False):
        """A line that has gaps where there is no value."""
        bottom = sum(PANELS[panel])
        runs, run = [], []
        for index, row in enumerate(self.rows + [{name: None}]):
            if row[name] is None:
                runs, run = runs + [run], []
            else:
                run.append((self.x(index) + self.slot / 2, self.y(panel, row[name], end)))
        for points in filter(None, runs):
            path = " L".join(f"{x:.1f} {y:.1f}" for x, y in points)
            if is_filled:
                self.parts.append(f'<path d="M{points[0][0]:.1f} {bottom} L{path} L{points[-1][0]:.1f} {bottom} Z" fill="{COLOURS[name]}" '
                                  'opacity="0.25"/>')
            self.parts.append(f'<path d="M{path}" fill="none" stroke="{COLOURS[name]}" stroke-width="1.8" stroke-linejoin="round"/>')

    def threshold(self, panel, value, end, words):
        y = self.y(panel, value, end)
        self.line(LEFT, y, WIDTH - RIGHT, y, COLOURS["failed"], ' stroke-dasharray="5 4"')
        self.text(LEFT + 6, y + 14, words, "start", COLOURS["failed"], 12)

    def times(self):
        bottom = sum(PANELS["health"])
        for index, row in enumerate(self.rows):
            if row["start"] % 3600 == 0:
                when = datetime.fromtimestamp(row["start"], timezone.utc)
                for top, height in PANELS.values():
                    self.line(self.x(index), top, self.x(index), top + height, GRID, ' stroke-dasharray="1 3"')
                self.line(self.x(index), bottom, self.x(index), bottom + 5, FAINT)
                self.text(self.x(index), bottom + 20, f"{when:%H:%M}", "middle", FAINT, 12)
        self.text(WIDTH - RIGHT, bottom + 40, "windows of 5 minutes, UTC", "end", FAINT, 12)

    def svg(self):
        self.times()
        tasks = nice(max(row["completed"] + row["failed"] + row["cancelled"] for row in self.rows))
        seconds = nice(max(row["p95"] or 0 for row in self.rows) / 1000)
        agents = nice(max(row["agents"] or 0 for row in self.rows))
        self.axis("tasks", "Tasks that ended", tasks, "", ["completed", "failed", "cancelled", "corrected later"])
        self.bars(tasks)
        self.axis("success", "Success rate", 100, " %")
        self.curve("success", "success", 100)
        self.axis("times", "Execution time", seconds, " s", ["median", "p95"])
        self.curve("times", "median", seconds * 1000)
        self.curve("times", "p95", seconds * 1000)
        self.axis("agents", "Agents that were idle or busy at the window's end", agents, "")
        self.curve("agents", "agents", agents, is_filled=True)
        self.axis("health", "Health score", 100, "", ticks=(0, 1))
        self.threshold("health", 80, 100, "warning below 80")
        self.curve("health", "health", 100)
        tall = sum(PANELS["health"]) + 52
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {tall}" width="{WIDTH}" font-family="sans-serif">\n'
                f'<rect width="{WIDTH}" height="{tall}" rx="6" fill="{PAPER}"/>\n' + "\n".join(self.parts) + "\n</svg>\n")


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] in ("-h", "--help"):
        print(__doc__.strip(), file=sys.stderr)
        sys.exit(64)
    sys.stdout.write(Chart(read(sys.argv[1])).svg())
