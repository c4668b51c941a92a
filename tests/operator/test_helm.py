"""The chart. Its templates only put values in, so that what helm makes of them can be made here: the checks of
the manifests are run on that too."""

import re

from kube import chart, environment, under_lastcall, wrong_object
from lib import EXAMPLES, Skip, read_json, read_yaml, report, shown, templates

HELM = EXAMPLES / "helm"
TAG = r"{{(.*?)}}"
SIMPLE = r" (toJson )?\.Values\.(\w+) | \.Release\.Name "


def values():
    return read_yaml((HELM / "values.yaml").read_text())[0]


def test_chart():
    told = read_yaml((HELM / "Chart.yaml").read_text())[0]
    report(f"Chart.yaml: {key} is missing" for key in ("apiVersion", "name", "version", "description")
           if key not in told)


def test_templates_use_all_values_and_no_others():
    def problems():
        used = set()
        for path in templates():
            for tag in re.findall(TAG, path.read_text()):
                match = re.fullmatch(SIMPLE, tag)
                if not match:
                    yield f"{shown(path)}: {tag}: more than a value"
                elif match[2]:
                    used.add(match[2])
        for name in used ^ set(values()):
            yield f"{name}: in a template or in values.yaml, and not in both"
    report(problems())


def test_strange_values_arrive():
    args, url = ["sh", "-c", 'a "b" : {c}'], "redis://:p#w@host/0"
    things = chart(args=args, redisUrl=url, graceSeconds=30)

    def problems():
        for where, thing in things:
            yield from wrong_object(thing, where)
        for where, _, container in under_lastcall(things):
            if container["args"] != args or environment(container)["REDIS_URL"] != url:
                yield f"{where}: {container['args']}, {environment(container)['REDIS_URL']}"
    report(problems())


def test_schema_of_the_values():
    try:
        import jsonschema
    except ImportError as error:
        raise Skip("there is no python3-jsonschema") from error
    schema = read_json((HELM / "values.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    checker = jsonschema.Draft7Validator(schema)
    wrong = [f"values.yaml: {error.message}" for error in checker.iter_errors(values())]
    for change in ({"graceSeconds": "3h"}, {"graceSeconds": 1}, {"graceSecond": 600}, {"runAsUser": 0}):
        if checker.is_valid({**values(), **change}):
            wrong.append(f"the schema lets {change} pass")
    report(wrong)
