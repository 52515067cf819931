//! The global condition keys and the types of keys.

use super::catalogue::is_key;
use crate::condition::{Kind, Operator, Set};

/// What values a condition key has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyType {
    pub(crate) value: ValueType,
    /// Whether it may have several.
    pub(crate) several: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ValueType {
    String,
    Arn,
    Bool,
    Date,
    Numeric,
    Ip,
    Binary,
}

/// Source: IAM User Guide, "AWS global condition context keys".
const GLOBAL: [(&str, &str); 61] = [
    ("aws:AssumedRoot", "Bool"),
    ("aws:CalledVia", "ArrayOfString"),
    ("aws:CalledViaAWSMCP", "String"),
    ("aws:CalledViaFirst", "String"),
    ("aws:CalledViaLast", "String"),
    ("aws:ChatbotSourceArn", "ARN"),
    ("aws:CurrentTime", "Date"),
    ("aws:Ec2InstanceSourcePrivateIPv4", "IPAddress"),
    ("aws:Ec2InstanceSourceVpc", "String"),
    ("aws:EpochTime", "Date"),
    ("aws:FederatedProvider", "String"),
    ("aws:IsMcpServiceAction", "Bool"),
    ("aws:MultiFactorAuthAge", "Numeric"),
    ("aws:MultiFactorAuthPresent", "Bool"),
    ("aws:PrincipalAccount", "String"),
    ("aws:PrincipalArn", "ARN"),
    ("aws:PrincipalIsAWSService", "Bool"),
    ("aws:PrincipalOrgID", "String"),
    ("aws:PrincipalOrgMasterAccountId", "String"),
    ("aws:PrincipalOrgPaths", "ArrayOfString"),
    ("aws:PrincipalServiceName", "String"),
    ("aws:PrincipalServiceNamesList", "ArrayOfString"),
    ("aws:PrincipalTag/${TagKey}", "String"),
    ("aws:PrincipalType", "String"),
    ("aws:Referer", "String"),
    ("aws:RequestTag/${TagKey}", "String"),
    ("aws:RequestedRegion", "String"),
    ("aws:ResourceAccount", "String"),
    ("aws:ResourceOrgID", "String"),
    ("aws:ResourceOrgPaths", "ArrayOfString"),
    ("aws:ResourceTag/${TagKey}", "String"),
    ("aws:SecureTransport", "Bool"),
    ("aws:SourceAccount", "String"),
    ("aws:SourceArn", "ARN"),
    ("aws:SourceIdentity", "String"),
    ("aws:SourceIp", "IPAddress"),
    ("aws:SourceOrgID", "String"),
    ("aws:SourceOrgPaths", "ArrayOfString"),
    ("aws:SourceOwner", "String"),
    ("aws:SourceVpc", "String"),
    ("aws:SourceVpcArn", "ARN"),
    ("aws:SourceVpce", "String"),
    ("aws:TagKeys", "ArrayOfString"),
    ("aws:TokenIssueTime", "Date"),
    ("aws:UserAgent", "String"),
    ("aws:userid", "String"),
    ("aws:username", "String"),
    ("aws:ViaAWSMCPService", "Bool"),
    ("aws:ViaAWSService", "Bool"),
    ("aws:VpcSourceIp", "IPAddress"),
    ("aws:VpceAccount", "String"),
    ("aws:VpceOrgID", "String"),
    ("aws:VpceOrgPaths", "ArrayOfString"),
    ("ec2:RoleDelivery", "Numeric"),
    ("ec2:SourceInstanceArn", "ARN"),
    ("glue:CredentialIssuingService", "String"),
    ("glue:RoleAssumedBy", "String"),
    ("identitystore:UserId", "String"),
    ("lambda:SourceFunctionArn", "ARN"),
    ("ssm:SourceInstanceArn", "ARN"),
    ("sts:RoleSessionName", "String"),
];

/// The type of a key that every service knows.
pub(crate) fn global(written: &str) -> Option<KeyType> {
    let mut keys = GLOBAL.iter();
    keys.find(|(name, _)| is_key(name, written))
        .and_then(|(_, kind)| KeyType::parse(kind))
}

impl KeyType {
    /// Reads a type as AWS's reference writes it, as `ArrayOfString`.
    pub(crate) fn parse(written: &str) -> Option<Self> {
        let single = written.strip_prefix("ArrayOf");
        let value = match single.unwrap_or(written) {
            "String" => ValueType::String,
            "ARN" => ValueType::Arn,
            "Bool" => ValueType::Bool,
            "Date" => ValueType::Date,
            "Numeric" | "Long" => ValueType::Numeric,
            "IPAddress" => ValueType::Ip,
            "Binary" => ValueType::Binary,
            _ => return None,
        };
        let several = single.is_some();
        Some(Self { value, several })
    }
}

impl ValueType {
    /// The operators for values of this type, by the name of their family.
    pub(crate) fn operators(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::Arn => "ARN",
            Self::Bool => "Bool",
            Self::Date => "Date",
            Self::Numeric => "Numeric",
            Self::Ip => "IP address",
            Self::Binary => "Binary",
        }
    }

    /// Whether the operator compares such values. Strings may be ARNs, ARNs are strings, instants are numbers.
    pub(crate) fn fits(self, operator: Operator) -> bool {
        let string = matches!(
            operator.kind,
            Kind::StringEquals | Kind::StringEqualsIgnoreCase | Kind::StringLike
        );
        match (operator.kind, self) {
            (Kind::Null, _)
            | (Kind::Arn, Self::Arn | Self::String)
            | (Kind::Bool, Self::Bool)
            | (Kind::Date(_) | Kind::Numeric(_), Self::Date)
            | (Kind::Numeric(_), Self::Numeric)
            | (Kind::Ip, Self::Ip)
            | (Kind::Binary, Self::Binary) => true,
            (_, Self::String | Self::Arn) => string,
            _ => false,
        }
    }
}

/// Whether an operator takes several values of a key together.
pub(crate) fn is_set(operator: Operator) -> bool {
    operator.set != Set::Single
}
