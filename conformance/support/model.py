"""Facts about the services: what AWS has, and what is built here."""

import json
from dataclasses import dataclass
from functools import lru_cache

from support.server import ROOT


@dataclass(frozen=True)
class Service:
    """One service, as `services/NAME/model.json` has it."""

    name: str
    version: str
    protocol: str
    target_prefix: str
    operations: tuple
    built: tuple

    @property
    def is_json(self):
        return self.protocol != "Query"


@lru_cache
def services():
    """Every service of the project by the name that IAM knows it by."""
    read = [_read(path) for path in sorted(ROOT.glob("services/*/model.json"))]
    return {service.name: service for service in read}


def _read(path):
    model = json.loads(path.read_text())
    metadata = model["metadata"]
    operations = tuple(sorted(model["operations"]))
    files = {file.stem.replace("_", "") for file in path.parent.glob("src/operations/*.rs")}
    return Service(
        name=metadata["name"],
        version=metadata["api_version"],
        protocol=metadata["protocol"],
        target_prefix=metadata.get("target_prefix", ""),
        operations=operations,
        built=tuple(name for name in operations if name.lower() in files),
    )


def names_no_resource(operation):
    """Whether the first permission that the operation takes is of no resource, by the Service Authorization Reference."""
    service, _, name = operation.partition(":")
    model = _models()[service]
    permission = model["operations"][name]["permissions"][0].partition(":")[2]
    return not model["actions"][permission].get("resources")


def errors(service):
    """The codes, as the wire has them, of all errors that built operations of a service have."""
    model = _models()[service]
    shapes = {shape for name in services()[service].built for shape in model["operations"][name].get("errors", [])}
    return {f"{service}:{model['errors'][shape]['code']}" for shape in shapes}


@lru_cache
def _models():
    read = [json.loads(path.read_text()) for path in sorted(ROOT.glob("services/*/model.json"))]
    return {model["metadata"]["name"]: model for model in read}


def built():
    """Every built operation as `service:Operation`."""
    return [f"{service.name}:{name}" for service in services().values() for name in service.built]
