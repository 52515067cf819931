//! Names of units, which are unique within their parent.

use identity::organization::{Child, ChildKind, Organization, OrganizationalUnit};
use pipeline::{Failure, Lookup};

use crate::{errors, node};

/// Fails if a unit in `parent` has this name.
pub(crate) async fn check_name(
    look: &Lookup<'_>,
    organization: &Organization,
    parent: &str,
    name: &str,
) -> Result<(), Failure> {
    let id = &organization.id;
    let prefix = Child::prefix_of_kind(id, parent, ChildKind::Unit);
    for child in node::all::<Child>(look, &prefix).await? {
        let key = OrganizationalUnit::key_of(id, &child.id);
        let unit = look.get::<OrganizationalUnit>(&key).await?;
        if unit.is_some_and(|unit| unit.name == name) {
            return Err(errors::unit_exists());
        }
    }
    Ok(())
}
