#!/usr/bin/python3
"""Validates envelopes against the vendor's WSDLs.

    validate_envelopes.py WSDL_DIR ENVELOPE_DIR

WSDL_DIR holds atws-1.6.wsdl and atws-1.5.wsdl. ENVELOPE_DIR holds what the test `envelopes` writes:
for each envelope VERSION-OPERATION-WHAT.xml, and VERSION-OPERATION-WHAT.action with its SOAPAction.

Of each envelope the Body's child and the Header's are validated against the schema in the WSDL. Fails
as well if an operation or an entity of a WSDL has no envelope, or if the validator takes an envelope
that was broken on purpose.
"""

import copy
import sys
from pathlib import Path

from lxml import etree

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
BINDING = "{http://schemas.xmlsoap.org/wsdl/soap/}"
XSD = "{http://www.w3.org/2001/XMLSchema}"
# Fields that servers have gained since the WSDLs were saved: they are in a tenant's field information.
# They stand after those of the WSDL.
NEWER = {
    "1.6": {
        "Account": ["PurchaseOrderTemplateID"],
        "AttachmentInfo": ["CreatorType"],
        "Country": ["PurchaseOrderTemplateID"],
        "Product": ["DefaultInstalledProductCategoryID"],
        "Project": ["OpportunityID"],
        "ProjectNote": ["CreatedByContactID"],
        "PurchaseOrder": ["PurchaseOrderTemplateID", "PurchaseOrderNumber"],
        "QuoteItem": ["SortOrderID"],
        "TaskNote": ["CreatedByContactID"],
        "Ticket": ["CreatedByContactID"],
        "TicketNote": ["CreatedByContactID"],
        "UserDefinedFieldListItem": ["IsActive"],
        "WebhookEventErrorLog": ["ConfigurationItemWebhookID"],
    },
}
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
# No entities, nothing from outside.
PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)


class Wrong(Exception):
    """What is wrong with an envelope."""


def local(name):
    return name.rpartition(":")[2]


def alone(element):
    """The element as a document of its own. Written out, it declares all prefixes that are in scope:
    types in `xsi:type` need them, and no parser knows that."""
    return etree.fromstring(etree.tostring(element, with_tail=False), PARSER)


class Service:
    """What one WSDL says."""

    def __init__(self, path, version):
        # The vendor's file may begin with blank lines, which no parser takes.
        root = etree.fromstring(path.read_bytes().lstrip(), PARSER)
        self.namespace = root.get("targetNamespace")
        schema = root.find(f"{WSDL}types/{XSD}schema")
        for entity, fields in NEWER.get(version, {}).items():
            kind = schema.find(f"{XSD}complexType[@name='{entity}']")
            sequence = kind.find(f".//{XSD}extension/{XSD}sequence")
            for field in fields:
                if any(element.get("name") == field for element in sequence):
                    raise SystemExit(f"the WSDL has {entity}.{field} by now")
                etree.SubElement(sequence, XSD + "element", name=field, minOccurs="0")
        self.schema = etree.XMLSchema(alone(schema))
        parts = {
            message.get("name"): f"{{{self.namespace}}}" + local(message[0].get("element"))
            for message in root.iter(WSDL + "message")
            if len(message)
        }
        inputs = {
            operation.get("name"): parts[local(operation.find(WSDL + "input").get("message"))]
            for operation in root.iter(WSDL + "operation")
            if operation.getparent().tag == WSDL + "portType"
        }
        # By the Body's element: the SOAPAction and the Header's element.
        self.operations = {}
        for binding in root.iter(WSDL + "binding"):
            if binding.find(BINDING + "binding") is None:
                continue
            for operation in binding.iter(WSDL + "operation"):
                header = operation.find(f"{WSDL}input/{BINDING}header")
                self.operations[inputs[operation.get("name")]] = (
                    operation.find(BINDING + "operation").get("soapAction"),
                    None if header is None else parts[local(header.get("message"))],
                )
        self.entities = {
            kind.get("name")
            for kind in schema.iter(XSD + "complexType")
            for base in kind.iter(XSD + "extension")
            if local(base.get("base")) == "Entity" and kind.get("abstract") != "true"
        }

    def check(self, document):
        element = alone(document)
        if not self.schema.validate(element):
            raise Wrong("; ".join(str(error) for error in self.schema.error_log)[:2000])

    def validate(self, envelope, action):
        """Gives the Body's element, or raises Wrong."""
        if envelope.tag != f"{{{SOAP}}}Envelope":
            raise Wrong(f"the root is {envelope.tag}")
        parts = list(envelope)
        header = parts.pop(0) if parts and parts[0].tag == f"{{{SOAP}}}Header" else None
        if [part.tag for part in parts] != [f"{{{SOAP}}}Body"] or len(parts[0]) != 1:
            raise Wrong("an envelope is a Header perhaps and a Body with one element")
        (call,) = parts[0]
        if call.tag not in self.operations:
            raise Wrong(f"{call.tag} is no operation's")
        soap_action, header_element = self.operations[call.tag]
        if action != f'"{soap_action}"':
            raise Wrong(f"the SOAPAction is {action}, not {soap_action}")
        if header is not None:
            if [child.tag for child in header] != [header_element]:
                raise Wrong("the Header is not the operation's")
            self.check(header[0])
        elif header_element is not None and self.namespace.endswith("v1_6/"):
            raise Wrong("1.6 demands a Header")
        self.check(call)
        return call


def broken(envelope):
    """Copies of an envelope, each with one mistake; none if there is nothing to break."""
    entities = [e for e in envelope.iter() if local(etree.QName(e).localname) == "Entity"]
    if not entities or len(entities[0]) < 4:
        return

    def change(how):
        wrong = copy.deepcopy(envelope)
        how(next(e for e in wrong.iter() if etree.QName(e).localname == "Entity"))
        return wrong

    def swap(entity):
        entity.append(entity[-2])

    def no_id(entity):
        entity.remove(next(e for e in entity if etree.QName(e).localname == "id"))

    def twice(entity):
        entity.append(copy.deepcopy(entity[-1]))

    def unknown_type(entity):
        entity.set(XSI_TYPE, "NoSuchEntity")

    def other_namespace(entity):
        entity[-1].tag = "{urn:other}" + etree.QName(entity[-1]).localname

    def not_a_number(entity):
        first = next(e for e in entity if etree.QName(e).localname == "id")
        first.text = "seven"

    for how in (swap, no_id, twice, unknown_type, other_namespace, not_a_number):
        yield how.__name__, change(how)


def main(wsdl_dir, envelope_dir):
    services = {}
    mistakes = []
    counts = {}
    called, written, breakages = {}, {}, {}
    for path in sorted(Path(envelope_dir).glob("*.xml")):
        version = path.name.split("-")[0]
        if version not in services:
            services[version] = Service(Path(wsdl_dir) / f"atws-{version}.wsdl", version)
        service = services[version]
        action = path.with_suffix(".action").read_text(encoding="ascii")
        try:
            envelope = etree.parse(str(path), PARSER).getroot()
            call = service.validate(envelope, action)
        except (Wrong, etree.XMLSyntaxError) as error:
            mistakes.append(f"{path.name}: {error}")
            continue
        counts[version] = counts.get(version, 0) + 1
        called.setdefault(version, set()).add(call.tag)
        for entity in call.iter(f"{{{service.namespace}}}Entity"):
            written.setdefault(version, set()).add(local(entity.get(XSI_TYPE)))
        if breakages.get(version, 0) < 60:
            for what, wrong in broken(envelope):
                breakages[version] = breakages.get(version, 0) + 1
                try:
                    service.validate(wrong, action)
                    mistakes.append(f"{path.name} with a mistake ({what}) is taken")
                except Wrong:
                    pass
    for version, service in services.items():
        missing = set(service.operations) - called.get(version, set())
        missing = sorted(etree.QName(name).localname for name in missing)
        missing += sorted(service.entities - written.get(version, set()))
        if missing:
            mistakes.append(f"{version}: no envelope of {', '.join(missing)}")
        if not breakages.get(version):
            mistakes.append(f"{version}: nothing was broken on purpose")
    for mistake in mistakes:
        print(mistake, file=sys.stderr)
    for version in sorted(counts):
        print(
            f"ATWS {version}: {counts[version]} envelopes of {len(called[version])} operations and "
            f"{len(written.get(version, ()))} entities are valid, "
            f"{breakages.get(version, 0)} broken ones are not"
        )
    if not counts:
        print(f"no envelope in {envelope_dir} was valid", file=sys.stderr)
    return 1 if mistakes or not counts else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
