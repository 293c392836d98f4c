//! create(), update(), delete().

use crate::support::{caller, entity, note, time_entry};
use autotask_sim::{AutotaskSim, DatabaseAction, ErrorStyle, PicklistValue, Record};

#[tokio::test]
async fn a_created_note_is_stored_with_its_creator_and_answered_with_its_id() {
    let sim = AutotaskSim::start().await.unwrap();
    let demo = *sim.demo();
    let before = sim
        .record("Ticket", demo.ticket)
        .unwrap()
        .time("LastActivityDate")
        .unwrap();
    sim.advance_clock(jiff::SignedDuration::from_mins(1));
    let got = caller(&sim)
        .create(&[note(demo.ticket, "Remote <session>", "First & last")])
        .await;
    let ids = got.stored();
    assert_eq!(ids.len(), 1);
    assert_eq!(got.one("EntityResultType"), "ticketnote");
    assert_eq!(got.all("EntityId"), [ids[0].to_string()]);
    assert_eq!(got.all("DatabaseAction"), ["None"]);
    assert!(got.body.contains("<Entity xsi:type=\"TicketNote\">"));
    let stored = sim.record("TicketNote", ids[0]).unwrap();
    assert_eq!(stored.text("Title"), "Remote <session>");
    assert_eq!(stored.text("Description"), "First & last");
    assert_eq!(stored.int("CreatorResourceID"), Some(demo.api_user));
    assert_eq!(stored.int("ImpersonatorCreatorResourceID"), None);
    assert!(stored.time("CreateDateTime").is_some());
    let ticket = sim.record("Ticket", demo.ticket).unwrap();
    assert!(ticket.time("LastActivityDate").unwrap() > before);
}

#[tokio::test]
async fn an_impersonated_creator_stands_before_the_api_user() {
    let sim = AutotaskSim::start().await.unwrap();
    let demo = *sim.demo();
    let mut call = caller(&sim);
    call.impersonate = Some(demo.technician);
    let id = call.create(&[note(demo.ticket, "t", "d")]).await.stored()[0];
    let stored = sim.record("TicketNote", id).unwrap();
    assert_eq!(stored.int("CreatorResourceID"), Some(demo.technician));
    assert_eq!(
        stored.int("ImpersonatorCreatorResourceID"),
        Some(demo.api_user)
    );
    assert_eq!(sim.calls()[0].impersonated, Some(demo.technician));
    for nobody in [demo.inactive_technician, demo.api_user, 4711] {
        call.impersonate = Some(nobody);
        assert_eq!(
            call.create(&[note(demo.ticket, "t", "d")])
                .await
                .refused()
                .len(),
            1
        );
    }
    call.impersonate = Some(demo.technician);
    sim.configure(|settings| settings.allow_impersonation = false);
    assert_eq!(
        call.create(&[note(demo.ticket, "t", "d")])
            .await
            .refused()
            .len(),
        1
    );
}

#[tokio::test]
async fn one_bad_record_stores_none_and_errors_come_in_pairs() {
    let sim = AutotaskSim::start().await.unwrap();
    let ticket = sim.demo().ticket;
    let too_long = "x".repeat(32_001);
    let batch = [
        note(ticket, "good", "d"),
        note(ticket, "bad", &too_long),
        note(ticket, "good", "d"),
        note(ticket, "bad", ""),
    ];
    let call = caller(&sim);
    assert_eq!(
        call.create(&batch).await.refused(),
        [
            "String value exceeds maximum length (field:description).",
            "Error updating entity for record number [2].",
            "Value does not exist for the required field Description.",
            "Error updating entity for record number [4].",
        ]
    );
    assert_eq!(sim.notes(ticket).len(), 1);
    assert!(!sim.calls()[0].committed);
    sim.configure(|settings| settings.error_style = ErrorStyle::OneText);
    assert_eq!(
        call.create(&batch[1..2]).await.refused(),
        ["String value exceeds maximum length (field:description); on record number [1]."]
    );
    assert_eq!(
        call.create(&[batch[0].clone(), batch[2].clone()])
            .await
            .stored()
            .len(),
        2
    );
}

#[tokio::test]
async fn length_is_counted_in_utf_16_units() {
    let sim = AutotaskSim::start().await.unwrap();
    let ticket = sim.demo().ticket;
    let call = caller(&sim);
    call.create(&[note(ticket, &"é".repeat(250), "d")])
        .await
        .stored();
    call.create(&[note(ticket, &"😀".repeat(125), "d")])
        .await
        .stored();
    let errors = call
        .create(&[note(ticket, &"😀".repeat(126), "d")])
        .await
        .refused();
    assert_eq!(
        errors[0],
        "String value exceeds maximum length (field:title)."
    );
}

#[tokio::test]
async fn references_and_picklist_values_must_exist_and_be_active() {
    let sim = AutotaskSim::start().await.unwrap();
    let ticket = sim.demo().ticket;
    let call = caller(&sim);
    let errors = call.create(&[note(4711, "t", "d")]).await.refused();
    assert_eq!(
        errors[0],
        "Reference value on field: ticketID of type: Ticket does not exist or is invalid."
    );
    let wrong = note(ticket, "t", "d").replace(">2</Publish>", ">7</Publish>");
    assert_eq!(call.create(&[wrong]).await.refused().len(), 2);
    sim.set_picklist(
        "TicketNote",
        "NoteType",
        [
            PicklistValue::new(3, "Old").inactive(),
            PicklistValue::new(4, "New"),
        ],
    );
    assert_eq!(
        call.create(&[note(ticket, "t", "d")]).await.refused().len(),
        2
    );
    let right = note(ticket, "t", "d").replace(">3</NoteType>", ">4</NoteType>");
    call.create(&[right]).await.stored();
}

#[tokio::test]
async fn read_only_values_are_ignored_and_empty_untyped_ones_refused() {
    let sim = AutotaskSim::start().await.unwrap();
    let ticket = sim.demo().ticket;
    let call = caller(&sim);
    let forged = note(ticket, "t", "d").replace(
        "<Title",
        "<CreatorResourceID xsi:type=\"xsd:int\">1</CreatorResourceID><Title",
    );
    let id = call.create(&[forged]).await.stored()[0];
    let creator = sim
        .record("TicketNote", id)
        .unwrap()
        .int("CreatorResourceID");
    assert_eq!(creator, Some(sim.demo().api_user));
    let empty =
        note(ticket, "t", "d").replace("<Title xsi:type=\"xsd:string\">t</Title>", "<Title/>");
    assert_eq!(
        call.create(&[empty]).await.refused()[0],
        "Conversion from type 'Object' to type 'String' is not valid."
    );
    let typed = note(ticket, "t", "d").replace(">t</Title>", "></Title>");
    call.create(&[typed]).await.stored();
    let not_a_number = note(ticket, "t", "d").replace("\">3</NoteType>", "\">three</NoteType>");
    assert_eq!(call.create(&[not_a_number]).await.status, 500);
}

#[tokio::test]
async fn a_call_holds_two_hundred_entities_of_one_type_that_can_be_created() {
    let sim = AutotaskSim::start().await.unwrap();
    let ticket = sim.demo().ticket;
    let call = caller(&sim);
    let notes = vec![note(ticket, "t", "d"); 201];
    assert_eq!(call.create(&notes).await.refused().len(), 1);
    assert_eq!(sim.notes(ticket).len(), 1);
    let ids = call.create(&notes[..200]).await.stored();
    assert_eq!(ids.len(), 200);
    let mixed = [note(ticket, "t", "d"), time_entry(&sim, &[])];
    assert_eq!(call.create(&mixed).await.refused().len(), 1);
    assert_eq!(call.create(&[]).await.refused().len(), 1);
    let resource = entity("Resource", 0, &[("FirstName", "string", "x")]);
    assert_eq!(call.create(&[resource]).await.refused().len(), 1);
}

#[tokio::test]
async fn a_title_is_needed_where_the_tenant_says_so() {
    let sim = AutotaskSim::start().await.unwrap();
    let ticket = sim.demo().ticket;
    let call = caller(&sim);
    let untitled = note(ticket, "", "d");
    call.create(std::slice::from_ref(&untitled)).await.stored();
    sim.configure(|settings| settings.require_note_title = true);
    assert_eq!(
        call.create(&[untitled]).await.refused()[0],
        "Value does not exist for the required field Title."
    );
}

#[tokio::test]
async fn update_clears_what_is_not_sent_and_keeps_what_is_read_only() {
    let sim = AutotaskSim::start().await.unwrap();
    let ticket = sim.demo().ticket;
    let call = caller(&sim);
    let id = call.create(&[note(ticket, "title", "d")]).await.stored()[0];
    let update = entity(
        "TicketNote",
        id,
        &[
            ("Description", "string", "changed"),
            ("NoteType", "int", "3"),
            ("Publish", "int", "2"),
            ("TicketID", "int", &ticket.to_string()),
        ],
    );
    let got = call
        .call("update", &format!("<Entities>{update}</Entities>"))
        .await;
    assert_eq!(got.stored(), [id]);
    let stored = sim.record("TicketNote", id).unwrap();
    assert_eq!(stored.text("Description"), "changed");
    assert_eq!(stored.text("Title"), "");
    assert_eq!(stored.int("CreatorResourceID"), Some(sim.demo().api_user));
    assert!(stored.time("CreateDateTime").is_some());
    let unknown = update.replace(&id.to_string(), "4711");
    let got = call
        .call("update", &format!("<Entities>{unknown}</Entities>"))
        .await;
    assert_eq!(
        got.refused()[0],
        "No matching records found. The logged in resource may not have the required \
         permissions to update the data."
    );
}

#[tokio::test]
async fn time_entries_can_be_deleted_and_notes_cannot() {
    let sim = AutotaskSim::start().await.unwrap();
    let ticket = sim.demo().ticket;
    let call = caller(&sim);
    let id = call.create(&[time_entry(&sim, &[])]).await.stored()[0];
    let delete = |name: &str, id: i64| format!("<Entities>{}</Entities>", entity(name, id, &[]));
    let got = call.call("delete", &delete("TimeEntry", id)).await;
    assert_eq!(got.stored(), [0_i64; 0]);
    assert!(got.all("EntityReturnInfo").is_empty());
    assert!(sim.record("TimeEntry", id).is_none());
    assert_eq!(
        call.call("delete", &delete("TimeEntry", id))
            .await
            .refused()
            .len(),
        2
    );
    let note = sim.notes(ticket)[0].id;
    assert_eq!(
        call.call("delete", &delete("TicketNote", note))
            .await
            .refused()
            .len(),
        1
    );
    assert_eq!(sim.notes(ticket).len(), 1);
}

#[tokio::test]
async fn user_defined_fields_are_stored() {
    let sim = AutotaskSim::start().await.unwrap();
    sim.add_udf(
        "Contact",
        autotask_sim::UdfDef::new("Badge", autotask_sim::FieldTy::String),
    );
    let account = sim.demo().account.to_string();
    let fields = [
        ("AccountID", "int", account.as_str()),
        ("FirstName", "string", "A"),
        ("LastName", "string", "B"),
        ("Active", "int", "1"),
    ];
    let udfs = "<UserDefinedFields><UserDefinedField><Name>Badge</Name><Value>77</Value>\
                </UserDefinedField></UserDefinedFields></Entity>";
    let contact = entity("Contact", 0, &fields).replace("</Entity>", udfs);
    let call = caller(&sim);
    let id = call.create(std::slice::from_ref(&contact)).await.stored()[0];
    let stored: Record = sim.record("Contact", id).unwrap();
    assert_eq!(stored.udfs.get("Badge").map(String::as_str), Some("77"));
    let unknown = contact.replace("Badge", "Bagde");
    assert_eq!(call.create(&[unknown]).await.refused().len(), 2);
}

#[tokio::test]
async fn attachments_travel_through_their_own_operations() {
    let sim = AutotaskSim::start().await.unwrap();
    let ticket = sim.demo().ticket;
    let call = caller(&sim);
    let inner = |data: &str| {
        format!(
            "<attachment><Data>{data}</Data><Info><id>0</id>\
             <ParentID xsi:type=\"xsd:long\">{ticket}</ParentID>\
             <ParentType xsi:type=\"xsd:int\">4</ParentType>\
             <Type xsi:type=\"xsd:string\">FILE_ATTACHMENT</Type>\
             <Title xsi:type=\"xsd:string\">Transcript</Title>\
             <FullPath xsi:type=\"xsd:string\">chat.txt</FullPath>\
             <Publish xsi:type=\"xsd:int\">2</Publish></Info></attachment>"
        )
    };
    let got = call.call("CreateAttachment", &inner("aGVsbG8=")).await;
    let id: i64 = got.one("CreateAttachmentResult").parse().unwrap();
    let info = sim.record("AttachmentInfo", id).unwrap();
    assert_eq!(info.int("FileSize"), Some(5));
    let get = format!("<attachmentId>{id}</attachmentId>");
    let got = call.call("GetAttachment", &get).await;
    assert_eq!(got.one("Data"), "aGVsbG8=");
    assert_eq!(got.one("FullPath"), "chat.txt");
    // Ten million bytes in five minutes.
    let six_million = "AAAA".repeat(2_000_000);
    assert_eq!(
        call.call("CreateAttachment", &inner(&six_million))
            .await
            .status,
        200
    );
    assert_eq!(
        call.call("CreateAttachment", &inner(&six_million))
            .await
            .status,
        500
    );
    sim.advance_clock(jiff::SignedDuration::from_mins(5));
    assert_eq!(
        call.call("CreateAttachment", &inner(&six_million))
            .await
            .status,
        200
    );
    assert_eq!(call.call("DeleteAttachment", &get).await.status, 200);
    assert_eq!(call.call("GetAttachment", &get).await.status, 500);
}

#[tokio::test]
async fn a_required_read_only_field_is_given_once() {
    let sim = AutotaskSim::start().await.unwrap();
    let call = caller(&sim);
    let account = sim.demo().account.to_string();
    let contact = |account: &[(&str, &str, &str)]| {
        let rest = [
            ("FirstName", "string", "A"),
            ("LastName", "string", "B"),
            ("Active", "int", "1"),
        ];
        entity("Contact", 0, &[account, &rest[..]].concat())
    };
    assert_eq!(
        call.create(&[contact(&[])]).await.refused()[0],
        "Value does not exist for the required field AccountID."
    );
    assert_eq!(
        call.create(&[contact(&[("AccountID", "int", "4711")])])
            .await
            .refused()[0],
        "Reference value on field: accountID of type: Account does not exist or is invalid."
    );
    let sent = contact(&[("AccountID", "int", &account)]);
    let id = call.create(&[sent]).await.stored()[0];
    let moved =
        contact(&[("AccountID", "int", "0")]).replace("<id>0</id>", &format!("<id>{id}</id>"));
    call.call("update", &format!("<Entities>{moved}</Entities>"))
        .await
        .stored();
    let stored = sim.record("Contact", id).unwrap();
    assert_eq!(stored.int("AccountID"), Some(sim.demo().account));
}

#[tokio::test]
async fn what_was_done_is_told_where_the_tenant_says_so() {
    let sim = AutotaskSim::start().await.unwrap();
    sim.configure(|settings| settings.database_action = DatabaseAction::Done);
    let ticket = sim.demo().ticket;
    let call = caller(&sim);
    let got = call.create(&[note(ticket, "t", "d")]).await;
    assert_eq!(got.all("DatabaseAction"), ["Created"]);
    let id = got.stored()[0];
    let again = note(ticket, "t", "new").replace("<id>0</id>", &format!("<id>{id}</id>"));
    let got = call
        .call("update", &format!("<Entities>{again}</Entities>"))
        .await;
    assert_eq!(got.all("DatabaseAction"), ["Updated"]);
}

#[tokio::test]
async fn errors_can_come_without_a_record_number() {
    let sim = AutotaskSim::start().await.unwrap();
    sim.configure(|settings| settings.error_style = ErrorStyle::Unnumbered);
    let ticket = sim.demo().ticket;
    let batch = [note(ticket, "t", "d"), note(ticket, "t", "")];
    assert_eq!(
        caller(&sim).create(&batch).await.refused(),
        ["Value does not exist for the required field Description."]
    );
}

#[tokio::test]
async fn an_entity_can_be_seen_and_not_written() {
    let sim = AutotaskSim::start().await.unwrap();
    let ticket = sim.demo().ticket;
    let call = caller(&sim);
    sim.forbid_writes("TicketNote");
    let errors = call.create(&[note(ticket, "t", "d")]).await.refused();
    assert!(errors[0].contains("permissions"), "{errors:?}");
    assert_eq!(call.query("TicketNote", "").await.stored().len(), 1);
    sim.allow_writes("TicketNote");
    call.create(&[note(ticket, "t", "d")]).await.stored();
}

#[tokio::test]
async fn some_people_cannot_be_impersonated() {
    let sim = AutotaskSim::start().await.unwrap();
    let demo = *sim.demo();
    sim.configure(|settings| {
        settings.not_impersonable.insert(demo.technician);
    });
    let mut call = caller(&sim);
    call.impersonate = Some(demo.technician);
    call.create(&[note(demo.ticket, "t", "d")]).await.refused();
    call.impersonate = Some(demo.second_technician);
    let id = call.create(&[note(demo.ticket, "t", "d")]).await.stored()[0];
    // Adding and changing are permissions of their own.
    let change = note(demo.ticket, "t", "new").replace("<id>0</id>", &format!("<id>{id}</id>"));
    let change = format!("<Entities>{change}</Entities>");
    call.call("update", &change).await.stored();
    let changed = sim.record("TicketNote", id).unwrap();
    let by = changed.int("ImpersonatorUpdaterResourceID");
    assert_eq!(by, Some(demo.api_user));
    sim.configure(|settings| settings.impersonated_updates = false);
    call.call("update", &change).await.refused();
    call.create(&[note(demo.ticket, "t", "d")]).await.stored();
}

#[tokio::test]
async fn user_defined_fields_have_types_and_can_be_required() {
    let sim = AutotaskSim::start().await.unwrap();
    sim.add_udf(
        "Contact",
        autotask_sim::UdfDef::new("Badge", autotask_sim::FieldTy::Integer),
    );
    let mut site = autotask_sim::UdfDef::new("Site", autotask_sim::FieldTy::String);
    site.required = true;
    sim.add_udf("Contact", site);
    let account = sim.demo().account.to_string();
    let contact = |udfs: &[(&str, &str)]| {
        let fields = [
            ("AccountID", "int", account.as_str()),
            ("FirstName", "string", "A"),
            ("LastName", "string", "B"),
            ("Active", "int", "1"),
        ];
        let udfs: String = udfs
            .iter()
            .map(|(name, value)| {
                format!(
                    "<UserDefinedField><Name>{name}</Name><Value>{value}</Value>\
                     </UserDefinedField>"
                )
            })
            .collect();
        entity("Contact", 0, &fields).replace(
            "</Entity>",
            &format!("<UserDefinedFields>{udfs}</UserDefinedFields></Entity>"),
        )
    };
    let call = caller(&sim);
    assert_eq!(
        call.create(&[contact(&[("Badge", "7")])]).await.refused()[0],
        "Value does not exist for the required field Site."
    );
    call.create(&[contact(&[("Badge", "seven"), ("Site", "S")])])
        .await
        .refused();
    let id = call
        .create(&[contact(&[("Badge", "7"), ("Site", "S")])])
        .await
        .stored()[0];
    // An update that leaves one out clears it.
    let update = contact(&[("Site", "T")]).replace("<id>0</id>", &format!("<id>{id}</id>"));
    call.call("update", &format!("<Entities>{update}</Entities>"))
        .await
        .stored();
    let stored = sim.record("Contact", id).unwrap();
    assert_eq!(stored.udfs.get("Badge"), None);
    assert_eq!(stored.udfs.get("Site").map(String::as_str), Some("T"));
}
