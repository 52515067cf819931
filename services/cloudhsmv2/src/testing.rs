//! What the tests of this crate share.

use harness::{Alcazar, Answer, Client};
use serde_json::{Value, json};

/// A certificate authority of a test's own: signs requests.
pub(crate) struct Authority {
    pub(crate) certificate: String,
    issuer: rcgen::Issuer<'static, rcgen::KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut parameters = rcgen::CertificateParams::default();
        parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let certificate = parameters.self_signed(&key).unwrap().pem();
        let issuer = rcgen::Issuer::new(parameters, key);
        Self {
            certificate,
            issuer,
        }
    }

    pub(crate) fn sign(&self, request: &str) -> String {
        let request = rcgen::CertificateSigningRequestParams::from_pem(request).unwrap();
        request.signed_by(&self.issuer).unwrap().pem()
    }
}

/// A server of CloudHSM.
pub(crate) async fn alcazar() -> Alcazar {
    Alcazar::new(&[&crate::SERVICE]).await
}

/// Calls of CloudHSM, in fewer words.
pub(crate) trait CloudHsm {
    async fn hsm(&self, operation: &str, input: Value) -> Answer;

    /// Calls `operation`, which must succeed.
    async fn does(&self, operation: &str, input: Value) -> Value {
        let answer = self.hsm(operation, input).await.ok();
        answer.json().unwrap_or_default()
    }
    /// Calls `operation`, which must fail with this code.
    async fn fails(&self, operation: &str, input: Value, code: &str) -> Answer {
        self.hsm(operation, input).await.fails(code)
    }
    /// The one cluster of this id.
    async fn cluster(&self, id: &str) -> Value {
        let filters = json!({"Filters": {"clusterIds": [id]}});
        self.does("DescribeClusters", filters).await["Clusters"][0].clone()
    }
}

impl CloudHsm for Client {
    async fn hsm(&self, operation: &str, input: Value) -> Answer {
        self.call("cloudhsm", operation, input).await
    }
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Rounds of the worker, until nothing waits for a step.
pub(crate) async fn settle(alcazar: &Alcazar) {
    for _ in 0..4 {
        assert!(
            alcazar
                .core
                .run_worker(crate::workers::UPKEEP)
                .await
                .unwrap()
        );
    }
}

/// A new cluster with two subnets, uninitialized.
pub(crate) async fn cluster(alcazar: &Alcazar) -> String {
    let subnets = ["subnet-00000001", "subnet-00000002"];
    let input = json!({"HsmType": "hsm1.medium", "SubnetIds": subnets});
    let made = alcazar.root().does("CreateCluster", input).await;
    settle(alcazar).await;
    text(&made["Cluster"]["ClusterId"])
}

/// A new HSM of a cluster.
pub(crate) async fn hsm(alcazar: &Alcazar, cluster: &str, zone: &str) -> String {
    let input = json!({"ClusterId": cluster, "AvailabilityZone": zone});
    let made = alcazar.root().does("CreateHsm", input).await;
    settle(alcazar).await;
    text(&made["Hsm"]["HsmId"])
}

/// A new cluster that is active, and its HSM.
pub(crate) async fn active(alcazar: &Alcazar) -> (String, String) {
    let cluster = cluster(alcazar).await;
    let hsm = hsm(alcazar, &cluster, "us-east-1a").await;
    let authority = Authority::new();
    let request = text(&alcazar.root().cluster(&cluster).await["Certificates"]["ClusterCsr"]);
    let input = json!({
        "ClusterId": cluster,
        "SignedCert": authority.sign(&request),
        "TrustAnchor": authority.certificate,
    });
    alcazar.root().does("InitializeCluster", input).await;
    settle(alcazar).await;
    alcazar.hsms.change_officer(&hsm);
    settle(alcazar).await;
    (cluster, hsm)
}

/// The ready backup of an active cluster.
pub(crate) async fn backup(alcazar: &Alcazar) -> String {
    active(alcazar).await;
    let found = alcazar.root().does("DescribeBackups", json!({})).await;
    assert_eq!(found["Backups"][0]["BackupState"], "READY");
    text(&found["Backups"][0]["BackupId"])
}

/// A call needs the permission of its name: nobody may it unasked, and its record says that it was denied.
pub(crate) async fn guards(alcazar: &Alcazar, operation: &str, input: Value) {
    let powerless = alcazar.powerless().await;
    let denied = powerless.fails(operation, input, "AccessDeniedException");
    let message = denied.await.message();
    let wanted = format!("is not authorized to perform: cloudhsm:{operation}");
    assert!(message.contains(&wanted), "{message}");
    let events = alcazar.events().await;
    let recorded = events
        .iter()
        .any(|event| event["eventName"] == operation && event["errorCode"] == "AccessDenied");
    assert!(recorded, "{operation}");
}

/// The ARN of a backup of the account.
pub(crate) fn arn(backup: &str) -> String {
    format!(
        "arn:aws:cloudhsm:us-east-1:{}:backup/{backup}",
        harness::ACCOUNT
    )
}

/// A policy that lets a principal make clusters of a backup.
pub(crate) fn shared_with(principal: &str, backup: &str) -> String {
    let statement = json!({"Effect": "Allow", "Principal": {"AWS": principal},
        "Action": ["cloudhsm:CreateCluster"], "Resource": backup});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

/// What CreateCluster takes to make one of a backup.
pub(crate) fn cluster_of(backup: &str) -> Value {
    json!({"HsmType": "hsm1.medium", "SubnetIds": ["subnet-00000001"], "SourceBackupId": backup})
}
