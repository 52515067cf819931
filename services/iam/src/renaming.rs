//! Moving the attachments of a user or group when its name changes.

use identity::Attachment;
use pipeline::{Operation, Permitted};
use storage::Record;

use crate::attachment::{Holder, Use, row};

/// Lists `renamed`, which was `former`, under its new name at every policy that it has.
pub(crate) fn attachments<O: Operation, H: Holder>(
    call: &Permitted<'_, O>,
    former: &H,
    renamed: &H,
    boundary: Option<&String>,
) {
    let permissions = former
        .attached()
        .iter()
        .map(|policy| (policy, Use::Permissions));
    let bounds = boundary.map(|policy| (policy, Use::Boundary));
    for (policy, usage) in permissions.chain(bounds) {
        call.delete::<Attachment>(&row(former, policy, usage).key());
        call.put(row(renamed, policy, usage));
    }
}
