"""S3 Control's XML, read and written by the service's own model, which botocore has."""

import functools
import importlib
import re
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree.ElementTree import Element, ParseError, SubElement, fromstring

_MALFORMED = "The XML you provided was not well-formed or did not validate against our published schema"


class ControlError(Exception):
    """A request that S3 Control refuses, with the code and the HTTP status it gives."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


@functools.cache
def _model() -> Any:
    loaders: Any = importlib.import_module("botocore.loaders")
    model: Any = importlib.import_module("botocore.model")
    return model.ServiceModel(loaders.Loader().load_service_model("s3control", "service-2"))


def read(operation: str, body: bytes) -> dict[str, Any]:
    """The request of an operation. Raises ControlError for what the model does not have."""
    try:
        root = fromstring(body)  # noqa: S314 the emulator's own clients
    except ParseError as exc:
        raise ControlError("MalformedXML", _MALFORMED) from exc
    return _structure(root, _model().operation_model(operation).input_shape)


def write(operation: str, answer: Mapping[str, Any]) -> Element:
    """The answer of an operation as the element that its body holds."""
    shape = _model().operation_model(operation).output_shape
    root = Element(f"{operation}Result", xmlns="http://awss3control.amazonaws.com/doc/2018-08-20/")
    _fill(root, shape, answer)
    return root


def _structure(element: Element, shape: Any) -> dict[str, Any]:
    in_body = {
        member.serialization.get("name", name): (name, member)
        for name, member in shape.members.items()
        if "location" not in member.serialization
    }
    found: dict[str, Any] = {}
    for child in element:
        if _local(child) not in in_body:
            raise ControlError("MalformedXML", _MALFORMED)
        name, member = in_body[_local(child)]
        found[name] = _value(child, member)
    names = {name for name, _member in in_body.values()}
    if [name for name in shape.required_members if name in names and name not in found]:
        raise ControlError("MalformedXML", _MALFORMED)
    return found


def _value(element: Element, shape: Any) -> Any:
    if shape.type_name == "structure":
        return _structure(element, shape)
    if shape.type_name == "list":
        return [_value(child, shape.member) for child in element]
    return _plain(element.text or "", shape)


def _plain(text: str, shape: Any) -> str | int | bool:
    """A leaf, within the bounds that the model has for it."""
    meta = shape.metadata
    converters: dict[str, Callable[[str], int | bool]] = {
        "integer": int,
        "long": int,
        "boolean": {"true": True, "false": False}.__getitem__,
    }
    try:
        value: Any = converters.get(shape.type_name, str)(text)
    except (ValueError, KeyError) as exc:
        raise ControlError("MalformedXML", _MALFORMED) from exc
    size: int = len(value) if isinstance(value, str) else value
    if not meta.get("min", size) <= size <= meta.get("max", size):
        raise ControlError("MalformedXML", _MALFORMED)
    if value not in (getattr(shape, "enum", None) or [value]):
        raise ControlError("MalformedXML", _MALFORMED)
    if "pattern" in meta and "\\p{" not in meta["pattern"] and not re.search(meta["pattern"], text):
        raise ControlError("MalformedXML", _MALFORMED)
    return value


def _fill(element: Element, shape: Any, value: Any) -> None:
    if shape.type_name == "structure":
        for name, part in value.items():
            member = shape.members[name]
            _fill(SubElement(element, member.serialization.get("name", name)), member, part)
    elif shape.type_name == "list":
        for part in value:
            _fill(SubElement(element, shape.member.serialization.get("name", "member")), shape.member, part)
    else:
        element.text = str(value).lower() if isinstance(value, bool) else str(value)


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]
