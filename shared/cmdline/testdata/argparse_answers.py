"""Answers command lines as Python's argparse does.

stdin:  {"sets": [[{"names": ["--concurrency", "-c"], "kind": "int", "many": false}, ...], ...],
         "lines": [[set, [argument, ...]], ...]}
stdout: one JSON value a line: {"error": text}, {"stop": flag} or {"flags": {...}, "positionals": [...]}

Positionals may stand anywhere: the parser declares none, and what
parse_known_args leaves over is parted into positionals and unknown options by
argparse's own _parse_optional. Where a parser that declares its positionals
accepts a line too, both must agree, or the program fails.
"""
import argparse
import json
import struct
import sys


class Stop(Exception):
    pass


class Refused(Exception):
    pass


class StopAction(argparse.Action):
    def __init__(self, option_strings, dest, **kwargs):
        super().__init__(option_strings, dest, nargs=0, **kwargs)

    def __call__(self, parser, namespace, values, option_string=None):
        raise Stop(self.dest)


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise Refused(message)


def build(flags, positionals):
    parser = Parser(add_help=False, argument_default=argparse.SUPPRESS)
    for flag in flags:
        dest = flag["names"][0].lstrip("-")
        if flag["kind"] == "bool":
            action = StopAction if dest in ("help", "version") else "store_true"
            parser.add_argument(*flag["names"], dest=dest, action=action)
        else:
            kind = {"text": str, "int": int, "float": float}[flag["kind"]]
            action = "append" if flag["many"] else "store"
            parser.add_argument(*flag["names"], dest=dest, type=kind, action=action)
    if positionals:
        parser.add_argument("POSITIONALS", nargs="*")
    return parser


def plain(value):
    """Floats as their bits, so that no rounding of a printer hides a difference."""
    if isinstance(value, float):
        return "nan" if value != value else struct.pack(">d", value).hex()
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value


def anywhere(parser, args):
    namespace, extras = parser.parse_known_args(args)
    before, after = extras, []
    if "--" in extras:
        at = extras.index("--")
        before, after = extras[:at], extras[at + 1:]
    unknown = [a for a in before if parser._parse_optional(a) is not None]
    if unknown:
        raise Refused("unrecognized arguments: " + " ".join(unknown))
    positionals = [a for a in before if parser._parse_optional(a) is None] + after
    return {"flags": plain_all(vars(namespace)), "positionals": positionals}


def declared(parser, args):
    values = vars(parser.parse_args(args))
    positionals = values.pop("POSITIONALS", [])
    return {"flags": plain_all(values), "positionals": positionals}


def plain_all(values):
    return {name: plain(value) for name, value in values.items()}


def answer(parse, parser, args):
    try:
        return parse(parser, args)
    except Stop as stop:
        return {"stop": str(stop)}
    except Refused as refused:
        return {"error": str(refused)}


def main():
    asked = json.load(sys.stdin)
    parsers = [(build(s, False), build(s, True)) for s in asked["sets"]]
    for index, args in asked["lines"]:
        without, with_positionals = parsers[index]
        result = answer(anywhere, without, list(args))
        strict = answer(declared, with_positionals, list(args))
        if "error" not in strict and strict != result:
            sys.exit("two readings of %r: %r and %r" % (args, result, strict))
        print(json.dumps(result, sort_keys=True))


main()
