"""Seeded documents with planted names and identifiers: python documents.py COUNT FILE [FIRST [apart]].

FIRST is the seed of the first document; with "apart" their sentences are those of sentences_apart.py.

FILE gets a line of JSON for each document: its locale, its text, the full names of the organization's own people, every planted own name,
unknown name and identifier as it stands in the text, and the other words. The sentences are written for this purpose; names and identifiers
are Faker's, and so are some paragraphs.
"""

import json
import random
import re
import sys

import faker
import sentences
import sentences_apart

WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
IDENTIFIERS = ("email", "phone_number", "url", "iban", "credit_card_number", "ipv4", "ipv6", "uuid4", "date_of_birth", "street_address", "handle", "long_id")


def identifier(fake, kind):
    if kind == "handle":
        return "@" + fake.user_name()
    if kind == "long_id":
        return fake.bothify("??########").upper()
    if kind == "date_of_birth":
        return fake.date_of_birth(minimum_age=14, maximum_age=90).strftime(random_of(fake, ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y")))
    if kind == "street_address":
        return fake.street_address().replace("\n", ", ")
    return str(getattr(fake, kind)())


def random_of(fake, choices):
    return choices[fake.random_int(0, len(choices) - 1)]


def plain_name(fake):
    """A name without titles, which some locales put before it: the titles are other words."""
    return f"{fake.first_name()} {fake.last_name()}"


def inflected(fake, name, locale):
    shapes = [name, name, name, name.upper(), name.lower(), name + "s" if locale == "de_DE" else name + "'s"]
    return random_of(fake, shapes)


class Document:
    def __init__(self, fake, locale):
        self.fake = fake
        self.locale = locale
        self.people = [plain_name(fake) for _ in range(3)]
        self.own, self.unknown, self.identifiers, self.pieces, self.others = [], [], [], [], []

    def add(self, sentence):
        for piece in re.split(r"(\{[a-z_]+\})", sentence):
            planted = self.planted(piece[1:-1]) if piece.startswith("{") else None
            if planted is None:
                self.others += WORD.findall(piece)
            self.pieces.append(piece if planted is None else planted)

    def planted(self, slot):
        fake = self.fake
        if slot == "own":
            person = random_of(fake, self.people)
            name = inflected(fake, random_of(fake, [person, *person.split(" ", 1)]), self.locale)
            self.own.append(name)
            return name
        if slot in ("name", "first", "last"):
            name = {"name": lambda: plain_name(fake), "first": fake.first_name, "last": fake.last_name}[slot]()
            self.unknown.append(name)
            return name
        if slot == "identifier":
            kind = random_of(fake, IDENTIFIERS)
            value = identifier(fake, kind)
            self.identifiers.append({"kind": kind, "text": value})
            return value
        raise ValueError(slot)

    def line(self):
        text = "".join(self.pieces)
        return {"locale": self.locale, "text": text, "people": self.people, "own": self.own, "unknown": self.unknown,
                "identifiers": self.identifiers, "others": self.others}


def document(number, locale, chosen_of):
    fake = faker.Faker(locale)
    fake.seed_instance(number)
    made = Document(fake, locale)
    chosen = random.Random(number)
    for sentence in chosen.sample(chosen_of[locale], 6):
        made.add(sentence + (" " if sentence[-1] in ".?!" else "\n"))
    if number % 3 == 0 and locale in sentences.WITH_OWN_PARAGRAPHS:
        made.add(fake.paragraph(nb_sentences=3))
    return made.line()


def main(count, path, first=0, which=""):
    chosen_of = sentences_apart.SENTENCES if which == "apart" else sentences.SENTENCES
    locales = list(chosen_of)
    with open(path, "w", encoding="utf-8") as file:
        for number in range(first, first + count):
            file.write(json.dumps(document(number, locales[number % len(locales)], chosen_of), ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:4]), *sys.argv[4:])
