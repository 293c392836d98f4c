//! The reports of exit surveys: `SupportCustExitSurvey` and `SupportRepExitSurvey`.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::list::read_list;
use super::parse::representative;
use super::parts::Parts;
use super::{
    Actor, PersonRef, RawElement, ReportList, Representative, SessionSelection, TimeWindow,
};
use crate::call::{Call, Endpoint, Fields};
use crate::error::{Error, Result};
use crate::xml::{Cursor, Element, XmlResult};

/// By what exit surveys are gathered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SurveyReportType {
    /// By representative.
    Rep,
    /// By team.
    Team,
    /// By public site.
    Site,
    /// Anything else, sent as it is.
    Other(String),
}

impl SurveyReportType {
    /// The value on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            SurveyReportType::Rep => "rep",
            SurveyReportType::Team => "team",
            SurveyReportType::Site => "site",
            SurveyReportType::Other(other) => other,
        }
    }
}

/// Whose exit surveys a span of time is searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SurveyOf {
    /// All representatives, teams or sites.
    All,
    /// The representative, team or site with this number.
    Id(u64),
}

/// Which exit surveys a report shall contain: exactly one way of choosing.
///
/// ```
/// use bomgar_api::{Call, Spelling};
/// use bomgar_api::reporting::{SupportRepExitSurvey, SurveyReportType, SurveySelection};
///
/// let one = SurveySelection::Lsid("0123456789abcdef0123456789abcdef".into());
/// let request = SupportRepExitSurvey::new(SurveyReportType::Rep, one)
///     .encode("https://support.example.com", Spelling::Plain)?;
/// assert!(request.body().ends_with(b"&lsid=0123456789abcdef0123456789abcdef&report_type=rep"));
/// # Ok::<(), bomgar_api::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SurveySelection {
    /// Those of the session with this `lsid`.
    Lsid(String),
    /// Those of the sessions with these `lsid`s.
    Lsids(Vec<String>),
    /// Those of the sessions in a span of time.
    Window {
        /// The span of time.
        window: TimeWindow,
        /// Whose.
        of: SurveyOf,
    },
}

impl SurveySelection {
    /// The surveys of all in a span of time.
    pub fn all_in(window: TimeWindow) -> Self {
        SurveySelection::Window {
            window,
            of: SurveyOf::All,
        }
    }

    fn append_to(&self, fields: &mut Fields, report_type: &SurveyReportType) -> Result<()> {
        let (sessions, of) = match self {
            SurveySelection::Lsid(lsid) => (SessionSelection::Lsid(lsid.clone()), None),
            SurveySelection::Lsids(lsids) => (SessionSelection::Lsids(lsids.clone()), None),
            SurveySelection::Window { window, of } => (SessionSelection::Window(*window), Some(of)),
        };
        sessions.append_to(fields)?;
        if report_type.as_str().trim().is_empty() {
            return Err(Error::invalid_request("report_type is empty"));
        }
        fields.push(("report_type".into(), report_type.as_str().to_owned()));
        match of {
            Some(SurveyOf::All) => fields.push(("id".into(), "all".into())),
            Some(SurveyOf::Id(id)) => fields.push(("id".into(), id.to_string())),
            None => {}
        }
        Ok(())
    }

    fn session(&self) -> Option<&str> {
        match self {
            SurveySelection::Lsid(lsid) => Some(lsid),
            _ => None,
        }
    }
}

// Both reports have the same parameters and the same document.
macro_rules! survey_report {
    ($(#[$docs:meta])* $name:ident) => {
        $(#[$docs])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[must_use]
        pub struct $name {
            report_type: SurveyReportType,
            selection: SurveySelection,
        }

        impl $name {
            /// Asks for these surveys.
            pub fn new(report_type: SurveyReportType, selection: SurveySelection) -> Self {
                $name {
                    report_type,
                    selection,
                }
            }
        }

        impl Call for $name {
            type Reply = ReportList<ExitSurvey>;

            fn operation(&self) -> &str {
                stringify!($name)
            }

            fn endpoint(&self) -> Endpoint {
                Endpoint::Reporting
            }

            fn is_read(&self) -> bool {
                true
            }

            fn fields(&self) -> Result<Fields> {
                let mut fields = Fields::new();
                self.selection.append_to(&mut fields, &self.report_type)?;
                Ok(fields)
            }

            fn no_data(&self) -> Option<Self::Reply> {
                Some(ReportList::default())
            }

            fn decode(&self, body: &[u8]) -> Result<Self::Reply> {
                read(self.operation(), body)
            }

            fn session(&self) -> Option<&str> {
                self.selection.session()
            }
        }
    };
}

survey_report! {
    /// Asks for the exit surveys that customers submitted.
    ///
    /// Needs "Allow Access to Support Session Reports and Recordings". A survey may come long
    /// after its session.
    ///
    /// ```
    /// use bomgar_api::{Call, Spelling};
    /// use bomgar_api::reporting::{
    ///     SupportCustExitSurvey, SurveyReportType, SurveySelection, TimeWindow,
    /// };
    ///
    /// let week = TimeWindow::EndDate { date: "2019-11-04".parse()?, days: 7 };
    /// let request =
    ///     SupportCustExitSurvey::new(SurveyReportType::Team, SurveySelection::all_in(week))
    ///         .encode("https://support.example.com", Spelling::Plain)?;
    /// assert_eq!(
    ///     request.body().as_ref(),
    ///     b"generate_report=SupportCustExitSurvey&end_date=2019-11-04&duration=7\
    ///       &report_type=team&id=all",
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    SupportCustExitSurvey
}

survey_report! {
    /// Asks for the exit surveys that representatives submitted.
    ///
    /// Needs "Allow Access to Support Session Reports and Recordings". A survey may come long
    /// after its session.
    SupportRepExitSurvey
}

/// One submitted exit survey.
///
/// `Debug` shows session and time, but no person and no answer.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ExitSurvey {
    /// The session it is about.
    pub lsid: String,
    /// When it was submitted.
    pub timestamp: Option<Timestamp>,
    /// Who submitted it.
    pub submitted_by: Option<Actor>,
    /// The representative the session is attributed to.
    pub primary_rep: Option<PersonRef>,
    /// The customer the session is about.
    pub primary_customer: Option<PersonRef>,
    /// The representatives who took part in the session.
    pub representatives: Vec<Representative>,
    /// The questions with their answers.
    pub questions: Vec<SurveyQuestion>,
    /// Attributes and elements this crate does not know or could not read, as sent.
    pub unknown: Vec<RawElement>,
}

/// A question of an exit survey, with its answers.
///
/// `Debug` shows the question, but no answer.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SurveyQuestion {
    /// The question's number.
    pub id: Option<String>,
    /// The kind of question, as sent.
    pub question_type: Option<String>,
    /// The name by which programs know it, such as `rating` or `comments`.
    pub name: Option<String>,
    /// The question as it was asked.
    pub label: Option<String>,
    /// The question's heading in reports.
    pub report_header: Option<String>,
    /// The answers, as sent; see [`clean_answers`](SurveyQuestion::clean_answers). Empty when the
    /// question was not answered.
    pub answers: Vec<String>,
    /// Attributes and elements this crate does not know, as sent.
    pub unknown: Vec<RawElement>,
}

impl SurveyQuestion {
    /// The answers for people to read. Appliances write line breaks as the two characters `\n`;
    /// here they are line breaks, and there is no white space around an answer. Answers that
    /// are then empty are left out.
    pub fn clean_answers(&self) -> Vec<String> {
        let clean = self
            .answers
            .iter()
            .map(|answer| answer.replace("\\r\\n", "\n").replace("\\n", "\n"));
        clean
            .map(|answer| answer.trim().to_owned())
            .filter(|answer| !answer.is_empty())
            .collect()
    }
}

impl ExitSurvey {
    /// The first question with this name.
    pub fn question(&self, name: &str) -> Option<&SurveyQuestion> {
        self.questions
            .iter()
            .find(|question| question.name.as_deref() == Some(name))
    }
}

impl fmt::Debug for ExitSurvey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExitSurvey")
            .field("lsid", &self.lsid)
            .field("timestamp", &self.timestamp)
            .field("questions", &self.questions)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for SurveyQuestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SurveyQuestion")
            .field("id", &self.id)
            .field("question_type", &self.question_type)
            .field("name", &self.name)
            .field("answers", &self.answers.len())
            .finish_non_exhaustive()
    }
}

/// Reads the answer to a [`SupportCustExitSurvey`] or [`SupportRepExitSurvey`] request.
///
/// ```
/// use bomgar_api::reporting::parse_exit_surveys;
///
/// let list = parse_exit_surveys(br#"<exit_survey_list>
///   <exit_survey lsid="0123456789abcdef0123456789abcdef" ts="1572955900">
///     <question_list><question id="2"><name>comments</name>
///       <answer_list><answer>Very helpful!\nThank you.</answer></answer_list>
///     </question></question_list>
///   </exit_survey>
/// </exit_survey_list>"#)?;
/// let comments = list.items[0].question("comments").ok_or("no comments")?;
/// assert_eq!(comments.clean_answers(), ["Very helpful!\nThank you."]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// As [`parse_session_list`](super::parse_session_list).
pub fn parse_exit_surveys(body: &[u8]) -> Result<ReportList<ExitSurvey>> {
    read("exit survey report", body)
}

fn read(operation: &str, body: &[u8]) -> Result<ReportList<ExitSurvey>> {
    read_list(
        operation,
        Some("exit_survey_list"),
        body,
        |list, cursor, element| {
            if element.name() == "exit_survey" && element.attr_text("lsid").is_some() {
                list.items.push(survey(cursor, element)?);
            } else {
                list.unknown.push(cursor.raw(element)?);
            }
            Ok(())
        },
    )
}

fn survey(cursor: &mut Cursor<'_>, element: &Element<'_>) -> XmlResult<ExitSurvey> {
    let mut representatives = Vec::new();
    let mut raw = element.to_raw("");
    let mut unknown = Vec::new();
    cursor.children(element, |cursor, el| {
        if el.name() == "rep_list" {
            return cursor.children(&el, |cursor, el| {
                match el.name() {
                    "representative" => representatives.push(representative(cursor, &el)?),
                    _ => unknown.push(cursor.raw(&el)?),
                }
                Ok(())
            });
        }
        raw.children.push(cursor.raw(&el)?);
        Ok(())
    })?;
    let mut parts = Parts::new(raw);
    let mut survey = ExitSurvey {
        lsid: parts.attr("lsid").unwrap_or_default(),
        timestamp: parts.time_attr(),
        submitted_by: parts.actor("submitted_by"),
        primary_rep: parts.person("primary_rep"),
        primary_customer: parts.person("primary_customer"),
        representatives,
        questions: parts
            .list("question_list", "question")
            .into_iter()
            .map(question)
            .collect(),
        unknown: parts.into_unknown(),
    };
    survey.unknown.extend(unknown);
    Ok(survey)
}

fn question(element: RawElement) -> SurveyQuestion {
    let mut parts = Parts::new(element);
    let answers = parts.list("answer_list", "answer");
    SurveyQuestion {
        id: parts.attr("id"),
        question_type: parts.text("type"),
        name: parts.text("name"),
        label: parts.text("label"),
        report_header: parts.text("report_header"),
        answers: answers
            .into_iter()
            .map(|answer| {
                let mut answer = Parts::new(answer);
                let text = answer.own_text();
                parts.leave_rest_of(answer);
                text
            })
            .collect(),
        unknown: parts.into_unknown(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use crate::reporting::ActorKind;
    use crate::reporting::list::document_rules;

    const A: &str = "0123456789abcdef0123456789abcdef";
    const B: &str = "fedcba9876543210fedcba9876543210";

    const DOCUMENT: &str = r#"<exit_survey_list xmlns="http://www.bomgar.com/namespaces/API/reporting">
	<exit_survey lsid="0123456789abcdef0123456789abcdef" ts="1572955900" mood="fine">
		<question_list>
			<question id="2">
				<answer_list>
					<answer>Very helpful!\nThank you.\n</answer>
					<answer scale="5"> \n</answer>
				</answer_list>
				<report_header>Comments</report_header>
				<name>comments</name>
				<label>Anything else?</label>
				<type>textarea</type>
				<order>2</order>
			</question>
			<question id="1"><name>rating</name><answer_list/></question>
			<question id="3"><name>again</name></question>
			<hint>none</hint>
		</question_list>
		<primary_customer gsnumber="1">Ann Archer</primary_customer>
		<primary_rep gsnumber="2" badge="gold">Jane Doe</primary_rep>
		<submitted_by type="rep" gsnumber="2">Jane Doe</submitted_by>
		<rep_list>
			<representative gsnumber="2" id="9">
				<username>jdoe</username>
				<seconds_involved>1700</seconds_involved>
			</representative>
			<robot/>
		</rep_list>
		<language>en</language>
	</exit_survey>
	<exit_survey timestamp="1572955901">
		<submitted_by type="customer"/>
	</exit_survey>
	<exit_survey timestamp="1572955902" lsid="fedcba9876543210fedcba9876543210">
		<submitted_by type="customer" gsnumber="1">Ann</submitted_by>
	</exit_survey>
</exit_survey_list>"#;

    #[test]
    fn reads_who_answered_what() {
        let list = parse_exit_surveys(DOCUMENT.as_bytes()).unwrap();
        let [first, second] = list.items.as_slice() else {
            panic!("{list:?}");
        };
        assert_eq!(first.lsid, A);
        assert_eq!(first.timestamp, Timestamp::from_second(1_572_955_900).ok());
        assert_eq!(
            first.submitted_by,
            Some(Actor::new(ActorKind::Representative, "2", "Jane Doe"))
        );
        assert_eq!(first.primary_rep, Some(PersonRef::new("2", "Jane Doe")));
        assert_eq!(
            first.primary_customer,
            Some(PersonRef::new("1", "Ann Archer"))
        );
        assert_eq!(first.representatives[0].username, "jdoe");
        assert_eq!(first.representatives[0].id.as_deref(), Some("9"));
        let comments = first.question("comments").unwrap();
        assert_eq!(comments.id.as_deref(), Some("2"));
        assert_eq!(comments.question_type.as_deref(), Some("textarea"));
        assert_eq!(comments.label.as_deref(), Some("Anything else?"));
        assert_eq!(comments.report_header.as_deref(), Some("Comments"));
        assert_eq!(comments.answers, [r"Very helpful!\nThank you.\n", r"\n"]);
        assert_eq!(comments.clean_answers(), ["Very helpful!\nThank you."]);
        assert!(first.question("rating").unwrap().answers.is_empty());
        assert!(first.question("again").unwrap().answers.is_empty());

        assert_eq!(second.lsid, B);
        assert_eq!(second.timestamp, Timestamp::from_second(1_572_955_902).ok());
        assert_eq!(
            second.submitted_by,
            Some(Actor::new(ActorKind::Customer, "1", "Ann"))
        );
        assert!(second.unknown.is_empty());
    }

    #[test]
    fn keeps_what_it_does_not_know() {
        let list = parse_exit_surveys(DOCUMENT.as_bytes()).unwrap();
        // A survey without session belongs to nothing.
        assert_eq!(list.unknown[0].attribute("timestamp"), Some("1572955901"));
        let survey = &list.items[0];
        let named = |name: &str| survey.unknown.iter().find(|e| e.name == name).unwrap();
        assert_eq!(named("exit_survey").attribute("mood"), Some("fine"));
        assert_eq!(named("exit_survey").attribute("lsid"), None);
        assert_eq!(named("primary_rep").attribute("badge"), Some("gold"));
        assert_eq!(named("language").text, "en");
        assert_eq!(named("question_list").child("hint").unwrap().text, "none");
        named("robot");
        assert_eq!(survey.unknown.len(), 5);
        let comments = &survey.questions[0].unknown;
        assert_eq!(comments[0].name, "order");
        assert_eq!(comments[1].attribute("scale"), Some("5"));
    }

    #[test]
    fn follows_the_rules_of_all_lists() {
        document_rules(
            "exit_survey_list",
            &format!(
                "<exit_survey lsid='{A}' ts='1572955900'><submitted_by type='customer'>A\
                 </submitted_by><rep_list><representative gsnumber='2'/></rep_list><question_list>\
                 <question id='1'><answer_list><answer>5</answer></answer_list></question>\
                 </question_list></exit_survey>"
            ),
            parse_exit_surveys,
        );
    }

    #[test]
    fn answers_stay_out_of_logs() {
        let list = parse_exit_surveys(DOCUMENT.as_bytes()).unwrap();
        let debug = format!("{list:?}");
        assert!(debug.contains(A) && debug.contains("comments"));
        assert!(
            !debug.contains("helpful") && !debug.contains("Jane"),
            "{debug}"
        );
    }

    #[test]
    fn windows_need_to_say_whose_and_sessions_do_not() {
        let window = TimeWindow::StartDate {
            date: jiff::civil::date(2019, 11, 5),
            days: 1,
        };
        let names = |selection| {
            let request = SupportRepExitSurvey::new(SurveyReportType::Rep, selection);
            let fields = request.fields().unwrap();
            fields
                .into_iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect::<Vec<_>>()
                .join("&")
        };
        let of = SurveyOf::Id(9);
        assert_eq!(
            names(SurveySelection::Window { window, of }),
            "start_date=2019-11-05&duration=1&report_type=rep&id=9"
        );
        assert_eq!(
            names(SurveySelection::all_in(window)),
            "start_date=2019-11-05&duration=1&report_type=rep&id=all"
        );
        assert_eq!(
            names(SurveySelection::Lsid(A.into())),
            format!("lsid={A}&report_type=rep")
        );
        assert_eq!(
            names(SurveySelection::Lsids(vec![A.into(), B.into()])),
            format!("lsids={A},{B}&report_type=rep")
        );
        for (report_type, lsid) in [("queue", "x"), ("", A)] {
            let request = SupportCustExitSurvey::new(
                SurveyReportType::Other(report_type.into()),
                SurveySelection::Lsid(lsid.into()),
            );
            assert_eq!(request.operation(), "SupportCustExitSurvey");
            assert_eq!(
                request.fields().unwrap_err().kind(),
                ErrorKind::InvalidRequest
            );
        }
    }
}
