#!/usr/bin/env python3
"""Writes tests/fixtures/forms/axes.tsv: random XPath 1.0 expressions over one instance, with what libxml2 finds.

Needs lxml (`pip install lxml`). The tests read the table; this is only run to make another one.
Usage: axes.py [SEED] > tests/fixtures/forms/axes.tsv
"""
import random
import sys

from lxml import etree

TREE = """<root k="r"><a k="1"><b>x</b><c k="2">7</c><b>y</b><a><b k="1">z</b><d/></a></a>
<b>w</b><a k="3"><c>3</c><a k="1"><c k="2">9</c><e><b>v</b><b k="2">x</b></e></a><d><c>7</c></d></a>
<c k="3">x</c><e k="1"><a><b>u</b></a></e></root>"""
AXES = ["child", "descendant", "descendant-or-self", "self", "parent", "ancestor", "ancestor-or-self", "following",
        "following-sibling", "preceding", "preceding-sibling", "attribute"]
NAMES = ["a", "b", "c", "d", "e", "*"]


def predicate(dice, deep):
    kind = dice.randrange(8)
    if kind < 3:
        return f"[{dice.randint(1, 3)}]"
    if kind == 3:
        return f"[@k = '{dice.randint(1, 3)}']"
    if kind == 4:
        # elements with children have no value of their own here
        return f"[count(*) = 0 and . = '{dice.choice('xyz79')}']"
    if kind == 5:
        return f"[count({relative(dice, deep + 1)}) > {dice.randint(0, 2)}]"
    if kind == 6:
        return f"[position() {dice.choice(['<', '>', '='])} {dice.randint(1, 3)}]"
    return f"[{relative(dice, deep + 1)}]"


def step(dice, deep, last):
    """A step. `node()` is only asked for upwards: an element and its text are one node here."""
    shape = dice.randrange(6)
    name = dice.choice(NAMES + (["text()"] if last else []))
    if name == "text()":
        return name
    if shape == 0:
        return ".." if deep == 0 else "parent::*"
    axis = "" if shape < 3 else dice.choice(AXES) + "::"
    if axis in ("parent::", "ancestor::") and deep == 0 and dice.random() < 0.3:
        return axis + "node()"
    if axis == "attribute::":
        name = dice.choice(["k", "*"])
    return axis + name + "".join(predicate(dice, deep) for _ in range(dice.choice([0, 0, 1, 2]) if deep < 2 else 0))


def relative(dice, deep):
    # the first step makes the path a far one, whatever comes
    start = dice.choice(["descendant-or-self::*/", ".//", "ancestor-or-self::*/", "following::*/"])
    return start + step(dice, deep, True)


def path(dice, texts=False):
    # an element and its text are one node here, so texts are not mixed with elements
    steps = [step(dice, 0, False) for _ in range(dice.randint(0, 2))] + [step(dice, 0, texts)]
    text = "instance('t')//" + steps[0]
    for following in steps[1:]:
        text += dice.choice(["/", "/", "//"]) + following
    return text


def expression(dice):
    shape = dice.randrange(6)
    if shape == 0:
        return " | ".join(path(dice) for _ in range(dice.randint(2, 3)))
    if shape == 1:
        return f"({path(dice)} | {path(dice)})[{dice.randint(1, 3)}]"
    if shape == 2:
        return f"({path(dice)})[{dice.randint(1, 4)}]/{step(dice, 0, True)}"
    return path(dice, True)


def found(tree, text):
    nodes = tree.xpath(text.replace("instance('t')", ""))
    values = []
    for node in nodes:
        value = node if isinstance(node, str) else node.text or ""
        values.append(value.strip())
    return values


def bracketed(text):
    """What stands in the first brackets."""
    depth = 0
    for place, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0:
            return text[1:place]
    return text


def top(tree, text):
    """Whether the root above the first element is among the nodes: it is no node here that could be picked."""
    bare = text.replace("instance('t')", "")
    return tree.xpath(f"count({bare})") != len(tree.xpath(bare))


def main():
    dice = random.Random(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    parser = etree.XMLParser(remove_blank_text=True)
    tree = etree.fromstring(TREE, parser).getroottree()
    print("# expression, number of nodes and their texts as libxml2 finds them; see tests/scripts/axes.py")
    print("# " + etree.tostring(tree).decode())
    seen = set()
    while len(seen) < 600:
        text = expression(dice)
        if text in seen or len(text) > 200:
            continue
        # libxml2 leaves out what an element holds when it is asked what follows its attribute; XPath 1.0 does not
        if "attribute::" in text and "following::" in text:
            continue
        if text.startswith("(") and top(tree, bracketed(text)):
            continue
        values = found(tree, text)
        if not values and dice.random() < 0.8:
            continue
        seen.add(text)
        print(f"{text}\t{len(values)}\t{'|'.join(values)}")


main()
