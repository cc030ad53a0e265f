"""Computes by numpy, scipy, pandas and zoneinfo what learning_figures_test.cpp had computed by weir, and says where the two differ.

Each line of the file that it is given is a case: {"kind": …, "in": {…}, "out": …}. Nothing of weir is used here.
"""

import collections
import datetime
import itertools
import json
import math
import sys
import zoneinfo

import numpy
import pandas
import scipy.special

DAY = datetime.timedelta(days=1)
WEEK = datetime.timedelta(weeks=1)


def expected_success(skill, difficulty):
    """The logistic function, at the difference in units in which 400 points are a factor of ten."""
    return scipy.special.expit(math.log(10) * (skill - difficulty) / 400)


def skill(attempts):
    rating = 1200.0
    for difficulty, success in attempts:
        rating = numpy.clip(rating + 24 * (success - expected_success(rating, difficulty)), 0, 4000)
    return float(rating)


def difficulty_rating(start, failed, succeeded):
    return float(numpy.clip(start + 400 * (numpy.log10(failed + 5) - numpy.log10(succeeded + 5)), 0, 4000))


def streak(days):
    """Splits the days where more was missed than may be bridged; the parts' lengths are the streaks."""
    dates = sorted({datetime.date.fromisoformat(day) for day in days})
    bridged, parts = [], [[]]
    for before, date in zip([None, *dates], dates):
        missed = date - DAY
        if before is not None and date - before > DAY:
            weeks = {day.isocalendar()[:2] for day in bridged}
            if date - before == 2 * DAY and missed.isocalendar()[:2] not in weeks:
                bridged.append(missed)
            else:
                parts.append([])
        parts[-1].append(date)
    lengths = [len(part) for part in parts]
    return {"days": lengths[-1], "longest": max(lengths), "last": str(dates[-1]), "freeze": str(bridged[-1]) if bridged else None}


def momentum(days, today):
    dates = pandas.to_datetime(sorted(set(days)))
    weeks = (dates - pandas.to_timedelta(dates.weekday, unit="D")).value_counts().sort_index()
    now = pandas.Timestamp(today)
    last = now - pandas.Timedelta(days=now.weekday() + 7)
    if weeks.index[0] > last:
        return None
    counts = weeks.reindex(pandas.date_range(weeks.index[0], last, freq="7D"), fill_value=0)
    return float(counts.ewm(alpha=0.3, adjust=False).mean().iloc[-1])


def zone_of(name):
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return zoneinfo.ZoneInfo("UTC")


def local_day(zones, moment):
    """The first zone holds since ever, each later one from its moment on."""
    instant = datetime.datetime.fromisoformat(moment)
    name = [name for since, name in zones if since is None or datetime.datetime.fromisoformat(since) <= instant][-1]
    return str(instant.astimezone(zone_of(name)).date())


def measures(completions, activities, zones):
    """What the learner has come to after these completions."""
    first_attempts = {c["activity"]: c for c in reversed(completions)}
    attempts = sorted(first_attempts.values(), key=lambda c: (c["at"], c["id"]))
    done = {c["activity"] for c in completions if c["succeeded"]}
    required = collections.defaultdict(set)
    for name, activity in activities.items():
        if activity["required"]:
            required[activity["module"]].add(name)
    success = lambda c: int(c["succeeded"]) if c["score"] is None else c["score"]
    return {
        "skill": skill([(activities[c["activity"]]["difficulty"], success(c)) for c in attempts]),
        "points": sum(activities[name]["points"] for name in done),
        "activities_completed": len(done),
        "modules_completed": sum(needed <= done for needed in required.values()),
        "streak": streak([local_day(zones, c["at"]) for c in completions]),
    }


def learner(zones, completions, activities, achievements, today):
    ordered = sorted(completions, key=lambda c: (c["at"], c["id"]))
    unlocked = {}
    for end in range(1, len(ordered) + 1):
        so_far = measures(ordered[:end], activities, zones)
        values = {**so_far, "streak_days": so_far["streak"]["longest"]}
        for name, achievement in achievements.items():
            (measure, least), = achievement["condition"].items()
            if values[measure] >= least:
                unlocked.setdefault(name, ordered[end - 1]["at"])
    final = measures(ordered, activities, zones)
    days = [local_day(zones, c["at"]) for c in ordered]
    return {
        "skill": final["skill"],
        "points": final["points"] + sum(achievements[name]["points"] for name in unlocked),
        "streak": final["streak"],
        "unlocked": unlocked,
        "days": days,
        "momentum": momentum(days, today),
    }


FIGURES = {
    "expected_success": expected_success,
    "skill": skill,
    "difficulty_rating": difficulty_rating,
    "streak": streak,
    "learner": learner,
}


def same(ours, theirs):
    if isinstance(theirs, dict):
        return isinstance(ours, dict) and ours.keys() == theirs.keys() and all(same(ours[key], theirs[key]) for key in theirs)
    if isinstance(theirs, list):
        return isinstance(ours, list) and len(ours) == len(theirs) and all(itertools.starmap(same, zip(ours, theirs)))
    if theirs is None or isinstance(theirs, str):
        return ours == theirs
    return isinstance(ours, (int, float)) and math.isclose(ours, theirs, rel_tol=1e-10, abs_tol=1e-10)


def main(path):
    counts, differences = collections.Counter(), []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            case = json.loads(line)
            counts[case["kind"]] += 1
            theirs = FIGURES[case["kind"]](**case["in"])
            if not same(case["out"], theirs):
                differences.append(f"{line.strip()}: not {theirs}")
    for difference in differences[:5]:
        print(difference)
    print(", ".join(f"{kind} {count}" for kind, count in sorted(counts.items())))
    return 1 if differences or counts.keys() != FIGURES.keys() else 0


sys.exit(main(sys.argv[1]))
