#!/usr/bin/env python3
"""Rules of dispatch from the taxonomy's column `lead`: one for each category that no rule of the hand-written list settles.

    dispatch_rules.py            writes core/packs/dispatch.json anew: the hand-written rules as they are, generated ones after them
    dispatch_rules.py --check    fails when the file is not what the taxonomy gives

The first body named in `lead` leads, the others help. A body without an account (an owner, a firm that maintains) never leads: the
next one does. Names are bound to the organisations of the pack in dispatch_leads.json; an unknown name is an error. A class or a
category below it is left alone when a rule without further conditions names it or the class. Z99 stays with a person.
Ids are T- and the code, priority -10: between equally specific rules the hand-written one wins.
"""
import json, os, sys

HERE = os.path.dirname(os.path.abspath(__file__))
PACKS = os.path.join(HERE, "..", "..", "core", "packs")
PACK = os.path.join(PACKS, "dispatch.json")
NO_ACCOUNT = {"owner", "maintainer"}
MARK = '  {"id": "T-'


def generated(pack, taxonomy, leads):
    known = {org["id"]: org for org in pack["orgs"]}
    settled = {code for rule in pack["rules"] if not rule["id"].startswith("T-") and set(rule["when"]) == {"categories"}
               for code in rule["when"]["categories"]}
    for category in taxonomy["categories"]:
        code = category["code"]
        if code in settled or code.split(".")[0] in settled or code == "Z99":
            continue
        named = list(dict.fromkeys(leads[name] for name in category["lead"].split("/")))
        able = [org for org in named if org not in NO_ACCOUNT]
        main = able[0]
        helpers = [org for org in named if org != main]
        rule = {"id": "T-" + code, "when": {"categories": [code]}, "main": main}
        if helpers:
            rule["co"] = helpers
        rule |= {"level": known[main]["level"], "limit": f'{category["limit"]} {category["unit"]}', "priority": -10,
                 "zh": category["zh"], "en": category["en"]}
        assert all(org in known for org in named), code
        yield rule


def main():
    text = open(PACK, encoding="utf-8").read()
    pack = json.loads(text)
    read = lambda path: json.load(open(path, encoding="utf-8"))
    rules = generated(pack, read(os.path.join(PACKS, "taxonomy.json")), read(os.path.join(HERE, "dispatch_leads.json")))
    lines = ["  " + json.dumps(rule, ensure_ascii=False) for rule in rules]
    kept = text.split(",\n" + MARK)[0].removesuffix("\n]\n}\n")
    made = kept + "".join(",\n" + line for line in lines) + "\n]\n}\n"
    json.loads(made)
    if "--check" in sys.argv:
        print("rules of dispatch: " + ("as the taxonomy gives them" if made == text else "behind the taxonomy: run dispatch_rules.py"))
        sys.exit(made != text)
    open(PACK, "w", encoding="utf-8").write(made)
    print(f"{len(lines)} rules")


main()
