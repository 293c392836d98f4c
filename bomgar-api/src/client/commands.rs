//! A method for each action of the Command API.

use super::Client;
use crate::command::{
    ApiInfo, CheckHealth, GenerateSessionKey, GetApiInfo, Health, SessionKey, SetSessionAttributes,
};
use crate::error::Result;

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

    /// Makes a session key.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call). After an unclear failure the appliance may have made a key that
    /// nobody knows; it ends by itself.
    pub async fn generate_session_key(&self, request: &GenerateSessionKey) -> Result<SessionKey> {
        self.call(request).await
    }

    /// Sets attributes of a running session, and gives the appliance's message.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call). [`ErrorKind::Api`] also when the session is not active any more.
    pub async fn set_session_attributes(&self, request: &SetSessionAttributes) -> Result<String> {
        self.call(request).await
    }
}
