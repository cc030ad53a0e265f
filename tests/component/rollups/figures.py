"""Computes by scipy, numpy and statsmodels what figures_test.cpp had computed by weir's own rules, and says where the two differ.

Each line of the file that it is given is a case: {"kind": …, "in": {…}, "out": …}. Nothing of weir is used here.
"""

import collections
import json
import math
import sys

import numpy
import scipy.stats
import statsmodels.robust
import statsmodels.tsa.holtwinters


def trend(values):
    places = [(x, y) for x, y in enumerate(values) if y is not None]
    if len(places) < 8:
        return {"direction": "stable", "slope": None}
    x, y = zip(*places)
    if len(set(y)) == 1:
        return {"direction": "stable", "slope": 0}
    line = scipy.stats.linregress(x, y)
    heading = "rising" if line.slope > 0 else "falling"
    return {"direction": heading if line.pvalue < 0.05 else "stable", "slope": float(line.slope)}


def robust_score(values):
    known = numpy.array([value for value in values if value is not None])
    if len(known) < 8 or values[-1] is None:
        return None
    spread = statsmodels.robust.mad(known, c=1 / 1.4826)
    return float((values[-1] - numpy.median(known)) / spread) if spread > 0 else None


def forecast(values):
    model = statsmodels.tsa.holtwinters.Holt(
        numpy.array(values[1:]), initialization_method="known", initial_level=values[0], initial_trend=values[1] - values[0]
    )
    fitted = model.fit(smoothing_level=0.5, smoothing_trend=0.1, optimized=False)
    return [max(0.0, float(value)) for value in fitted.forecast(6)]


FIGURES = {"trend": trend, "robust_score": robust_score, "forecast": forecast}


def same(one, other):
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    return one == other


def main(path):
    counts, differences = collections.Counter(), []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            case = json.loads(line)
            counts[case["kind"]] += 1
            theirs = FIGURES[case["kind"]](**case["in"])
            if not same(case["out"], theirs):
                differences.append(f"{line.strip()}: not {theirs}")
    for difference in differences[:20]:
        print(difference)
    print(", ".join(f"{kind} {count}" for kind, count in sorted(counts.items())))
    return 1 if differences or counts.keys() != FIGURES.keys() else 0


sys.exit(main(sys.argv[1]))
