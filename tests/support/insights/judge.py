"""Says what redaction left and took: python judge.py DOCUMENTS REDACTED.

DOCUMENTS is of documents.py; REDACTED has each document's text after redaction, a JSON string a line. Prints, for each locale, how many own
names, unknown names and identifiers were planted and how many leaked, and how many other words there were and how many are gone. A name has
leaked where any of its parts, but for particles and initials, stands in the text as a word that is not among the document's other words; an
identifier where it stands whole, or any of its runs of four digits or more.
"""

import collections
import json
import re
import sys

from documents import WORD

PARTICLES = {"de", "da", "do", "dos", "das", "del", "della", "di", "la", "le", "van", "von", "der", "den", "du", "des", "zu", "vans"}
PLACEHOLDER = re.compile(r"\[\[P\d+\]\]")


def name_leaks(name, words):
    parts = [part for part in re.split(r"\s+", name) if len(part) > 1 and part.lower() not in PARTICLES]
    return any(word in words for part in parts for word in [part, *WORD.findall(part)])


def judge(document, redacted, counts):
    text = PLACEHOLDER.sub(" ", redacted)
    others = collections.Counter(document["others"])
    words = collections.Counter(WORD.findall(text))
    strangers = words - others
    for kind in ("own", "unknown"):
        counts[kind] += len(document[kind])
        leaked = [name for name in document[kind] if name_leaks(name, strangers)]
        counts[kind + "_leaked"] += len(leaked)
    for each in document["identifiers"]:
        counts["identifiers"] += 1
        runs = [run for run in re.findall(r"\d+", each["text"]) if len(run) >= 4]
        counts["identifiers_leaked"] += each["text"] in redacted or any(run in text for run in runs)
    counts["others"] += len(document["others"])
    counts["others_gone"] += sum((others - words).values())


def main(documents, redacted):
    counts = collections.defaultdict(collections.Counter)
    with open(documents, encoding="utf-8") as lines, open(redacted, encoding="utf-8") as texts:
        for line, text in zip(lines, texts, strict=True):
            document = json.loads(line)
            judge(document, json.loads(text), counts[document["locale"]])
    print(json.dumps(counts))


if __name__ == "__main__":
    main(*sys.argv[1:])
