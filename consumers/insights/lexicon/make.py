"""Makes the lists of ordinary words beside this file: python make.py DIRECTORY, where DIRECTORY holds the unpacked packages
spacy-lookups-data 1.0.5 (MIT licence), wordfreq 3.1.1 (Apache licence; its frequencies CC BY-SA 4.0) and names 0.3.0 (MIT licence; its
lists are the names of the census of the United States of 1990, which are in the public domain).

A list has words in small letters, in the order of their bytes, with a space or a line end behind each. A word with "*" behind it is among the commonest of its language; with
"+" among its 100 commonest; one with "^" is written with a capital within a sentence although it names no person.

de, en, es: the words of lexeme_prob that are written small more often than with a capital; in German also those written with a capital, which
are nouns, where lemma_lookup has them, or where many other words of their cluster are nouns that it has. Left out are the words whose Brown cluster (lexeme_cluster) is that of given names or surnames: NAME_CLUSTERS, found by looking at
where a dozen of each language's best known names stand. fr, it, nl, pl, pt: the forms of lemma_lookup, in French also of lemma_index, the
most frequent first as wordfreq has them. No list has a word that another language's clusters have as a name, unless the word is frequent; in
French it must be a name of the census, too, since those clusters hold French words of any kind.

names.txt has the words of all lists that are names of the census as well, without accents, given names with "*": names.hpp says where such a
word is taken for a name.
"""

import collections
import gzip
import json
import pathlib
import re
import sys
import unicodedata

WORD = re.compile(r"[^\W\d_]{2,24}")
LINES = 390  # of a list
COMMONEST = 100
ALWAYS_KEPT = 300  # of the most frequent words, also where they are names elsewhere
COMMON = 1_500
# The least log probability of a noun that lemma_lookup lacks, by the least share of its cluster's words that lemma_lookup has as nouns.
LEAST_BY_SHARE = ((0.25, -16), (0.15, -13.5))
NAME_CLUSTERS = {"de": {24, 40, 56, 120, 248, 504, 888}, "en": {22, 86, 502, 1014}, "es": {4, 52, 100}}
MOST = {"de": 26_000, "en": 24_000, "es": 24_000, "fr": 20_000, "it": 20_000, "nl": 14_000, "pl": 20_000, "pt": 20_000}
MOST_NOUNS = 60_000
PARTS = {"pl": ("_adj", "_adv", "_noun", "_verb")}
# No member is also a given name: April, June and May are left to the rule for names.
CAPITALISED = {
    "en": """monday tuesday wednesday thursday friday saturday sunday january february march july august september october november december
        english german french spanish italian portuguese dutch polish russian chinese japanese arabic latin greek turkish american british
        european african asian indian mexican canadian australian irish scottish swedish danish norwegian austrian swiss brazilian
        christmas easter god internet america europe africa asia germany france spain italy england britain canada australia
        brazil mexico china japan india poland russia bible muslim jewish""",
    "nl": "nederlands engels duits frans spaans kerstmis pasen nederland duitsland frankrijk",
}
# That the lists must have, whatever their sources say.
ALWAYS = {
    "de": "montag dienstag mittwoch donnerstag freitag samstag sonntag januar februar märz april mai juni juli september oktober november dezember",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "it": """lunedì martedì mercoledì giovedì venerdì sabato domenica gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre
        novembre dicembre""",
    "pt": "segunda terça quarta quinta sexta sábado domingo janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
}


def table(data, name):
    return json.loads(gzip.open(data / f"{name}.json.gz").read())


def bare(word):
    for letter, plain in (("ß", "ss"), ("ø", "o"), ("ł", "l"), ("æ", "ae"), ("œ", "oe")):
        word = word.replace(letter, plain)
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


def census(directory, *files):
    return {line.split()[0].lower() for file in files for line in (directory / "names" / file).read_text().splitlines()}


def cased(data, language):
    """Of each word its log probability in small letters and with a capital, and whether it is a name with a capital."""
    clusters = table(data, f"{language}_lexeme_cluster")
    found = {}
    for word, probability in table(data, f"{language}_lexeme_prob").items():
        small = word.lower()
        if WORD.fullmatch(word) and word in (small, small.capitalize()):
            entry = found.setdefault(small, [-99.0, -99.0, clusters.get(small.capitalize()) in NAME_CLUSTERS[language]])
            entry[0 if word == small else 1] = probability
    return found


def most_frequent(ranked, most):
    return [word for _, word in sorted(ranked, reverse=True)[:most]]


def is_genitive_of_name(word, words):
    return word.endswith("s") and words.get(word[:-1], (0, 0, False))[2]


def nouns_of(data, words, names):
    lemmas = table(data, "de_lemma_lookup")
    clusters = table(data, "de_lexeme_cluster")
    known = {word.lower() for pair in lemmas.items() for word in pair if word[:1].isupper()}
    ranked = [(b, word) for word, (a, b, is_name) in words.items() if b > a and not is_name and not is_genitive_of_name(word, words)]
    frequent, nouns = collections.Counter(), collections.Counter()
    for b, word in ranked:
        if b > -15:
            frequent[clusters.get(word.capitalize())] += 1
            nouns[clusters.get(word.capitalize())] += word in known

    def is_noun(b, word):
        cluster = clusters.get(word.capitalize())
        share = nouns[cluster] / max(frequent[cluster], 1)
        return word in known or any(share >= least and b > probability for least, probability in LEAST_BY_SHARE)

    return most_frequent([(b, word) for b, word in ranked if word not in names and is_noun(b, word)], MOST_NOUNS)


def of_cased(words, language, foreign_names):
    # A word that begins sentences is written with a capital often, a name nearly always.
    small = [(max(a, b), word) for word, (a, b, is_name) in words.items() if a > -99 and a >= b + (0.7 if is_name else -2.5)]
    ranked = most_frequent(small, 2 * MOST[language])
    return [word for at, word in enumerate(ranked) if at < COMMON or word not in foreign_names][: MOST[language]]


def of_lemmas(data, language, foreign_names, german_names, all_names):
    import wordfreq

    known = set()
    for part in PARTS.get(language, ("",)):
        lemmas = table(data, f"{language}_lemma_lookup{part}")
        known.update(lemmas, (lemma for lemma in lemmas.values() if isinstance(lemma, str)))
    if language == "fr":
        known.update(*table(data, "fr_lemma_index").values())
    ranked = [word for word in wordfreq.top_n_list(language, 80_000) if WORD.fullmatch(word)]
    first, frequent = set(ranked[:ALWAYS_KEPT]), set(ranked[:COMMON])

    def is_name(word):
        if language == "fr" and bare(word) not in all_names:
            return False
        return word in german_names or (word in foreign_names and word not in frequent)

    return [word for word in ranked if word in first or ((word in known or word in frequent) and not is_name(word))][: MOST[language]]


def write(path, marks):
    written = [word + mark for word, mark in sorted(marks.items(), key=lambda line: line[0].encode())]
    width = -(-len(written) // LINES)
    path.write_text("\n".join(" ".join(written[at : at + width]) for at in range(0, len(written), width)) + "\n")


def main(directory):
    here = pathlib.Path(__file__).parent
    data = directory / "spacy_lookups_data" / "data"
    sys.path.insert(0, str(directory))
    words = {language: cased(data, language) for language in NAME_CLUSTERS}
    named = {each: {word for word, (a, b, is_name) in words[each].items() if is_name and b > a + 1} for each in words}
    names = {word for word in set().union(*named.values()) if sum(word in each for each in named.values()) >= 2}
    given = census(directory, "dist.female.first", "dist.male.first")
    all_names = given | census(directory, "dist.all.last")
    both = set()
    for language in MOST:
        foreign = set().union(*(each for other, each in named.items() if other != language))
        kept = of_cased(words[language], language, foreign) if language in words else of_lemmas(data, language, foreign, named["de"], all_names)
        nouns = nouns_of(data, words["de"], names) if language == "de" else []
        marks = {word: "" for word in kept + nouns + ALWAYS.get(language, "").split()}
        marks |= {word: "*" for word in kept[:COMMON] + nouns[: COMMON // 2]}
        marks |= {word: "+" for word in kept[:COMMONEST]}
        marks |= {word: "^" for word in CAPITALISED.get(language, "").split()}
        both |= {bare(word) for word in marks} & all_names
        write(here / f"{language}.txt", marks)
    write(here / "names.txt", {word: "*" if word in given else "" for word in both})


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
