//! A method for each action of the Command API.

use super::Client;
use crate::command::{
    ApiInfo, Appliances, CheckHealth, ConnectedClientList, ConnectedClients, CreateVirtualCustomer,
    CustomAttributes, GenerateSessionKey, GetApiInfo, GetAppliances, GetConnectedClientList,
    GetConnectedClients, GetLoggedInReps, GetSessionAttributes, GetSupportTeams, Health,
    ImportJumpShortcut, JoinSession, LeaveSession, LoggedInReps, LogoutRep, RawCommand,
    SendChatMessage, SessionKey, SetFailoverRole, SetRepStatus, SetSessionAttributes, SupportTeams,
    TerminateSession, TransferSession, VirtualCustomer,
};
use crate::error::Result;
use crate::reporting::RawElement;

impl Client {
    /// Version of the API and permissions of the account. Every API account may ask this.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call).
    pub async fn api_info(&self) -> Result<ApiInfo> {
        self.call(&GetApiInfo).await
    }

    /// The appliance's state.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call).
    pub async fn check_health(&self) -> Result<Health> {
        self.call(&CheckHealth).await
    }

    /// Changes the appliance's role in its failover pair, and gives the appliance's message.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call). After an unclear failure ask [`check_health`](Self::check_health)
    /// for the role.
    pub async fn set_failover_role(&self, request: &SetFailoverRole) -> Result<String> {
        self.call(request).await
    }

    /// The appliances that make up the site.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call).
    pub async fn appliances(&self) -> Result<Appliances> {
        self.call(&GetAppliances).await
    }

    /// Which clients are connected, and how many of each type.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call).
    pub async fn connected_client_list(
        &self,
        request: &GetConnectedClientList,
    ) -> Result<ConnectedClientList> {
        self.call(request).await
    }

    /// Details of connected clients.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call).
    pub async fn connected_clients(
        &self,
        request: &GetConnectedClients,
    ) -> Result<ConnectedClients> {
        self.call(request).await
    }

    /// The representatives who are logged in.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call).
    pub async fn logged_in_reps(&self) -> Result<LoggedInReps> {
        self.call(&GetLoggedInReps).await
    }

    /// Sets the status of a representative, and gives the appliance's message.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call).
    pub async fn set_rep_status(&self, request: &SetRepStatus) -> Result<String> {
        self.call(request).await
    }

    /// Logs a representative out, and gives the appliance's message.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call).
    pub async fn logout_rep(&self, request: &LogoutRep) -> Result<String> {
        self.call(request).await
    }

    /// The teams with their issues, and with their members if asked for.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call).
    pub async fn support_teams(&self, request: &GetSupportTeams) -> Result<SupportTeams> {
        self.call(request).await
    }

    /// Makes a session key.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call). After an unclear failure the appliance may have made a key that
    /// nobody knows; it ends by itself.
    pub async fn generate_session_key(&self, request: &GenerateSessionKey) -> Result<SessionKey> {
        self.call(request).await
    }

    /// Starts a session for a customer who only chats, through another program.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call). After an unclear failure the session may have started.
    pub async fn create_virtual_customer(
        &self,
        request: &CreateVirtualCustomer,
    ) -> Result<VirtualCustomer> {
        self.call(request).await
    }

    /// Adds a representative to a session, and gives the appliance's message.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call). [`ErrorKind::Api`](crate::ErrorKind::Api) also when the session is
    /// not active or the representative not logged in.
    pub async fn join_session(&self, request: &JoinSession) -> Result<String> {
        self.call(request).await
    }

    /// Takes a representative out of a session, and gives the appliance's message.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call). [`ErrorKind::Api`](crate::ErrorKind::Api) also when the session is
    /// not active or the representative not in it.
    pub async fn leave_session(&self, request: &LeaveSession) -> Result<String> {
        self.call(request).await
    }

    /// Transfers a session to another queue, and gives the appliance's message.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call). [`ErrorKind::Api`](crate::ErrorKind::Api) also when the session is
    /// not active any more.
    pub async fn transfer_session(&self, request: &TransferSession) -> Result<String> {
        self.call(request).await
    }

    /// Ends a session, and gives the appliance's message.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call). [`ErrorKind::Api`](crate::ErrorKind::Api) also when the session is
    /// not active any more, so after an unclear failure it means that the session ended.
    pub async fn terminate_session(&self, request: &TerminateSession) -> Result<String> {
        self.call(request).await
    }

    /// Writes into the chat of a session or a team, and gives the appliance's message.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call). After an unclear failure the message may have been written.
    pub async fn send_chat_message(&self, request: &SendChatMessage) -> Result<String> {
        self.call(request).await
    }

    /// A running session's external key and custom attributes.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call). [`ErrorKind::Api`](crate::ErrorKind::Api) also when the session is
    /// not active any more.
    pub async fn session_attributes(
        &self,
        request: &GetSessionAttributes,
    ) -> Result<CustomAttributes> {
        self.call(request).await
    }

    /// Sets attributes of a running session, and gives the appliance's message.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call). [`ErrorKind::Api`](crate::ErrorKind::Api) also when the session is
    /// not active any more.
    pub async fn set_session_attributes(&self, request: &SetSessionAttributes) -> Result<String> {
        self.call(request).await
    }

    /// Makes a Jump shortcut, and gives the appliance's message.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call). After an unclear failure the shortcut may have been made.
    pub async fn import_jump_shortcut(&self, request: &ImportJumpShortcut) -> Result<String> {
        self.call(request).await
    }

    /// Calls an action that this crate does not know, and gives the root of the answer with all
    /// that is in it.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call).
    pub async fn call_raw(&self, request: &RawCommand) -> Result<RawElement> {
        self.call(request).await
    }
}
