//! Roles that are linked to a service: which service has which, and what nobody but the service may do to them.
//!
//! AWS document: IAM User Guide, "Create a service-linked role"; for names and policies the page "Using service-linked
//! roles" of each service's guide.

use std::collections::BTreeMap;

use base::{AccountId, Tags, Timestamp};
use identity::{Document, Role};
use pipeline::Failure;
use policy::Grammar;

use crate::errors;

/// Longest session of such a role, in seconds.
const SESSION_SECONDS: i32 = 3_600;

/// Letters of a role's name.
const LONGEST_NAME: usize = 64;

/// What a service demands of the role that is linked to it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Template {
    service: &'static str,
    role: &'static str,
    /// Name of AWS's policy for it, at path `/aws-service-role/`.
    policy: &'static str,
    /// Whether an account may have several, told apart by a suffix.
    suffixes: bool,
}

const fn one(service: &'static str, role: &'static str, policy: &'static str) -> Template {
    Template {
        service,
        role,
        policy,
        suffixes: false,
    }
}

const fn several(service: &'static str, role: &'static str, policy: &'static str) -> Template {
    Template {
        service,
        role,
        policy,
        suffixes: true,
    }
}

#[rustfmt::skip]
static TEMPLATES: &[Template] = &[
    one("access-analyzer.amazonaws.com", "AWSServiceRoleForAccessAnalyzer", "AccessAnalyzerServiceRolePolicy"),
    several("autoscaling.amazonaws.com", "AWSServiceRoleForAutoScaling", "AutoScalingServiceRolePolicy"),
    one("backup.amazonaws.com", "AWSServiceRoleForBackup", "AWSBackupServiceLinkedRolePolicyForBackup"),
    one("batch.amazonaws.com", "AWSServiceRoleForBatch", "BatchServiceRolePolicy"),
    one("cks.kms.amazonaws.com", "AWSServiceRoleForKeyManagementServiceCustomKeyStores", "AWSKeyManagementServiceCustomKeyStoresServiceRolePolicy"),
    one("cloudhsm.amazonaws.com", "AWSServiceRoleForCloudHSM", "CloudHSMServiceRolePolicy"),
    one("cloudtrail.amazonaws.com", "AWSServiceRoleForCloudTrail", "CloudTrailServiceRolePolicy"),
    one("config.amazonaws.com", "AWSServiceRoleForConfig", "AWSConfigServiceRolePolicy"),
    one("dax.amazonaws.com", "AWSServiceRoleForDAX", "DAXServiceRolePolicy"),
    one("dynamodb.application-autoscaling.amazonaws.com", "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable", "AWSApplicationAutoscalingDynamoDBTablePolicy"),
    one("ecs.amazonaws.com", "AWSServiceRoleForECS", "AmazonECSServiceRolePolicy"),
    one("ecs.application-autoscaling.amazonaws.com", "AWSServiceRoleForApplicationAutoScaling_ECSService", "AWSApplicationAutoscalingECSServicePolicy"),
    one("eks-fargate.amazonaws.com", "AWSServiceRoleForAmazonEKSForFargate", "AmazonEKSForFargateServiceRolePolicy"),
    one("eks-nodegroup.amazonaws.com", "AWSServiceRoleForAmazonEKSNodegroup", "AWSServiceRoleForAmazonEKSNodegroup"),
    one("eks.amazonaws.com", "AWSServiceRoleForAmazonEKS", "AmazonEKSServiceRolePolicy"),
    one("elasticache.amazonaws.com", "AWSServiceRoleForElastiCache", "ElastiCacheServiceRolePolicy"),
    one("elasticbeanstalk.amazonaws.com", "AWSServiceRoleForElasticBeanstalk", "AWSElasticBeanstalkServiceRolePolicy"),
    one("elasticfilesystem.amazonaws.com", "AWSServiceRoleForAmazonElasticFileSystem", "AmazonElasticFileSystemServiceRolePolicy"),
    one("elasticloadbalancing.amazonaws.com", "AWSServiceRoleForElasticLoadBalancing", "AWSElasticLoadBalancingServiceRolePolicy"),
    one("elasticmapreduce.amazonaws.com", "AWSServiceRoleForEMRCleanup", "AmazonEMRCleanupPolicy"),
    one("email.cognito-idp.amazonaws.com", "AWSServiceRoleForAmazonCognitoIdpEmailService", "AmazonCognitoIdpEmailServiceRolePolicy"),
    one("es.amazonaws.com", "AWSServiceRoleForAmazonElasticsearchService", "AmazonElasticsearchServiceRolePolicy"),
    one("fms.amazonaws.com", "AWSServiceRoleForFMS", "FMSServiceRolePolicy"),
    one("guardduty.amazonaws.com", "AWSServiceRoleForAmazonGuardDuty", "AmazonGuardDutyServiceRolePolicy"),
    one("inspector2.amazonaws.com", "AWSServiceRoleForAmazonInspector2", "AmazonInspector2ServiceRolePolicy"),
    one("kafka.amazonaws.com", "AWSServiceRoleForKafka", "KafkaServiceRolePolicy"),
    one("macie.amazonaws.com", "AWSServiceRoleForAmazonMacie", "AmazonMacieServiceRolePolicy"),
    one("mrk.kms.amazonaws.com", "AWSServiceRoleForKeyManagementServiceMultiRegionKeys", "AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy"),
    one("opensearchservice.amazonaws.com", "AWSServiceRoleForAmazonOpenSearchService", "AmazonOpenSearchServiceRolePolicy"),
    one("organizations.amazonaws.com", "AWSServiceRoleForOrganizations", "AWSOrganizationsServiceTrustPolicy"),
    one("rds.amazonaws.com", "AWSServiceRoleForRDS", "AmazonRDSServiceRolePolicy"),
    one("rds.application-autoscaling.amazonaws.com", "AWSServiceRoleForApplicationAutoScaling_RDSCluster", "AWSApplicationAutoscalingRDSClusterPolicy"),
    one("redshift.amazonaws.com", "AWSServiceRoleForRedshift", "AmazonRedshiftServiceLinkedRolePolicy"),
    one("replication.dynamodb.amazonaws.com", "AWSServiceRoleForDynamoDBReplication", "DynamoDBReplicationServiceRolePolicy"),
    one("replication.ecr.amazonaws.com", "AWSServiceRoleForECRReplication", "ECRReplicationServiceRolePolicy"),
    one("replicator.lambda.amazonaws.com", "AWSServiceRoleForLambdaReplicator", "AWSLambdaReplicator"),
    one("rolesanywhere.amazonaws.com", "AWSServiceRoleForRolesAnywhere", "AWSRolesAnywhereServicePolicy"),
    one("securityhub.amazonaws.com", "AWSServiceRoleForSecurityHub", "AWSSecurityHubServiceRolePolicy"),
    one("spot.amazonaws.com", "AWSServiceRoleForEC2Spot", "AWSEC2SpotServiceRolePolicy"),
    one("spotfleet.amazonaws.com", "AWSServiceRoleForEC2SpotFleet", "AWSEC2SpotFleetServiceRolePolicy"),
    one("ssm.amazonaws.com", "AWSServiceRoleForAmazonSSM", "AmazonSSMServiceRolePolicy"),
    one("sso.amazonaws.com", "AWSServiceRoleForSSO", "AWSSSOServiceRolePolicy"),
    one("support.amazonaws.com", "AWSServiceRoleForSupport", "AWSSupportServiceRolePolicy"),
    one("transitgateway.amazonaws.com", "AWSServiceRoleForVPCTransitGateway", "AWSVPCTransitGatewayServiceRolePolicy"),
    one("trustedadvisor.amazonaws.com", "AWSServiceRoleForTrustedAdvisor", "AWSTrustedAdvisorServiceRolePolicy"),
];

/// What the service of this name demands, if a role can be linked to it.
pub(crate) fn template(service: &str) -> Option<&'static Template> {
    let of_service = |template: &&Template| template.service == service;
    TEMPLATES.iter().find(of_service)
}

/// Where roles linked to this service lie.
pub(crate) fn path(service: &str) -> String {
    format!("{}{service}/", Role::LINKED_TO_SERVICE)
}

impl Template {
    /// The name of the role, whose suffix may tell it from others.
    pub(crate) fn role_name(&self, suffix: Option<&str>) -> Result<String, Failure> {
        match suffix {
            None => Ok(self.role.to_owned()),
            Some(suffix) if self.suffixes => named(format!("{}_{suffix}", self.role)),
            Some(_) => Err(errors::no_custom_suffix(self.service)),
        }
    }

    /// ARN of the one policy that the role has.
    fn policy_arn(&self) -> String {
        format!(
            "arn:aws:iam::aws:policy{}{}",
            Role::LINKED_TO_SERVICE,
            self.policy
        )
    }

    /// The role, trusted by its service alone.
    pub(crate) fn role(&self, given: Given) -> Result<Role, Failure> {
        let trust = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"{}"}},"Action":"sts:AssumeRole"}}]}}"#,
            self.service
        );
        let path = path(self.service);
        Ok(Role {
            arn: Role::arn_of(given.account, &path, &given.name),
            name: given.name,
            path,
            id: given.id,
            account: given.account,
            created: given.created,
            description: given.description.filter(|text| !text.is_empty()),
            max_session_duration: SESSION_SECONDS,
            trust: Document::parse(&trust, Grammar::Trust).map_err(errors::malformed_policy)?,
            tags: Tags::default(),
            boundary: None,
            attached: vec![self.policy_arn()],
            inline: BTreeMap::new(),
        })
    }
}

/// A name that other calls can give back.
fn named(name: String) -> Result<String, Failure> {
    match name.len() > LONGEST_NAME {
        true => Err(errors::linked_role_name_too_long(LONGEST_NAME)),
        false => Ok(name),
    }
}

/// What a new role has that its service does not say.
pub(crate) struct Given {
    pub(crate) account: AccountId,
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) description: Option<String>,
    pub(crate) created: Timestamp,
}

/// Refuses a change of a role that only its service may change.
pub(crate) fn check_modifiable(role: &Role) -> Result<(), Failure> {
    match role.linked_service() {
        None => Ok(()),
        Some(_) => Err(errors::protected_role(&role.name)),
    }
}

#[cfg(test)]
mod tests {
    use identity::aws_managed;

    use super::*;

    #[test]
    fn each_has_its_policy_and_a_name_of_its_own() {
        for template in TEMPLATES {
            let arn = template.policy_arn();
            assert!(aws_managed::find(&arn).is_some(), "{arn}");
            let names = TEMPLATES.iter().filter(|it| it.role == template.role);
            assert_eq!(names.count(), 1, "{}", template.role);
            assert!(template.role.len() <= 64);
        }
        assert!(TEMPLATES.is_sorted_by_key(|template| template.service));
    }
}
