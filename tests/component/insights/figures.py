"""Computes by numpy, scipy, statsmodels and pandas what figures_test.cpp had computed by weir's own rules, and says where the two differ.

Each line of the file that it is given is a case: {"kind": …, "in": {…}, "out": …}. Nothing of weir is used here.
"""

import collections
import json
import math
import sys

import numpy
import pandas
import scipy.integrate
import scipy.special
import scipy.stats
import statsmodels.stats.multitest
import statsmodels.stats.proportion


def t_error(reliability, share):
    # Spearman-Brown as the reliability of `share` times as long a test; a T-score has a standard deviation of 10.
    return 10 * numpy.sqrt(1 - share * reliability / (1 - reliability + share * reliability))


def circular_mean(angles):
    return [scipy.stats.circmean(angles), 1 - scipy.stats.circvar(angles)]


def rayleigh(n, length):
    """The probability that n steps of length 1 in directions by chance end further away than n·length (Kluyver 1905)."""
    reached = n * length
    inside = scipy.integrate.quad(lambda t: scipy.special.j1(reached * t) * scipy.special.j0(t) ** n, 0, 60, limit=2000)[0]
    return 1 - reached * inside


def drop(weeks):
    """The level that a user used to have, the level of late, and the probability that chance would not have made it so low."""
    before = pandas.Series(weeks[:-3]).tail(12)
    lately = pandas.Series(weeks, dtype=float).ewm(alpha=0.3, adjust=False).mean().iloc[-1]
    error = math.sqrt(max(before.median(), before.var()) * 0.3 / 1.7)
    return [before.median(), lately, scipy.stats.norm.cdf(before.median(), loc=lately, scale=error)]


FIGURES = {
    "normal_cdf": lambda z: scipy.stats.norm.cdf(z),
    "two_sided_p": lambda z: 2 * scipy.stats.norm.sf(abs(z)),
    "holm": lambda p: statsmodels.stats.multitest.multipletests(p, method="holm")[1].tolist(),
    "median": lambda values: numpy.median(values),
    "variance": lambda values: numpy.var(values, ddof=1),
    "shares": lambda a, n, b, m: statsmodels.stats.proportion.proportions_ztest([a, b], [n, m])[0],
    "ranks": lambda a, b: scipy.stats.mannwhitneyu(a, b, alternative="greater", method="asymptotic").pvalue,
    "circular_mean": circular_mean,
    "rayleigh": rayleigh,
    "t_error": t_error,
    "success": lambda skill, difficulty: scipy.special.expit((skill - difficulty) * math.log(10) / 400),
    "drop": drop,
    "low": lambda t_scores, errors: scipy.stats.norm.cdf(40, loc=numpy.mean(t_scores), scale=numpy.linalg.norm(errors) / 3),
}
# weir approximates Rayleigh's p, which is exact here. A habit needs p < 0.01, so two thousandths decide on nothing but doubtful cases.
LEAST_EXACT = {"rayleigh": 2e-3}


def same(ours, theirs, absolute):
    if isinstance(theirs, list):
        return len(ours) == len(theirs) and all(same(*pair, absolute) for pair in zip(ours, theirs))
    return math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=absolute)


def main(path):
    counts, differences = collections.Counter(), []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            case = json.loads(line)
            counts[case["kind"]] += 1
            theirs = FIGURES[case["kind"]](**case["in"])
            if not same(case["out"], theirs, LEAST_EXACT.get(case["kind"], 1e-12)):
                differences.append(f"{line.strip()}: not {theirs}")
    for difference in differences[:20]:
        print(difference)
    print(", ".join(f"{kind} {count}" for kind, count in sorted(counts.items())))
    return 1 if differences or counts.keys() != FIGURES.keys() else 0


sys.exit(main(sys.argv[1]))
