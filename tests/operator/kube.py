"""Kubernetes objects: which fields they have, as far as the examples use them, and the chart's rendering.

A field that is in no table here is a mistake, or new: look it up, and put it into its table.
`!` marks a field that must be there.
"""

import json
import re

from lib import EXAMPLES, files, read_yaml, shown, templates

QUANTITY = (str, int)
WORDS = {"*": str}
META = {"name!": str, "labels": WORDS, "annotations": WORDS}
SELECTOR = {"matchLabels!": WORDS}
TARGET = {"apiVersion": str, "kind": str, "name!": str}
PROBE = {"httpGet!": {"path!": str, "port!": QUANTITY}, "periodSeconds": int, "timeoutSeconds": int,
         "failureThreshold": int}
CONTAINER = {
    "name!": str, "image!": str, "command": [str], "args": [str],
    "env": [{"name!": str, "value": str, "valueFrom": {"fieldRef!": {"fieldPath!": str}}}],
    "ports": [{"name!": str, "containerPort!": int}],
    "lifecycle": {"preStop!": {"exec!": {"command!": [str]}}},
    "startupProbe": PROBE, "readinessProbe": PROBE, "livenessProbe": PROBE,
    "resources": {"requests": {"*": QUANTITY}, "limits": {"*": QUANTITY}},
    "securityContext": {"runAsNonRoot": bool, "runAsUser": int, "allowPrivilegeEscalation": bool,
                        "readOnlyRootFilesystem": bool, "capabilities": {"drop!": [str]}},
    "volumeMounts": [{"name!": str, "mountPath!": str, "subPath": str, "readOnly": bool}],
}
POD = {
    "metadata!": {"labels!": WORDS, "annotations": WORDS},
    "spec!": {
        "terminationGracePeriodSeconds!": int, "containers!": [CONTAINER], "serviceAccountName": str,
        "hostNetwork": bool, "nodeSelector": WORDS, "tolerations": [{"operator!": str}],
        "volumes": [{"name!": str, "emptyDir": {}, "configMap": {"name!": str}}],
    },
}
BEHAVIOR = {name: {"stabilizationWindowSeconds": int,
                   "policies!": [{"type!": str, "value!": int, "periodSeconds!": int}]}
            for name in ("scaleUp", "scaleDown")}
KINDS = {
    ("apps/v1", "Deployment"): {"spec!": {
        "replicas": int, "selector!": SELECTOR, "template!": POD,
        "strategy": {"type!": str, "rollingUpdate": {"maxSurge!": int, "maxUnavailable!": int}}}},
    ("apps/v1", "DaemonSet"): {"spec!": {"selector!": SELECTOR, "template!": POD}},
    ("v1", "Service"): {"spec!": {"selector!": WORDS,
                                  "ports!": [{"name!": str, "port!": int, "targetPort!": str}]}},
    ("v1", "ConfigMap"): {"data!": WORDS},
    ("v1", "ServiceAccount"): {},
    ("policy/v1", "PodDisruptionBudget"): {"spec!": {"maxUnavailable!": int, "selector!": SELECTOR}},
    ("rbac.authorization.k8s.io/v1", "Role"): {
        "rules!": [{"apiGroups!": [str], "resources!": [str], "verbs!": [str]}]},
    ("rbac.authorization.k8s.io/v1", "RoleBinding"): {
        "roleRef!": {"apiGroup!": str, "kind!": str, "name!": str},
        "subjects!": [{"kind!": str, "name!": str}]},
    ("monitoring.coreos.com/v1", "PodMonitor"): {"spec!": {
        "selector!": SELECTOR, "podTargetLabels": [str],
        "podMetricsEndpoints!": [{"port!": str, "path": str, "interval": str}]}},
    ("monitoring.coreos.com/v1", "PrometheusRule"): {"spec!": {"groups!": [{"name!": str, "rules!": [
        {"record": str, "alert": str, "expr!": str, "for": str, "annotations": WORDS}]}]}},
    ("autoscaling/v2", "HorizontalPodAutoscaler"): {"spec!": {
        "scaleTargetRef!": TARGET, "minReplicas": int, "maxReplicas!": int, "behavior": BEHAVIOR,
        "metrics!": [{"type!": str, "external!": {
            "metric!": {"name!": str, "selector": SELECTOR},
            "target!": {"type!": str, "value!": QUANTITY}}}]}},
    ("keda.sh/v1alpha1", "ScaledObject"): {"spec!": {
        "scaleTargetRef!": TARGET, "minReplicaCount": int, "maxReplicaCount": int, "pollingInterval": int,
        "triggers!": [{"type!": str, "metricType": str, "metadata!": WORDS}],
        "advanced": {"horizontalPodAutoscalerConfig!": {"behavior": BEHAVIOR}}}},
    ("datadoghq.com/v1alpha1", "DatadogMetric"): {"spec!": {"query!": str}},
    ("datadoghq.com/v1alpha1", "WatermarkPodAutoscaler"): {"spec!": {
        "scaleTargetRef!": TARGET, "minReplicas": int, "maxReplicas!": int, "algorithm": str,
        "metrics!": [{"type!": str, "external!": {"metricName!": str, "highWatermark!": QUANTITY,
                                                  "lowWatermark!": QUANTITY}}],
        "tolerateZero": bool, "upscaleForbiddenWindowSeconds": int, "scaleUpLimitFactor": str,
        "downscaleDelayBelowWatermarkSeconds": int, "downscaleForbiddenWindowSeconds": int,
        "scaleDownLimitFactor": str}},
}
# No objects: a patch, and the values of another chart.
OTHER = ("datadog-patch.yaml", "prometheus-adapter-values.yaml")


def wrong_fields(value, table, where):
    """What is against the table, each a line."""
    if isinstance(table, list):
        if not isinstance(value, list):
            yield f"{where}: is no list"
        else:
            for number, item in enumerate(value):
                yield from wrong_fields(item, table[0], f"{where}[{number}]")
    elif isinstance(table, dict):
        if not isinstance(value, dict):
            yield f"{where}: is no mapping"
            return
        known = {name.rstrip("!"): name for name in table}
        for name in value:
            if name not in known and "*" not in known:
                yield f"{where}: no field {name}"
            else:
                yield from wrong_fields(value[name], table[known.get(name, "*")], f"{where}.{name}")
        for name in table:
            if name.endswith("!") and name[:-1] not in value:
                yield f"{where}: {name[:-1]} is missing"
    elif not isinstance(value, table) or isinstance(value, bool) and table is not bool:
        yield f"{where}: {value!r} is of the wrong type"


def wrong_object(thing, where):
    kind = (thing.get("apiVersion"), thing.get("kind"))
    if kind not in KINDS:
        yield f"{where}: unknown kind {kind}"
        return
    yield from wrong_fields(thing, {"apiVersion!": str, "kind!": str, "metadata!": META, **KINDS[kind]},
                            f"{where} {thing['kind']}")


def plain(value):
    """As Go's templates write it."""
    return f"[{' '.join(map(str, value))}]" if isinstance(value, list) else str(value)


def render(text, values, release="demo"):
    """What helm makes of a template that only puts values in."""
    text = re.sub(r"{{ toJson \.Values\.(\w+) }}", lambda m: json.dumps(values[m[1]]), text)
    text = re.sub(r"{{ \.Values\.(\w+) }}", lambda m: plain(values[m[1]]), text)
    return text.replace("{{ .Release.Name }}", release)


def chart(**changes):
    """[(where, object)] of the chart, with values.yaml and these changes."""
    values = {**read_yaml((EXAMPLES / "helm" / "values.yaml").read_text())[0], **changes}
    return [(shown(path), thing) for path in templates()
            for thing in read_yaml(render(path.read_text(), values))]


def objects():
    """[(where, object)] of all files, those of the chart rendered."""
    return [(shown(path), thing) for path in files("*.yaml", under=EXAMPLES / "kubernetes")
            if path.name not in OTHER for thing in read_yaml(path.read_text())] + chart()


def of_kind(things, *kinds):
    return [(where, thing) for where, thing in things if thing["kind"] in kinds]


def pods(things):
    """[(where, pod template)]"""
    return [(f"{where} {thing['metadata']['name']}", thing["spec"]["template"])
            for where, thing in of_kind(things, "Deployment", "DaemonSet")]


def environment(container):
    return {entry["name"]: entry.get("value", "") for entry in container.get("env", [])}


def under_lastcall(things):
    """[(where, pod template, container)] that lastcall is the init of."""
    return [(where, pod, container) for where, pod in pods(things)
            for container in pod["spec"]["containers"] if "LASTCALL_DEADLINE" in environment(container)]


def suits(selector, labels):
    return selector.items() <= labels.items()
