//! `cloudhsm:InitializeCluster`: gives a cluster the certificate that its owner signed.

use cloudhsmv2_api::shapes::{ClusterState, InitializeClusterRequest, InitializeClusterResponse};
use cloudhsmv2_api::{operations, permission};
use crypto::issued_certificate::check_issued;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::cluster::{Cluster, Sought};
use crate::errors;

pub(crate) struct InitializeCluster;

/// AWS document: AWS CloudHSM User Guide, "Initialize the cluster in AWS CloudHSM".
const MESSAGE: &str = "Cluster is initializing. State will change to INITIALIZED upon completion.";

impl Operation for InitializeCluster {
    type Api = operations::InitializeCluster;
    type Target = Sought;

    async fn access(
        input: &InitializeClusterRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let target = Sought::find(look, &input.cluster_id).await?;
        let cluster = target.resource();
        Ok(Access::to(
            target,
            permission::InitializeCluster { cluster },
        ))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<InitializeClusterResponse, Failure> {
        let input = call.input();
        let (cluster, now) = (call.target().existing()?, call.call().now());
        cluster.in_state(&[ClusterState::Uninitialized])?;
        let request = cluster.request.as_deref();
        let request = request.ok_or_else(|| errors::certificate("it has no HSM yet"))?;
        let seconds = now.micros().div_euclid(1_000_000);
        check_issued(request, &input.signed_cert, &input.trust_anchor, seconds)
            .map_err(errors::certificate)?;
        let state = ClusterState::InitializeInProgress;
        call.put(Cluster {
            certificate: Some(input.signed_cert.clone()),
            ..cluster.clone().into_state(state, now)
        });
        Ok(InitializeClusterResponse {
            state: Some(state),
            state_message: Some(MESSAGE.to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {

    use serde_json::{Value, json};

    use crate::testing::{Authority, CloudHsm, alcazar, cluster, guards, hsm, settle, text};

    const OPERATION: &str = "InitializeCluster";

    fn input(cluster: &str, signed: &str, anchor: &str) -> Value {
        json!({"ClusterId": cluster, "SignedCert": signed, "TrustAnchor": anchor})
    }

    #[tokio::test]
    async fn only_with_a_certificate_for_its_own_key() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let id = cluster(&alcazar).await;
        let (ours, theirs) = (Authority::new(), Authority::new());
        let invalid = "CloudHsmInvalidRequestException";
        let early = input(&id, &ours.certificate, &ours.certificate);
        root.fails(OPERATION, early, invalid).await;
        let hsm = hsm(&alcazar, &id, "us-east-1a").await;
        let request = text(&root.cluster(&id).await["Certificates"]["ClusterCsr"]);
        let other = cluster(&alcazar).await;
        crate::testing::hsm(&alcazar, &other, "us-east-1a").await;
        let other_request = text(&root.cluster(&other).await["Certificates"]["ClusterCsr"]);
        for (signed, anchor, words) in [
            (
                ours.sign(&other_request),
                &ours.certificate,
                "not for the key",
            ),
            (
                ours.sign(&request),
                &theirs.certificate,
                "not signed by the trust anchor",
            ),
            (
                ours.sign(&request),
                &ours.sign(&request),
                "trust anchor is not",
            ),
            (
                "nothing".to_owned(),
                &ours.certificate,
                "not one certificate",
            ),
        ] {
            let refused = root
                .fails(OPERATION, input(&id, &signed, anchor), invalid)
                .await;
            assert!(refused.message().contains(words), "{}", refused.message());
            assert_eq!(root.cluster(&id).await["State"], "UNINITIALIZED");
        }
        let good = input(&id, &ours.sign(&request), &ours.certificate);
        let answer = root.does(OPERATION, good.clone()).await;
        assert_eq!(answer["State"], "INITIALIZE_IN_PROGRESS");
        settle(&alcazar).await;
        let found = root.cluster(&id).await;
        assert_eq!(found["State"], "INITIALIZED");
        assert_eq!(
            found["Certificates"]["ClusterCertificate"],
            good["SignedCert"]
        );
        root.fails(OPERATION, good.clone(), invalid).await;
        alcazar.hsms.change_officer(&hsm);
        settle(&alcazar).await;
        assert_eq!(root.cluster(&id).await["State"], "ACTIVE");
        alcazar.event(OPERATION).await;
        alcazar.event("ClusterStateChanged").await;
        root.fails(
            OPERATION,
            input("cluster-abcdefgh234", "x", "x"),
            "CloudHsmResourceNotFoundException",
        )
        .await;
        guards(&alcazar, OPERATION, good).await;
    }
}
