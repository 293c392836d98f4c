//! The look-ups.

use super::Lookup;
use crate::client::Client;
use crate::entity::Entity;
use crate::error::{Error, ErrorKind, Result};
use crate::query::{Filter, Query};
use crate::v1_6::{Account, Contact, Resource, Role, Ticket};

/// Most records that one look-up takes; more sharing a name is no look-up any more.
const MOST: usize = 5_000;

/// Which records a look-up regards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Among {
    /// Only active ones: those that new records may refer to.
    #[default]
    Active,
    /// Inactive ones too.
    All,
}

/// How a ticket is named: by its id, or by the number that people see.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TicketKey {
    /// The record's id.
    Id(i64),
    /// The number, such as `T20261124.0001`.
    Number(String),
}

impl TicketKey {
    /// Reads what a person or another system wrote: only digits are an id, everything else is a
    /// number.
    ///
    /// ```
    /// use autotask_soap::lookup::TicketKey;
    ///
    /// assert_eq!(TicketKey::parse(" 7734 "), TicketKey::Id(7734));
    /// let number = TicketKey::Number("T20261124.0001".into());
    /// assert_eq!(TicketKey::parse("T20261124.0001"), number);
    /// ```
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(id) if digits => Self::Id(id),
            _ => Self::Number(text.to_owned()),
        }
    }
}

impl From<i64> for TicketKey {
    fn from(id: i64) -> Self {
        Self::Id(id)
    }
}

impl Client {
    /// The resource with this e-mail address, as first, second or third.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Query`] if the address is blank, and whatever queries can fail with.
    pub async fn resource_by_email(&self, email: &str, among: Among) -> Result<Lookup<Resource>> {
        let email = filled(email, "the e-mail address")?;
        let any = Resource::EMAIL
            .eq(email)
            .or(Resource::EMAIL2.eq(email))
            .or(Resource::EMAIL3.eq(email));
        let active = active(among, Resource::ACTIVE.eq(true));
        let asked = format!("{}resource with the e-mail address '{email}'", among.word());
        self.look_up(asked, any, active, |resource: &Resource| {
            [&resource.email, &resource.email2, &resource.email3]
                .into_iter()
                .any(|have| same(have.as_deref(), email))
        })
        .await
    }

    /// The resource with this user name. Autotask keeps only the part before the `@` of a login, so
    /// a full login finds it too.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Query`] if the name is blank, and whatever queries can fail with.
    pub async fn resource_by_user_name(
        &self,
        user_name: &str,
        among: Among,
    ) -> Result<Lookup<Resource>> {
        let name = user_name.split('@').next().unwrap_or_default();
        let name = filled(name, "the user name")?;
        let active = active(among, Resource::ACTIVE.eq(true));
        let asked = format!("{}resource with the user name '{name}'", among.word());
        self.look_up(
            asked,
            Resource::USER_NAME.eq(name),
            active,
            |resource: &Resource| same(resource.user_name.as_deref(), name),
        )
        .await
    }

    /// The account with this name.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Query`] if the name is blank, and whatever queries can fail with.
    pub async fn account_by_name(&self, name: &str, among: Among) -> Result<Lookup<Account>> {
        let name = filled(name, "the account's name")?;
        let active = active(among, Account::ACTIVE.eq(true));
        let asked = format!("{}account named '{name}'", among.word());
        self.look_up(
            asked,
            Account::ACCOUNT_NAME.eq(name),
            active,
            |account: &Account| same(account.account_name.as_deref(), name),
        )
        .await
    }

    /// The account with this account number.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Query`] if the number is blank, and whatever queries can fail with.
    pub async fn account_by_number(&self, number: &str, among: Among) -> Result<Lookup<Account>> {
        let number = filled(number, "the account's number")?;
        let active = active(among, Account::ACTIVE.eq(true));
        let asked = format!("{}account with the number '{number}'", among.word());
        self.look_up(
            asked,
            Account::ACCOUNT_NUMBER.eq(number),
            active,
            |account: &Account| same(account.account_number.as_deref(), number),
        )
        .await
    }

    /// The contact with this e-mail address, as first, second or third; of this account only, if one
    /// is given.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Query`] if the address is blank, and whatever queries can fail with.
    pub async fn contact_by_email(
        &self,
        email: &str,
        account_id: Option<i64>,
        among: Among,
    ) -> Result<Lookup<Contact>> {
        let email = filled(email, "the e-mail address")?;
        let any = Contact::EMAIL_ADDRESS
            .eq(email)
            .or(Contact::EMAIL_ADDRESS2.eq(email))
            .or(Contact::EMAIL_ADDRESS3.eq(email));
        let of_account = account_id.map(|account| Contact::ACCOUNT_ID.eq(account));
        let active = active(among, Contact::ACTIVE.eq(1));
        let also = Filter::all(of_account.into_iter().chain([active]));
        let place = account_id.map_or_else(String::new, |id| format!(" at account {id}"));
        let asked = format!(
            "{}contact with the e-mail address '{email}'{place}",
            among.word()
        );
        self.look_up(asked, any, also, |contact: &Contact| {
            [
                &contact.email_address,
                &contact.email_address2,
                &contact.email_address3,
            ]
            .into_iter()
            .any(|have| same(have.as_deref(), email))
        })
        .await
    }

    /// The ticket with this id or number. Completed tickets are found too.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Query`] if the number is blank, and whatever queries can fail with.
    pub async fn find_ticket(&self, key: impl Into<TicketKey>) -> Result<Lookup<Ticket>> {
        match key.into() {
            TicketKey::Id(id) => {
                let found = self.get::<Ticket>(id).await?;
                let asked = format!("ticket with the id {id}");
                Ok(Lookup::new(asked, found.into_iter().collect()))
            }
            TicketKey::Number(number) => {
                let number = filled(&number, "the ticket's number")?;
                let asked = format!("ticket with the number '{number}'");
                self.look_up(
                    asked,
                    Ticket::TICKET_NUMBER.eq(number),
                    Filter::all([]),
                    |ticket: &Ticket| same(ticket.ticket_number.as_deref(), number),
                )
                .await
            }
        }
    }

    /// The role with this name.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Query`] if the name is blank, and whatever queries can fail with.
    pub async fn role_by_name(&self, name: &str, among: Among) -> Result<Lookup<Role>> {
        let name = filled(name, "the role's name")?;
        let active = active(among, Role::ACTIVE.eq(true));
        let asked = format!("{}role named '{name}'", among.word());
        self.look_up(asked, Role::NAME.eq(name), active, |role: &Role| {
            same(role.name.as_deref(), name)
        })
        .await
    }

    async fn look_up<E: Entity>(
        &self,
        asked: String,
        by: Filter<E>,
        also: Filter<E>,
        is_it: impl Fn(&E) -> bool,
    ) -> Result<Lookup<E>> {
        let mut records = self.query_all(Query::new(by).and(also), MOST).await?;
        records.retain(is_it);
        Ok(Lookup::new(asked, records))
    }
}

impl Among {
    fn word(self) -> &'static str {
        match self {
            Self::Active => "active ",
            Self::All => "",
        }
    }
}

fn active<E>(among: Among, condition: Filter<E>) -> Filter<E> {
    match among {
        Among::Active => condition,
        Among::All => Filter::all([]),
    }
}

fn filled<'a>(text: &'a str, what: &str) -> Result<&'a str> {
    match text.trim() {
        "" => Err(Error::new(
            ErrorKind::Query,
            format!("{what} to look for is blank"),
        )),
        text => Ok(text),
    }
}

/// Whether a field holds the text that was looked for. The server's database may have its own idea
/// of equal texts.
fn same(have: Option<&str>, wanted: &str) -> bool {
    have.is_some_and(|have| have.trim().to_lowercase() == wanted.to_lowercase())
}
