//! Reading a tenant's metadata from the service.

use crate::error::{Error, ErrorKind, Result};
use crate::tenant::{Field, Tenant, Value};
use autotask_soap::metadata::FieldDescription;
use autotask_soap::{Client, Metadata};

/// A tenant's metadata, and what the caller should know about it.
#[derive(Clone, Debug)]
pub struct Live {
    /// The metadata.
    pub tenant: Tenant,
    /// One sentence each: empty picklists, numbered names.
    pub notes: Vec<String>,
}

/// Reads the user-defined fields and picklists of these entities, by their wire names.
///
/// Two calls for each entity, and one for the list of entities.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sim = autotask_sim::AutotaskSim::start().await?;
/// # let client = autotask_soap::Client::builder(sim.username(), sim.password(), sim.integration_code())
/// #     .endpoint(sim.lookup_endpoint())
/// #     .build()?;
/// let live = autotask_codegen::live::read(&client, &["TicketNote".into()]).await?;
/// let files = autotask_codegen::emit::tenant(&live.tenant, &Default::default())?;
/// assert!(files.contains_key(std::path::Path::new("ticket_note.rs")));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`ErrorKind::Live`] if an entity does not exist or a call fails; the source is the client's error.
pub async fn read(client: &Client, entities: &[String]) -> Result<Live> {
    let metadata = Metadata::new(client.clone());
    let mut live = Live {
        tenant: Tenant::default(),
        notes: Vec::new(),
    };
    for name in entities {
        let failed = |source| {
            Error::new(ErrorKind::Live, format!("cannot read {name} of the tenant")).because(source)
        };
        // The name as the server spells it.
        let entity = metadata.entity(name).await.map_err(failed)?.name;
        let fields = metadata.fields(&entity).await.map_err(failed)?;
        let own: Vec<Field> = fields.fields.iter().map(field).collect();
        let user_defined: Vec<Field> = fields.user_defined.iter().map(field).collect();
        live.notes
            .extend(live.tenant.add(&entity, &own, &user_defined));
    }
    Ok(live)
}

fn field(description: &FieldDescription) -> Field {
    Field {
        name: description.name.clone(),
        type_name: description.type_name.clone(),
        picklist: description.picklist,
        parent: description.picklist_parent.clone(),
        values: description
            .picklist_values
            .iter()
            .map(|value| Value {
                value: value.value.clone(),
                label: value.label.clone(),
                active: value.is_active,
                parent: value.parent_value.clone(),
            })
            .collect(),
    }
}
