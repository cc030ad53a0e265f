"""Computes by numpy, scipy and statsmodels what figures_test.cpp had computed by weir's own rules, and says where the two differ.

Each line of the file that it is given is a case: {"kind": …, "in": {…}, "out": …}. Nothing of weir is used here.
"""

import collections
import fractions
import json
import math
import sys

import numpy
import scipy.stats
import statsmodels.api

DRAWS = 1_000_000


def shortened(reliability, answered, items):
    length = answered / items
    return length * reliability / (1 + (length - 1) * reliability)


def figures(raw, norm, error, error_over_time):
    z = (raw - norm["mean"]) / norm["sd"]
    low, high = scipy.stats.norm.interval(0.95, loc=raw, scale=error * 1.96 / scipy.stats.norm.ppf(0.975))
    return {
        "raw": raw,
        "t_score": 50 + 10 * z,
        "percentile": 100 * scipy.stats.norm.cdf(z),
        "standard_error": error,
        "low": float(numpy.clip(low, 0, 100)),
        "high": float(numpy.clip(high, 0, 100)),
        "error_over_time": error_over_time,
    }


def submission(instrument, answers, seconds):
    scoring, norms = instrument["scoring"], instrument["norms"]
    found = {}
    for name, declared in scoring["dimensions"].items():
        items = [item for item in instrument["items"] if item["dimension"] == name]
        answered = [item for item in items if item["code"] in answers]
        required = [item for item in items if item["required"]]
        done = [item for item in required if item["code"] in answers]
        enough = not required or fractions.Fraction(len(done), len(required)) >= fractions.Fraction(str(scoring["least_share"]))
        found[name] = {"answered": len(answered), "figures": None}
        if not answered or not enough:
            continue
        places = []
        for item in answered:
            low, high, value = item["scale_min"], item["scale_max"], answers[item["code"]]
            places.append(((low + high - value if item["reverse_scored"] else value) - low) / (high - low))
        raw = 100 * numpy.average(places, weights=[item["weight"] for item in answered])
        norm, reliability = norms[name]["all"], declared["reliability"]
        consistency = reliability["internal_consistency"]
        errors = [norm["sd"] * math.sqrt(1 - shortened(r, len(answered), len(items)))
                  for r in (consistency, reliability.get("test_retest", consistency))]
        found[name]["figures"] = figures(raw, norm, *errors)
    return {"dimensions": found, "composite": composite(scoring["composite"]["weights"], found, norms["composite"]["all"]),
            "flags": flags(instrument, answers, seconds)}


def composite(weights, found, norm):
    result = {"answered": sum(score["answered"] for score in found.values()), "figures": None}
    if any(score["figures"] is None for score in found.values()):
        return result
    names = sorted(found)
    shares = numpy.array([weights[name] for name in names]) / sum(weights.values())
    column = lambda figure: numpy.array([found[name]["figures"][figure] for name in names])
    error = lambda figure: float(numpy.linalg.norm(shares * column(figure)))
    result["figures"] = figures(float(shares @ column("raw")), norm, error("standard_error"), error("error_over_time"))
    return result


def flags(instrument, answers, seconds):
    given = [(answers[item["code"]], item["scale_min"], item["scale_max"]) for item in instrument["items"] if item["code"] in answers]
    doubts = []
    if given and (all(v == low for v, low, _ in given) or all(v == high for v, _, high in given)):
        doubts.append("all_at_one_end")
    if len(given) > 1 and len({v for v, _, _ in given}) == 1:
        doubts.append("straight_lining")
    if given and seconds < len(given):
        doubts.append("too_fast")
    return doubts


def slope(scores):
    x = statsmodels.api.add_constant(numpy.arange(1, len(scores) + 1))
    return statsmodels.api.OLS(scores, x).fit().params[1]


def growth(raws, errors, polarity):
    rows, streak = [], 0
    good = {"higher_is_better": 1, "lower_is_better": -1, "none": 0}[polarity]
    for i in range(1, len(raws)):
        change = raws[i] - raws[i - 1]
        index = change / math.sqrt(errors[i] ** 2 + errors[i - 1] ** 2)
        direction = None if good == 0 else "stable" if abs(index) <= 1.96 else "improving" if index * good > 0 else "declining"
        streak = streak + 1 if direction == "improving" else 0
        rows.append({"difference": change, "index": index, "slope": slope(raws[max(0, i - 4):i + 1]), "direction": direction,
                     "streak": streak})
    return rows


def correlation(a, b):
    return None if min(numpy.ptp(a), numpy.ptp(b)) <= 1e-9 else scipy.stats.pearsonr(a, b).statistic


def styles(anxiety, avoidance):
    high = [scipy.stats.norm.sf(axis["cut"], loc=axis["raw"], scale=axis["error"]) for axis in (anxiety, avoidance)]
    low = [scipy.stats.norm.cdf(axis["cut"], loc=axis["raw"], scale=axis["error"]) for axis in (anxiety, avoidance)]
    return {"secure": low[0] * low[1], "anxious": high[0] * low[1], "avoidant": low[0] * high[1], "disorganized": high[0] * high[1]}


FIGURES = {
    "normal_cdf": lambda z: scipy.stats.norm.cdf(z),
    "t_score": lambda raw, mean, sd: 50 + 10 * scipy.stats.zmap([raw], [mean - sd, mean + sd])[0],
    "percentile": lambda raw, mean, sd: 100 * scipy.stats.norm.cdf(raw, loc=mean, scale=sd),
    "shortened_reliability": shortened,
    "standard_error": lambda sd, reliability: sd * numpy.sqrt(1 - reliability),
    "interval": lambda raw, error: numpy.clip([raw - 1.96 * error, raw + 1.96 * error], 0, 100).tolist(),
    "composite_error": lambda weights, errors: numpy.linalg.norm(numpy.multiply(weights, errors)),
    "reliable_change_index": lambda before, after, error_before, error_after: (after - before) / numpy.hypot(error_before, error_after),
    "slope": slope,
    "correlation": correlation,
    "mean_absolute_difference": lambda a, b: numpy.mean(numpy.abs(numpy.subtract(a, b))),
    "styles": styles,
    "submission": submission,
    "growth": growth,
}


def same(ours, theirs, absolute):
    """Whether two results are equal but for rounding: ten digits, or `absolute` where a difference of near numbers leaves fewer."""
    if isinstance(theirs, dict):
        return isinstance(ours, dict) and ours.keys() == theirs.keys() and all(same(ours[key], theirs[key], absolute) for key in theirs)
    if isinstance(theirs, list):
        return isinstance(ours, list) and len(ours) == len(theirs) and all(same(*pair, absolute) for pair in zip(ours, theirs))
    if theirs is None or isinstance(theirs, str):
        return ours == theirs
    return isinstance(ours, (int, float)) and math.isclose(ours, theirs, rel_tol=1e-10, abs_tol=absolute)


def drawn(case, generator):
    """The share of draws of both true scores that fall into each quadrant, and how far chance alone may carry it off: five of its errors."""
    axes = [case["in"]["anxiety"], case["in"]["avoidance"]]
    high = [generator.normal(axis["raw"], axis["error"], DRAWS) >= axis["cut"] for axis in axes]
    shares = {"secure": ~high[0] & ~high[1], "anxious": high[0] & ~high[1], "avoidant": ~high[0] & high[1], "disorganized": high[0] & high[1]}
    return all(abs(numpy.mean(shares[style]) - p) <= 5 * math.sqrt(p * (1 - p) / DRAWS) + 1 / DRAWS for style, p in case["out"].items())


def main(path):
    counts, differences = collections.Counter(), []
    generator = numpy.random.default_rng(1)
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            case = json.loads(line)
            counts[case["kind"]] += 1
            theirs = FIGURES[case["kind"]](**case["in"])
            # A probability is exact in its digits, however small it is.
            absolute = 0 if case["kind"] in ("normal_cdf", "styles") else 1e-11
            if not same(case["out"], theirs, absolute):
                differences.append(f"{line.strip()}: not {theirs}")
            if case["kind"] == "styles" and counts["styles"] <= 10 and not drawn(case, generator):
                differences.append(f"{line.strip()}: not by {DRAWS} draws")
    for difference in differences[:20]:
        print(difference)
    print(", ".join(f"{kind} {count}" for kind, count in sorted(counts.items())))
    return 1 if differences or counts.keys() != FIGURES.keys() else 0


sys.exit(main(sys.argv[1]))
