"""CloudHSM in the conformance tests' scene: calls that need nothing to be there."""

ABOUT_ANYTHING = {"CreateCluster"}


def calls(scene, held):
    """A call for each built operation that needs nothing to be there: who may not make it, does not learn that."""
    cluster, backup = {"ClusterId": "cluster-abcdefgh234"}, {"BackupId": "backup-abcdefgh234"}
    resource = {"ResourceId": "cluster-abcdefgh234"}
    return {
        "CreateCluster": {"HsmType": "hsm1.medium", "SubnetIds": ["subnet-00000001"]},
        "CreateHsm": cluster | {"AvailabilityZone": "us-east-1a"}, "DeleteHsm": cluster | {"HsmId": "hsm-abcdefgh234"},
        "DescribeClusters": {}, "DescribeBackups": {}, "DeleteCluster": cluster,
        "InitializeCluster": cluster | {"SignedCert": "a", "TrustAnchor": "a"},
        "ModifyCluster": cluster | {"BackupRetentionPolicy": {"Type": "DAYS", "Value": "30"}},
        "DeleteBackup": backup, "RestoreBackup": backup, "ModifyBackupAttributes": backup | {"NeverExpires": True},
        "CopyBackupToRegion": backup | {"DestinationRegion": "eu-west-1"},
        "ListTags": resource, "TagResource": resource | {"TagList": [{"Key": "color", "Value": "red"}]},
        "UntagResource": resource | {"TagKeyList": ["color"]},
    }
