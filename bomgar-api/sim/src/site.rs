//! The appliance's settings beside sessions: accounts, permissions, people, teams, health,
//! failover, connected clients, jump shortcuts.

use crate::accounts::{ApiAccount, LegacyUser};
use crate::clients::ConnectedClient;
use crate::cluster::{ApplianceSpec, Failover, FailoverRole};
use crate::error::SimError;
use crate::jump::JumpShortcut;
use crate::people::{Representative, Team};
use crate::sim::BomgarSim;
use crate::state::{Access, ErrorForm, PublicSite, TeamMessage};

impl BomgarSim {
    fn with_account<T>(
        &self,
        client_id: &str,
        change: impl FnOnce(&mut ApiAccount) -> T,
    ) -> Result<T, SimError> {
        self.inner
            .state()
            .accounts
            .iter_mut()
            .find(|account| account.id == client_id)
            .map(change)
            .ok_or_else(|| SimError::UnknownAccount(client_id.to_owned()))
    }

    /// Adds an API account; one with the same client id is replaced together with its tokens.
    pub fn add_account(&self, account: ApiAccount) {
        let accounts = &mut self.inner.state().accounts;
        match accounts.iter_mut().find(|known| known.id == account.id) {
            Some(known) => *known = account,
            None => accounts.push(account),
        }
    }

    /// Adds a user who may call with username and password; one of the same name is replaced.
    pub fn add_user(&self, user: LegacyUser) {
        let users = &mut self.inner.state().users;
        users.retain(|known| known.username != user.username);
        users.push(user);
    }

    /// Makes all tokens of all accounts invalid.
    pub fn expire_tokens(&self) {
        for account in &mut self.inner.state().accounts {
            account.tokens.clear();
        }
    }

    /// How many tokens are kept for the first account; never more than 30.
    pub fn token_count(&self) -> usize {
        let state = self.inner.state();
        state
            .accounts
            .first()
            .map_or(0, |account| account.tokens.len())
    }

    /// How many tokens are kept for an account; never more than 30.
    ///
    /// # Errors
    ///
    /// If there is no such account.
    pub fn token_count_of(&self, client_id: &str) -> Result<usize, SimError> {
        self.with_account(client_id, |account| account.tokens.len())
    }

    /// Gives the first API account a new secret, which kills all its tokens, and returns the
    /// secret.
    pub fn regenerate_secret(&self) -> String {
        self.inner
            .state()
            .accounts
            .first_mut()
            .map(ApiAccount::regenerate_secret)
            .unwrap_or_default()
    }

    /// Gives an API account a new secret, which kills all its tokens, and returns the secret.
    ///
    /// # Errors
    ///
    /// If there is no such account.
    pub fn regenerate_secret_of(&self, client_id: &str) -> Result<String, SimError> {
        self.with_account(client_id, ApiAccount::regenerate_secret)
    }

    /// Sets a permission of the first API account, for example `perm_command` to `read_only` or
    /// `deny`, or `perm_reporting_support` to `0`.
    pub fn set_permission(&self, name: impl Into<String>, value: impl Into<String>) {
        if let Some(account) = self.inner.state().accounts.first_mut() {
            account.permissions.insert(name.into(), value.into());
        }
    }

    /// Sets a permission of an API account.
    ///
    /// # Errors
    ///
    /// If there is no such account.
    pub fn set_permission_of(
        &self,
        client_id: &str,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<(), SimError> {
        self.with_account(client_id, |account| {
            account.permissions.insert(name.into(), value.into());
        })
    }

    /// The access that an action of the Command API needs, instead of what the vendor's pages
    /// say. The pages ask only read-only access for `send_chat_message`,
    /// `create_virtual_customer` and `set_rep_status`, which change something.
    pub fn set_required_access(&self, action: impl Into<String>, access: Access) {
        let mut state = self.inner.state();
        state.required_access.insert(action.into(), access);
    }

    /// Switches "Enable XML API". While it is off, the Command and the Reporting API answer every
    /// call with HTTP 200 and an XML error (the simulator's own choice), and console scripts are
    /// refused with HTTP 403. Tokens are still given out.
    pub fn set_api_enabled(&self, enabled: bool) {
        self.inner.state().api_enabled = enabled;
    }

    /// How errors are written from now on.
    pub fn set_error_form(&self, form: ErrorForm) {
        self.inner.state().error_form = form;
    }

    /// Whether the health checks are good.
    pub fn set_healthy(&self, healthy: bool) {
        self.inner.state().health_problem =
            (!healthy).then(|| "The simulated appliance was set to be unhealthy.".to_owned());
    }

    /// Makes the health checks bad, with this text as `error_message`.
    pub fn set_health_problem(&self, error_message: impl Into<String>) {
        self.inner.state().health_problem = Some(error_message.into());
    }

    /// Makes the appliance one half of a failover pair, or with `None` no longer.
    pub fn set_failover(&self, failover: impl Into<Option<Failover>>) {
        self.inner.state().cluster.failover = failover.into();
    }

    /// The appliance's part in its failover pair, if there is one.
    pub fn failover_role(&self) -> Option<FailoverRole> {
        let state = self.inner.state();
        state.cluster.failover.as_ref().map(|pair| pair.role)
    }

    /// Ends the data sync that `set_failover_role` started. If it succeeded, the roles change.
    ///
    /// # Errors
    ///
    /// If there is no failover pair or no data sync is running.
    pub fn finish_data_sync(&self, succeeded: bool) -> Result<(), SimError> {
        let mut state = self.inner.state();
        let pair = state.cluster.failover.as_mut();
        pair.ok_or_else(|| SimError::Failover("there is no failover pair".to_owned()))?
            .finish_sync(succeeded)
    }

    /// Adds another node of the cluster to what `get_appliances` lists.
    pub fn add_appliance(&self, appliance: ApplianceSpec) {
        self.inner.state().cluster.others.push(appliance);
    }

    /// Logs a representative in; one with the same account number is replaced.
    pub fn log_in(&self, rep: Representative) {
        self.inner.state().staff.log_in(rep);
    }

    /// Logs a representative out, who so leaves all sessions.
    ///
    /// # Errors
    ///
    /// If no such representative is logged in.
    pub fn log_out(&self, rep_id: u32) -> Result<(), SimError> {
        if self.inner.state().log_out(rep_id) {
            Ok(())
        } else {
            Err(SimError::NotLoggedIn(rep_id))
        }
    }

    /// Logs all representatives out, without a change in their sessions. Their accounts and so
    /// their queues stay.
    pub fn log_out_all(&self) {
        self.inner.state().staff.present.clear();
    }

    /// Account numbers of the representatives who are logged in.
    pub fn logged_in(&self) -> Vec<u32> {
        let state = self.inner.state();
        state.logged_in().map(|known| known.rep.id).collect()
    }

    /// The status code of a representative who is logged in: what `set_rep_status` set, at first
    /// `available`.
    ///
    /// # Errors
    ///
    /// If no such representative is logged in.
    pub fn rep_status(&self, rep_id: u32) -> Result<String, SimError> {
        let state = self.inner.state();
        let known = state.staff.by_id(&rep_id.to_string());
        known
            .map(|known| known.status.clone())
            .ok_or(SimError::NotLoggedIn(rep_id))
    }

    /// The status codes that `set_rep_status` takes; the first is what representatives log in
    /// with. By default `available`, `busy`, `away`.
    pub fn set_rep_statuses<S: Into<String>>(&self, codes: impl IntoIterator<Item = S>) {
        self.inner.state().staff.statuses = codes.into_iter().map(Into::into).collect();
    }

    /// Adds a support team; one with the same id is replaced.
    pub fn add_team(&self, team: Team) {
        let teams = &mut self.inner.state().teams;
        let same = |known: &&mut Team| known.id == team.id && known.embassy == team.embassy;
        match teams.iter_mut().find(same) {
            Some(known) => *known = team,
            None => teams.push(team),
        }
    }

    /// Adds a public site with a host name of its own. A session that a customer starts at this
    /// host belongs to the site, wherever its session key was made for.
    pub fn add_public_site(&self, id: u32, name: impl Into<String>, host: impl Into<String>) {
        self.inner.state().public_sites.push(PublicSite {
            id,
            name: name.into(),
            host: host.into(),
        });
    }

    /// All messages that `send_chat_message` put into teams' chats, oldest first.
    pub fn team_messages(&self) -> Vec<TeamMessage> {
        self.inner.state().team_messages.clone()
    }

    /// Adds a connected client: a Jumpoint or an attendee of a presentation.
    pub fn add_client(&self, client: ConnectedClient) {
        self.inner.state().clients.push(client);
    }

    /// How many Jump Clients are connected; only their number can be asked for.
    pub fn set_pinned_clients(&self, count: u32) {
        self.inner.state().pinned_clients = count;
    }

    /// The code names of the Jump Groups that exist. Before this, every code name does.
    pub fn set_jump_groups<S: Into<String>>(&self, code_names: impl IntoIterator<Item = S>) {
        self.inner.state().jump.groups = Some(code_names.into_iter().map(Into::into).collect());
    }

    /// The code names of the Jumpoints that exist. Before this, every code name does.
    pub fn set_jumpoints<S: Into<String>>(&self, code_names: impl IntoIterator<Item = S>) {
        self.inner.state().jump.jumpoints = Some(code_names.into_iter().map(Into::into).collect());
    }

    /// The jump shortcuts imported so far.
    pub fn jump_shortcuts(&self) -> Vec<JumpShortcut> {
        self.inner.state().jump.shortcuts.clone()
    }
}
