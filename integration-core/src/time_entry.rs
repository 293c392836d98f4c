//! The time entry of a session.

use crate::{
    draft::{Draft, TimeEntryDraft},
    effect::{EffectKey, EffectKind},
    failure::{Failure, FailureClass},
    needs::{Facts, ResourceFact, RoleFact, TicketFact},
    plan::Step,
    profile::Profile,
    subject::Subject,
    text::clean,
};
use bomgar_api::reporting::{Representative, Session};
use jiff::{SignedDuration, Timestamp};

/// Autotask refuses an entry of this length or more.
const TOO_LONG: SignedDuration = SignedDuration::from_hours(24);

/// Whether a session gives a time entry, as far as the session and the profile can say.
pub(crate) enum Booking {
    Wanted(Candidate),
    /// None, for this reason.
    NotWanted(String),
    /// One is wanted, but cannot be.
    Impossible(Failure),
}

/// A time entry of which only the desk's ids are missing.
pub(crate) struct Candidate {
    gsnumber: String,
    username: String,
    pub(crate) email: String,
    pub(crate) role_name: String,
    summary_notes: String,
    start: Timestamp,
    end: Timestamp,
}

pub(crate) fn booking(subject: &Subject<'_>, profile: &Profile) -> Booking {
    if !profile.update_time_entry {
        return Booking::NotWanted("no time entry because update_time_entry is off".to_owned());
    }
    let session = subject.session;
    if session.primary_rep.is_none() && session.representatives.is_empty() {
        return Booking::NotWanted(
            "no time entry because no representative took part in the session".to_owned(),
        );
    }
    match candidate(subject, profile) {
        Ok(candidate) => Booking::Wanted(candidate),
        Err(failure) => Booking::Impossible(failure),
    }
}

fn candidate(subject: &Subject<'_>, profile: &Profile) -> Result<Candidate, Failure> {
    let session = subject.session;
    let representative = primary_representative(session)?;
    let (start, end) = span(subject)?;
    let data = &profile.time_entry_default_data;
    Ok(Candidate {
        gsnumber: representative.gsnumber.clone(),
        username: representative.username.trim().to_owned(),
        email: email(session, representative, data.default_domain.as_deref())?,
        // The profile was checked: both are there.
        role_name: data
            .role_name
            .as_deref()
            .unwrap_or_default()
            .trim()
            .to_owned(),
        summary_notes: clean(data.summary_notes.as_deref().unwrap_or_default()).into_owned(),
        start,
        end,
    })
}

fn primary_representative(session: &Session) -> Result<&Representative, Failure> {
    let failure = |what: &str| {
        problem(
            session,
            what,
            "book the time by hand on the ticket; if this happens often, tell the authors",
        )
    };
    let representative = session
        .primary_representative()
        .ok_or_else(|| failure("the report does not say who the primary representative is"))?;
    // The report may name somebody whom it does not list. The time is nobody else's then.
    if let Some(named) = &session.primary_rep {
        let by_number = named.gsnumber.is_some()
            && named.gsnumber.as_deref() == Some(representative.gsnumber.as_str());
        let by_id = named.id.is_some() && named.id == representative.id;
        let anonymous = named.gsnumber.is_none() && named.id.is_none();
        if !(by_number || by_id || anonymous) {
            return Err(failure(
                "the report does not list the primary representative it names",
            ));
        }
    }
    if representative.gsnumber.trim().is_empty() {
        return Err(failure(
            "the primary representative has no number in the report",
        ));
    }
    Ok(representative)
}

fn span(subject: &Subject<'_>) -> Result<(Timestamp, Timestamp), Failure> {
    let by_hand = "book the time by hand on the ticket";
    let Some(start) = subject.session.start_time else {
        return Err(problem(
            subject.session,
            "the report has no start time",
            by_hand,
        ));
    };
    let end = subject.end;
    let length = end.duration_since(start);
    if length <= SignedDuration::ZERO {
        let what = format!("it has no length ({start} to {end}), and Autotask stores no such time");
        return Err(problem(
            subject.session,
            &what,
            "nothing, or book the time by hand",
        ));
    }
    if length >= TOO_LONG {
        let what = format!(
            "it lasted {} hours ({start} to {end}), and Autotask stores less than 24 in one entry",
            length.as_hours()
        );
        return Err(problem(subject.session, &what, by_hand));
    }
    Ok((start, end))
}

fn email(
    session: &Session,
    representative: &Representative,
    default_domain: Option<&str>,
) -> Result<String, Failure> {
    let username = representative.username.trim();
    if username.is_empty() {
        return Err(problem(
            session,
            "the primary representative has no user name in the report",
            "book the time by hand on the ticket",
        ));
    }
    if username.contains('@') {
        return Ok(username.to_owned());
    }
    let domain = default_domain
        .unwrap_or_default()
        .trim()
        .trim_start_matches('@');
    if domain.is_empty() {
        return Err(Failure::new(
            FailureClass::Config,
            format!(
                "session {}: no time entry, because the user name {username} is no e-mail address \
                 and time_entry_default_data.defaultDomain is not set",
                session.lsid
            ),
            "set time_entry_default_data.defaultDomain",
        ));
    }
    Ok(format!("{username}@{domain}"))
}

/// Completes the candidate with the desk's ids.
pub(crate) fn step(
    tenant: i64,
    subject: &Subject<'_>,
    candidate: Candidate,
    ticket: &TicketFact,
    facts: &Facts,
) -> Result<(Step, Vec<String>), Failure> {
    let session = subject.session;
    let resource = resource(session, &candidate, facts)?;
    let role = role(session, &candidate, resource, facts)?;

    let zoned_start = candidate.start.to_zoned_datetime(subject.zone.clone());
    let date_worked = zoned_start.date();
    let end_date = candidate.end.to_zoned_datetime(subject.zone.clone()).date();
    let key = EffectKey {
        tenant,
        lsid: session.lsid.clone(),
        kind: EffectKind::TimeEntry,
        part: format!("{}.{date_worked}", candidate.gsnumber),
    };
    let internal_notes = clean(&format!(
        "Remote support session {} by {}\n{}",
        session.lsid,
        candidate.username,
        key.marker()
    ))
    .into_owned();

    let mut explanations = vec![format!(
        "time entry from {} to {} for {} (resource {}) as \"{}\" (role {}): the primary \
         representative and the session's own times",
        candidate.start, candidate.end, candidate.email, resource.id, role.name, role.id,
    )];
    if end_date != date_worked {
        explanations.push(format!(
            "the time entry crosses midnight and counts for its first day, {date_worked}; the \
             tenant must allow entries that span midnight"
        ));
    }
    if let Some(assigned) = ticket
        .assigned_role_id
        .filter(|assigned| *assigned != role.id)
    {
        explanations.push(format!(
            "the role differs from the ticket's own (role {assigned}); the tenant must allow \
             people to change the role of a time entry"
        ));
    }
    let draft = Draft::TimeEntry(TimeEntryDraft {
        ticket_id: ticket.id,
        resource_id: resource.id,
        role_id: role.id,
        start: candidate.start,
        end: candidate.end,
        date_worked,
        summary_notes: candidate.summary_notes,
        internal_notes,
    });
    Ok((Step { key, draft }, explanations))
}

fn resource<'f>(
    session: &Session,
    candidate: &Candidate,
    facts: &'f Facts,
) -> Result<&'f ResourceFact, Failure> {
    let email = &candidate.email;
    let mut active = facts.resources.iter().filter(|resource| resource.active);
    match (active.next(), active.next()) {
        (Some(only), None) => Ok(only),
        (Some(_), Some(_)) => Err(problem(
            session,
            &format!("several active Autotask resources have the e-mail address {email}"),
            "leave the address with one of them, or book the time by hand",
        )),
        (None, _) if facts.resources.is_empty() => Err(problem(
            session,
            &format!("no Autotask resource has the e-mail address {email}"),
            "give the resource this e-mail address in Autotask, correct the representative's user \
             name on the appliance, or correct time_entry_default_data.defaultDomain",
        )),
        (None, _) => Err(problem(
            session,
            &format!("the Autotask resource with the e-mail address {email} is inactive"),
            "activate the resource, or book the time by hand",
        )),
    }
}

fn role<'f>(
    session: &Session,
    candidate: &Candidate,
    resource: &ResourceFact,
    facts: &'f Facts,
) -> Result<&'f RoleFact, Failure> {
    let name = &candidate.role_name;
    let config = |what: &str| {
        Failure::new(
            FailureClass::Config,
            format!(
                "session {}: no time entry, because {what} \"{name}\"",
                session.lsid
            ),
            "set time_entry_default_data.roleName to the name of one active role that every \
             representative holds",
        )
    };
    let mut active = facts.roles.iter().filter(|role| role.active);
    let role = match (active.next(), active.next()) {
        (Some(only), None) => only,
        (Some(_), Some(_)) => return Err(config("several active Autotask roles have the name")),
        (None, _) if facts.roles.is_empty() => {
            return Err(config("no Autotask role has the name"));
        }
        (None, _) => return Err(config("this Autotask role is inactive:")),
    };
    if facts.held_role_ids.contains(&role.id) {
        return Ok(role);
    }
    Err(problem(
        session,
        &format!(
            "{} (resource {}) does not hold the role \"{name}\" (role {})",
            candidate.email, resource.id, role.id
        ),
        "give the resource this role in Autotask, or set time_entry_default_data.roleName to a \
         role that every representative holds",
    ))
}

fn problem(session: &Session, what: &str, hint: &str) -> Failure {
    Failure::new(
        FailureClass::Data,
        format!("session {}: no time entry, because {what}", session.lsid),
        hint,
    )
}
