#!/usr/bin/env python3
"""Somebody else's SOAP tool against the simulated tenant: zeep (Debian: python3-zeep), in strict mode.

    zeep_client.py PROGRAM    PROGRAM is the built autotask-sim

The clients are made from the WSDLs that the tenant serves and, with ATWS_WSDL_DIR set, from the real
ones. Each runs every operation, and every envelope in both directions must be valid by the schema of
its WSDL. Prints a line per client; any failure ends it.
"""

import datetime
import json
import os
import subprocess
import sys

from lxml import etree
from requests import Session
from requests.auth import HTTPBasicAuth
from zeep import Client, Plugin, Settings, xsd
from zeep.exceptions import Fault
from zeep.transports import Transport


def expect(wanted, got):
    if wanted != got:
        raise AssertionError(f"wanted {wanted!r}, got {got!r}")


class Validator(Plugin):
    """Checks the bodies of calls and answers."""

    def __init__(self, session, wsdl):
        text = session.get(wsdl).content if wsdl.startswith("http") else open(wsdl, "rb").read()
        schema = etree.fromstring(text).find(".//{http://www.w3.org/2001/XMLSchema}schema")
        self.schema = etree.XMLSchema(etree.fromstring(etree.tostring(schema)))
        self.checked = 0

    def check(self, envelope):
        body = envelope.find("{http://schemas.xmlsoap.org/soap/envelope/}Body")[0]
        if not body.tag.endswith("}Fault"):
            self.schema.assertValid(etree.fromstring(etree.tostring(body)))
            self.checked += 1

    def egress(self, envelope, http_headers, operation, binding_options):
        self.check(envelope)
        return envelope, http_headers

    def ingress(self, envelope, http_headers, operation):
        self.check(envelope)
        return envelope, http_headers


class Tenant:
    def __init__(self, ready, wsdl, version):
        self.ready, self.version = ready, version
        self.namespace = "http://autotask.net/ATWS/v%s/" % version.replace(".", "_")
        session = Session()
        session.auth = HTTPBasicAuth(ready["username"], ready["password"])
        self.validator = Validator(session, wsdl)
        self.client = Client(
            wsdl,
            transport=Transport(session=session),
            settings=Settings(strict=True),
            plugins=[self.validator],
        )
        address = ready["url"] if version == "1.6" else ready["url_v1_5"]
        self.service = self.client.create_service(self.name("ATWSSoap"), address)
        self.headers = self.header()

    def name(self, local):
        return "{%s}%s" % (self.namespace, local)

    def header(self, **more):
        element = self.client.get_element(self.name("AutotaskIntegrations"))
        return [element(IntegrationCode=self.ready["integration_code"], **more)]

    def make(self, entity, **fields):
        return self.client.get_type(self.name(entity))(**fields)

    def call(self, operation, headers=None, **parameters):
        return getattr(self.service, operation)(_soapheaders=headers or self.headers, **parameters)

    def write(self, operation, *entities, headers=None):
        entities = self.make("ArrayOfEntity", Entity=list(entities))
        return self.call(operation, headers, Entities=entities)

    def query(self, entity, field, op, value):
        text = (
            f"<queryxml><entity>{entity}</entity><query><field>{field}"
            f"<expression op='{op}'>{value}</expression></field></query></queryxml>"
        )
        answer = self.call("query", sXML=text)
        expect(1, answer.ReturnCode)
        return answer.EntityResults.Entity if answer.EntityResults else []

    def one(self, entity, id):
        (found,) = self.query(entity, "id", "equals", id)
        expect(entity, type(found).__name__)
        return found


def notes(tenant, ticket):
    typed = lambda kind, value: xsd.AnyObject(kind, value)
    fields = {"Description": "from <zeep> & co\r\nsecond line", "Title": "zeep", "NoteType": 3, "Publish": 2}
    plain = tenant.make("TicketNote", id=0, TicketID=ticket.id, **fields)
    # Once with, once without xsi:type on the fields.
    with_types = dict(fields, NoteType=typed(xsd.Int(), 3), Title=typed(xsd.String(), "zeep"))
    with_types = tenant.make("TicketNote", id=0, TicketID=typed(xsd.Long(), ticket.id), **with_types)
    answer = tenant.write("create", plain, with_types)
    expect(1, answer.ReturnCode)
    for created in answer.EntityResults.Entity:
        found = tenant.one("TicketNote", created.id)
        expect(fields["Title"], found.Title)
        expect(fields["Description"].replace("\r\n", "\n"), found.Description.replace("\r\n", "\n"))
        found.Description = "changed"
        expect(1, tenant.write("update", found).ReturnCode)
        expect("changed", tenant.one("TicketNote", created.id).Description)
    before = len(tenant.query("TicketNote", "TicketID", "equals", ticket.id))
    bad = tenant.make("TicketNote", id=0, TicketID=1, **fields)
    answer = tenant.write("create", plain, bad)
    expect(-1, answer.ReturnCode)
    expect(2, len(answer.Errors.ATWSError))
    expect("Error updating entity for record number [2].", answer.Errors.ATWSError[1].Message)
    expect(before, len(tenant.query("TicketNote", "TicketID", "equals", ticket.id)))
    if tenant.version == "1.6":
        technician = tenant.ready["demo"]["technician"]
        headers = tenant.header(ImpersonateAsResourceID=technician)
        answer = tenant.write("create", plain, headers=headers)
        expect(technician, answer.EntityResults.Entity[0].CreatorResourceID)


def time_entries(tenant, ticket):
    demo = tenant.ready["demo"]
    start = datetime.datetime(2026, 6, 1, 10, 0)
    entry = tenant.make(
        "TimeEntry",
        id=0,
        TicketID=ticket.id,
        ResourceID=demo["technician"],
        RoleID=demo["role"],
        StartDateTime=start,
        EndDateTime=start + datetime.timedelta(minutes=90),
        SummaryNotes="x",
    )
    answer = tenant.write("create", entry)
    expect(1, answer.ReturnCode)
    id = answer.EntityResults.Entity[0].id
    found = tenant.one("TimeEntry", id)
    expect(1.5, float(found.HoursWorked))
    expect(start, found.StartDateTime)
    expect(datetime.datetime(2026, 6, 1), found.DateWorked)
    expect(1, tenant.write("delete", found).ReturnCode)
    expect([], tenant.query("TimeEntry", "id", "equals", id))


def metadata(tenant):
    fields = {field.Name: field for field in tenant.call("GetFieldInfo", psObjectType="Ticket")}
    expect(255, fields["Title"].Length)
    labels = [value.Label for value in fields["Status"].PicklistValues.PickListValue]
    expect(True, "Complete" in labels)
    tenant.call("getUDFInfo", psTable="Ticket")
    infos = {info.Name: info for info in tenant.call("getEntityInfo")}
    expect((True, False), (infos["TicketNote"].CanCreate, infos["TicketNote"].CanDelete))
    expect(True, tenant.call("GetWsdlVersion").startswith(tenant.version))
    info = tenant.call("getThresholdAndUsageInfo").EntityReturnInfoResults.EntityReturnInfo[0]
    expect(True, info.Message.startswith("thresholdOfExternalRequest: 10000;"))
    if tenant.version == "1.6":
        check = tenant.call("IntegrationCodeCheck", userName=tenant.ready["username"])
        expect((True, True), (check.IsApiUser, check.IsIntegrationCodeAssociated))


def attachments(tenant, ticket):
    info = {"ParentID": ticket.id, "ParentType": 4, "Type": "FILE_ATTACHMENT", "Publish": 2}
    info = tenant.make("AttachmentInfo", id=0, Title="t", FullPath="t.txt", **info)
    data = b"hello \x00\xff"
    id = tenant.call("CreateAttachment", attachment=tenant.make("Attachment", Data=data, Info=info))
    found = tenant.call("GetAttachment", attachmentId=id)
    expect((data, "t.txt"), (found.Data, found.Info.FullPath))
    tenant.call("DeleteAttachment", attachmentId=id)
    try:
        tenant.call("GetAttachment", attachmentId=id)
    except Fault:
        return
    raise AssertionError("a deleted attachment was found")


def run(ready, wsdl, version):
    tenant = Tenant(ready, wsdl, version)
    zone = tenant.service.getZoneInfo(UserName=ready["username"])
    expect((0, ready["ci"]), (zone.ErrorCode, zone.CI))
    ticket = tenant.one("Ticket", ready["demo"]["ticket"])
    notes(tenant, ticket)
    time_entries(tenant, ticket)
    metadata(tenant)
    attachments(tenant, ticket)
    invoice = tenant.query("Invoice", "id", "greaterthan", 0)[0]
    markup = tenant.call("GetInvoiceMarkup", InvoiceId=invoice.id, Format="HTML")
    expect(True, invoice.InvoiceNumber in markup)
    print(f"zeep {version} works with {wsdl}: {tenant.validator.checked} valid envelopes", flush=True)


def main(program):
    # Strict clients of the real WSDLs stumble over what came to GetEntityInfo later.
    command = [program, "--no-user-access"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as simulator:
        try:
            ready = json.loads(simulator.stdout.readline())
            clients = [(ready["wsdl"], "1.6"), (ready["wsdl"].replace("1.6", "1.5"), "1.5")]
            folder = os.environ.get("ATWS_WSDL_DIR")
            if folder:
                clients += [(f"{folder}/atws-{version}.wsdl", version) for version in ("1.6", "1.5")]
            for wsdl, version in clients:
                run(ready, wsdl, version)
        finally:
            simulator.terminate()
    expect(0, simulator.returncode)


if __name__ == "__main__":
    main(*sys.argv[1:])
