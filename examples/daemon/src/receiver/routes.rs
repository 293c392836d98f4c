//! Which configuration an event belongs to.

use crate::config::{Configuration, routing_key};
use bomgar_api::event::{ApplianceId, EventKind};
use std::collections::HashMap;

/// The configurations by appliance id. Upper and lower case do not count.
#[derive(Clone, Debug, Default)]
pub struct Routes {
    routes: HashMap<ApplianceId, Route>,
}

/// One of them.
#[derive(Clone, Debug)]
pub(super) struct Route {
    key: String,
    disabled: bool,
    selected: Vec<EventKind>,
}

impl Routes {
    /// The routes of these configurations. Of several with the same id the enabled one counts; if
    /// none is, an event is held that any of them selects.
    pub fn new<'a>(configurations: impl IntoIterator<Item = &'a Configuration>) -> Self {
        let mut routes: HashMap<ApplianceId, Route> = HashMap::new();
        for configuration in configurations {
            let new = Route {
                key: routing_key(&configuration.appliance_id),
                disabled: configuration.disabled,
                selected: configuration.outbound_event_types.clone(),
            };
            match routes.get_mut(&configuration.appliance_id) {
                Some(known) if new.disabled && !known.disabled => {}
                Some(known) if new.disabled => known.selected.extend(new.selected),
                _ => {
                    routes.insert(configuration.appliance_id.clone(), new);
                }
            }
        }
        Routes { routes }
    }

    pub(super) fn get(&self, id: &ApplianceId) -> Option<&Route> {
        self.routes.get(id)
    }
}

impl Route {
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    pub(super) fn is_disabled(&self) -> bool {
        self.disabled
    }

    pub(super) fn selects(&self, kind: &EventKind) -> bool {
        self.selected.contains(kind)
    }
}
