//! `iam:UpdateServerCertificate`: another name or path for a certificate. Its tests are those of
//! UploadServerCertificate.

use iam_api::shapes::UpdateServerCertificateRequest;
use iam_api::{operations, permission};
use identity::ServerCertificate;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use storage::Record;
use wire::Empty;

use crate::find::Named;

pub(crate) struct UpdateServerCertificate;

/// The certificate as it is, and as it shall be.
pub(crate) struct Change {
    former: Named<ServerCertificate>,
    wanted: Named<ServerCertificate>,
}

impl Operation for UpdateServerCertificate {
    type Api = operations::UpdateServerCertificate;
    type Target = Change;

    /// AWS: "the requester must have appropriate permissions on both the source object and the target object."
    async fn access(
        input: &UpdateServerCertificateRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let former = Named::<ServerCertificate>::find(look, &input.server_certificate_name).await?;
        let (path, name) = match former.record() {
            Some(found) => (found.path.as_str(), found.name.as_str()),
            None => ("/", input.server_certificate_name.as_str()),
        };
        let path = input.new_path.as_deref().unwrap_or(path);
        let name = input.new_server_certificate_name.as_deref().unwrap_or(name);
        let wanted = Named::<ServerCertificate>::wanted(look, path, name).await?;
        let [from, to] = [&former, &wanted].map(|named| permission::UpdateServerCertificate {
            server_certificate: named.resource(),
        });
        Ok(Access::to(Change { former, wanted }, from).and(to))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let (input, Change { former, wanted }) = (call.input(), call.target());
        let former = former.found()?;
        if wanted.record().is_some_and(|other| other.id != former.id) {
            wanted.free()?;
        }
        let path = input.new_path.as_ref().unwrap_or(&former.path);
        let name = input.new_server_certificate_name.as_ref();
        let name = name.unwrap_or(&former.name);
        call.delete::<ServerCertificate>(&former.key());
        call.put(ServerCertificate {
            arn: ServerCertificate::arn_of(former.account, path, name),
            path: path.clone(),
            name: name.clone(),
            ..ServerCertificate::clone(former)
        });
        Ok(Empty {})
    }
}
