#!/usr/bin/env python3
"""Lists the public names of the generated Kotlin and Swift, one a line, for bindings/api.txt. Arguments: the two files."""
import re
import sys

HIDDEN = re.compile(r"Uniffi|Ffi|RustBuffer|ForeignBytes|uniffi|Disposable|NoHandle|InternalException|Impl\b")


def lines(path):
    """The file's lines without comments."""
    with open(path, encoding="utf-8") as file:
        text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
    return [line.rstrip(" ,\n") for line in text.splitlines() if line.strip() and not line.lstrip().startswith("//")]


def short(text):
    return re.sub(r"\s+", " ", text.replace("`", "").replace("kotlin.collections.", "").replace("kotlin.", "")).strip(" ,;{")


def kotlin(path):
    kind = name = inner = ""
    for line in lines(path):
        if top := re.match(r"(?:public )?(data class|enum class|sealed class|open class|interface|object|internal|private|class)\b ?(\w*)", line):
            kind, name, inner = top[1], top[2].removesuffix("Interface") if top[1] == "interface" else top[2], ""
            if kind not in ("internal", "private", "object", "open class", "class") and not HIDDEN.search(name):
                yield name
            continue
        if kind == "object" and (top := re.match(r" *(?:@Throws\(.*?\) )?((?:suspend )?fun `.*)\{$", line)):
            yield short(top[1])
            continue
        if HIDDEN.search(name) or kind in ("", "internal", "private"):
            continue
        if kind == "open class":
            if re.match(r" +suspend fun `|^ +fun `", line):
                yield f"{name}.{short(line)}"
        elif kind == "interface" and re.match(r" {4}(suspend )?fun `", line):
            yield f"{name}.{short(line)}"
        elif kind == "data class" and re.match(r" {4}va[lr] `", line):
            yield f"{name}.{short(line)}"
        elif kind == "enum class" and re.match(r" {4}[A-Z0-9_]+;?$", line):
            yield f"{name}.{short(line)}"
        elif kind == "sealed class":
            if variant := re.match(r" {4}(?:object|data class|class) (\w+)", line):
                inner = variant[1]
                yield f"{name}.{inner}"
            elif re.match(r" {8}val `", line):
                yield f"{name}.{inner}.{short(line)}"


def swift(path):
    kind = name = ""
    for line in lines(path):
        if top := re.match(r"(?:public )?(?:open )?(protocol|struct|enum|class|extension|func|private|fileprivate|final)\b ?(\w*)", line):
            kind, name = top[1], top[2].removesuffix("Protocol") if top[1] == "protocol" else top[2]
            if kind == "func" and line.startswith("public func") and not HIDDEN.search(line):
                yield short(line)
            elif kind in ("protocol", "struct", "enum") and line.startswith("public") and not HIDDEN.search(name):
                yield name
            continue
        if HIDDEN.search(name):
            continue
        if kind == "protocol" and re.match(r" {4}func ", line):
            yield f"{name}.{short(line)}"
        elif kind == "struct" and re.match(r" {4}public (let|var) ", line):
            yield f"{name}.{short(line)}"
        elif kind == "enum" and re.match(r" {4}case \w+", line):
            yield f"{name}.{short(line)}"
        elif kind == "class" and (static := re.match(r"public (?:static func|convenience init).*", line)):
            yield f"{name}.{short(static[0])}"


def main():
    for language, names in (("Kotlin", kotlin(sys.argv[1])), ("Swift", swift(sys.argv[2]))):
        print(f"== {language}")
        print("\n".join(sorted(set(names))))


main()
