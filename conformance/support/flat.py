"""Parameters as each protocol has them on the wire, by botocore's own serializers."""

import json
from functools import lru_cache

import botocore.session
from botocore.serialize import create_serializer

from support.principal import CLIENTS


@lru_cache
def _model(service):
    model = botocore.session.get_session().get_service_model(CLIENTS.get(service, service))
    protocol = "query" if model.metadata["protocol"] == "query" else "json"
    return model, create_serializer(protocol, include_validation=False)


def parameters_of(service, operation, parameters):
    """For `Request.of`: JSON members, or flat Query parameters. None stay none."""
    if not parameters:
        return {}
    model, serializer = _model(service)
    serialized = serializer.serialize_to_request(parameters, model.operation_model(operation))
    body = serialized["body"]
    if isinstance(body, dict):
        return {name: value for name, value in body.items() if name not in ("Action", "Version")}
    return json.loads(body)
