# SPDX-License-Identifier: Apache-2.0
"""What the schemas of schemas/ say, held against documents; by the keywords that they use."""
import json
import re

from program import ROOT

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
ABOUT = {"$schema", "$id", "$defs", "title", "description"}


def is_of_type(value, name):
    if name in ("number", "integer"):
        kinds = int if name == "integer" else (int, float)
        return isinstance(value, kinds) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


class Schemas:
    """Finds what is wrong with documents, and remembers which described keys they had."""

    def __init__(self):
        self.files = {path.name: json.loads(path.read_text(encoding="utf-8"))
                      for path in (ROOT / "schemas").glob("*.schema.json")}
        self.seen = {}  # by a place that describes keys: those that documents had

    def problems(self, document, name):
        return list(self.check(document, self.files[name], name, "#"))

    def unseen(self, name):
        """Keys that the file describes and no document had."""
        return [f"{place}/{key}" for place, keys in self.described(self.files[name], name + "#")
                for key in sorted(keys - self.seen.get(place, set()))]

    def described(self, node, place):
        if isinstance(node, dict):
            if "properties" in node:
                yield place, set(node["properties"])
            for key, value in node.items():
                yield from self.described(value, f"{place}/{key}")

    def check(self, value, schema, file, place, at=""):
        """Sentences about `value`, at the pointer `at`, by the schema at a place of a file."""
        for keyword, limit in schema.items():
            if keyword in ABOUT or (keyword == "additionalProperties" and limit is False):
                continue
            rule = getattr(self, "rule_" + keyword.lstrip("$"), None)
            assert rule, f"{file}{place}: {keyword} is not known here"
            yield from rule(value, limit, schema, (file, place), at)

    def rule_ref(self, value, limit, _schema, where, at):
        name, _, pointer = limit.partition("#")
        file = name or where[0]
        target = self.files[file]
        for part in pointer.split("/")[1:]:
            target = target[part]
        yield from self.check(value, target, file, "#" + pointer, at)

    def rule_type(self, value, limit, _schema, _where, at):
        names = [limit] if isinstance(limit, str) else limit
        if not any(is_of_type(value, name) for name in names):
            yield f"{at}: {value!r} is no {limit}"

    def rule_const(self, value, limit, _schema, _where, at):
        if value != limit:
            yield f"{at}: {value!r} is not {limit!r}"

    def rule_enum(self, value, limit, _schema, _where, at):
        if value not in limit:
            yield f"{at}: {value!r} is none of {limit}"

    def rule_minimum(self, value, limit, _schema, _where, at):
        if is_of_type(value, "number") and not value >= limit:
            yield f"{at}: {value} is below {limit}"

    def rule_maximum(self, value, limit, _schema, _where, at):
        if is_of_type(value, "number") and not value <= limit:
            yield f"{at}: {value} is above {limit}"

    def rule_pattern(self, value, limit, _schema, _where, at):
        if isinstance(value, str) and not re.search(limit, value):
            yield f"{at}: {value!r} does not match {limit}"

    def rule_minLength(self, value, limit, _schema, _where, at):
        if isinstance(value, str) and len(value) < limit:
            yield f"{at}: {value!r} is too short"

    def rule_required(self, value, limit, _schema, _where, at):
        for key in limit:
            if isinstance(value, dict) and key not in value:
                yield f"{at}: {key} is missing"

    def rule_dependentRequired(self, value, limit, schema, where, at):
        for key, others in limit.items():
            if isinstance(value, dict) and key in value:
                yield from self.rule_required(value, others, schema, where, at)

    def rule_properties(self, value, limit, schema, where, at):
        if not isinstance(value, dict):
            return
        file, place = where
        self.seen.setdefault(file + place, set()).update(set(value) & set(limit))
        for key, member in value.items():
            if key in limit:
                yield from self.check(member, limit[key], file, f"{place}/properties/{key}",
                                      f"{at}/{key}")
            elif "additionalProperties" in schema:
                yield f"{at}: {key} is not described"

    def rule_items(self, value, limit, _schema, where, at):
        for i, element in enumerate(value if isinstance(value, list) else []):
            yield from self.check(element, limit, where[0], where[1] + "/items", f"{at}/{i}")
