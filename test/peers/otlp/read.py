"""Reads what a collector was sent, by OpenTelemetry's own definition of the messages; an unknown field is an objection."""

import base64
import json
import sys

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.protobuf.unknown_fields import UnknownFieldSet
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

KINDS = {"/v1/traces": ExportTraceServiceRequest, "/v1/logs": ExportLogsServiceRequest}


def unknown(message: Message):
    if len(UnknownFieldSet(message)) > 0:
        yield message.DESCRIPTOR.full_name
    for field, value in message.ListFields():
        if field.message_type is not None:
            for one in value if field.is_repeated else [value]:
                yield from unknown(one)


read, objections = [], []
for path, body in json.load(sys.stdin):
    message = KINDS[path].FromString(base64.b64decode(body))
    objections += unknown(message)
    read.append(MessageToDict(message))
print(json.dumps({"read": read, "objections": objections}))
