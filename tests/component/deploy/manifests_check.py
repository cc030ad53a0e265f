"""Holds manifests against the API: those of Kubernetes by the schemas of kubernetes-validate, which know every field, and ScaledObjects by that
of KEDA's own definition. Prints a line a fault; exit code 1 where there is one. Without files it checks itself."""

import json
import pathlib
import sys

import jsonschema
import kubernetes_validate
import yaml

# The oldest that deploy/helm/weir/Chart.yaml admits, and the newest that the package knows.
VERSIONS = ("1.28", "1.37")
# What KEDA's scaler of Kafka reads (kafkaMetadata in its source).
TRIGGER = {
    "bootstrapServers", "consumerGroup", "topic", "partitionLimitation", "lagThreshold", "activationLagThreshold", "offsetResetPolicy",
    "allowIdleConsumers", "excludePersistentLag", "scaleToZeroOnInvalidOffset", "limitToPartitionsWithLag",
    "ensureEvenDistributionOfPartitions", "version", "tls", "unsafeSsl", "sasl",
}
SCALED_OBJECT = json.loads((pathlib.Path(__file__).parent / "keda_scaled_object.json").read_text())


def faults_of_scaled_object(document):
    faults = [error.message for error in jsonschema.Draft7Validator(SCALED_OBJECT).iter_errors(document["spec"])]
    for trigger in document["spec"].get("triggers", []):
        if trigger["type"] == "kafka":
            faults += [f"the trigger has {name}, which is none of KEDA's" for name in set(trigger["metadata"]) - TRIGGER]
        faults += [f"{name} is no text" for name, value in trigger["metadata"].items() if not isinstance(value, str)]
    return faults


def faults_of(document):
    if document["apiVersion"] == "keda.sh/v1alpha1" and document["kind"] == "ScaledObject":
        return faults_of_scaled_object(document)
    faults = []
    for version in VERSIONS:
        try:
            kubernetes_validate.validate(document, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            faults.append(f"{version}: {'.'.join(map(str, error.path))}: {error.message}")
    return faults


def checked(text, where):
    """How many documents hold; prints the faults of the others."""
    good = bad = 0
    for document in yaml.safe_load_all(text):
        faults = faults_of(document)
        for fault in faults:
            print(f"{where}: {document['kind']} {document['metadata']['name']}: {fault}")
        good, bad = (good, bad + 1) if faults else (good + 1, bad)
    return good, bad


def check_itself():
    service = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 80}]}\n"
    assert checked(service, "itself") == (1, 0)
    assert checked(service.replace("port: 80", "port: x"), "itself, to be refused") == (0, 1)
    assert checked(service.replace("spec:", "spek:"), "itself, to be refused") == (0, 1)
    scaled = (
        "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: a}\n"
        "spec: {scaleTargetRef: {name: a}, triggers: [{type: kafka, metadata: {topic: a}}]}\n"
    )
    assert checked(scaled, "itself") == (1, 0)
    assert checked(scaled.replace("topic:", "topik:"), "itself, to be refused") == (0, 1)
    assert checked(scaled.replace("scaleTargetRef: {name: a}", "scaleTarget: a"), "itself, to be refused") == (0, 1)


if len(sys.argv) == 1:
    check_itself()
total = [0, 0]
for path in sys.argv[1:]:
    good, bad = checked(pathlib.Path(path).read_text(), path)
    total = [total[0] + good, total[1] + bad]
print(f"{total[0]} documents hold, {total[1]} do not")
sys.exit(1 if total[1] else 0)
