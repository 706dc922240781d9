"""The stage of the jobs' API: what is deployed, how often it may be called, by which key, and its log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from infra import policies
from infra.jobs.api_routes import ACCESS_LOG, STAGE
from infra.names import Names
from infra.providers.api_log_role import ApiLogRole, ApiLogRoleArgs


@dataclass(frozen=True)
class JobApiStageArgs:
    """The API and a fingerprint of what `after` made of it; limits; a quota of 0 is none."""

    names: Names
    tags: Mapping[str, str]
    connection: Mapping[str, str]
    rest_api_id: Output[str]
    fingerprint: Output[str]
    with_key: bool
    requests_per_second: int
    burst: int
    quota_per_day: int
    log_retention_days: int
    after: Sequence[pulumi.Resource]


class JobApiStage(pulumi.ComponentResource):
    """The only stage."""

    url: Output[str]
    key_id: Output[str]

    def __init__(self, name: str, args: JobApiStageArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("thaw:jobs:JobApiStage", name, None, opts)
        self._args = args
        self._child = ResourceOptions(parent=self)
        stage = self._stage()
        self._throttle(stage)
        self.url = stage.invoke_url
        self.key_id = self._key(stage) if args.with_key else Output.from_input("")
        self.register_outputs({"url": self.url})

    def _stage(self) -> aws.apigateway.Stage:
        args = self._args
        deployment = aws.apigateway.Deployment(
            "job-api-deployment",
            rest_api=args.rest_api_id,
            triggers={"fingerprint": args.fingerprint},
            opts=ResourceOptions(parent=self, depends_on=list(args.after)),
        )
        log_group = aws.cloudwatch.LogGroup(
            "job-api-access-log-group",
            name=args.names.job_api_log_group,
            retention_in_days=args.log_retention_days,
            tags=args.tags,
            opts=self._child,
        )
        return aws.apigateway.Stage(
            "job-api-stage",
            rest_api=args.rest_api_id,
            stage_name=STAGE,
            deployment=deployment.id,
            access_log_settings=aws.apigateway.StageAccessLogSettingsArgs(
                destination_arn=log_group.arn, format=ACCESS_LOG
            ),
            tags=args.tags,
            opts=ResourceOptions(parent=self, depends_on=[self._log_role()]),
        )

    def _log_role(self) -> ApiLogRole:
        """Lets API Gateway write logs at all, by AWS's own policy: the role may serve other APIs too."""
        args = self._args
        role = aws.iam.Role(
            "job-api-log-role",
            name=args.names.job_api_log_role,
            assume_role_policy=policies.trust("apigateway.amazonaws.com"),
            tags=args.tags,
            opts=self._child,
        )
        attached = aws.iam.RolePolicyAttachment(
            "job-api-log-policy",
            role=role.name,
            policy_arn=role.arn.apply(log_policy_arn),
            opts=self._child,
        )
        return ApiLogRole(
            "job-api-account-log-role",
            ApiLogRoleArgs(role.arn, args.connection),
            ResourceOptions(parent=self, depends_on=[attached]),
        )

    def _throttle(self, stage: aws.apigateway.Stage) -> None:
        args = self._args
        aws.apigateway.MethodSettings(
            "job-api-throttling",
            rest_api=args.rest_api_id,
            stage_name=stage.stage_name,
            method_path="*/*",
            settings=aws.apigateway.MethodSettingsSettingsArgs(
                throttling_rate_limit=args.requests_per_second,
                throttling_burst_limit=args.burst,
                metrics_enabled=True,
            ),
            opts=self._child,
        )

    def _key(self, stage: aws.apigateway.Stage) -> Output[str]:
        """The id of a key, whose value is read with `aws apigateway get-api-key --include-value`."""
        args = self._args
        quota = aws.apigateway.UsagePlanQuotaSettingsArgs(limit=args.quota_per_day, period="DAY")
        plan = aws.apigateway.UsagePlan(
            "job-api-plan",
            name=args.names.job_api,
            api_stages=[
                aws.apigateway.UsagePlanApiStageArgs(api_id=args.rest_api_id, stage=stage.stage_name)
            ],
            throttle_settings=aws.apigateway.UsagePlanThrottleSettingsArgs(
                rate_limit=args.requests_per_second, burst_limit=args.burst
            ),
            quota_settings=quota if args.quota_per_day else None,
            tags=args.tags,
            opts=self._child,
        )
        key = aws.apigateway.ApiKey("job-api-key", name=args.names.job_api, tags=args.tags, opts=self._child)
        aws.apigateway.UsagePlanKey(
            "job-api-plan-key", usage_plan_id=plan.id, key_id=key.id, key_type="API_KEY", opts=self._child
        )
        return key.id


def log_policy_arn(role_arn: str) -> str:
    """The policy that AWS keeps for this, in the partition of the role:
    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html"""
    partition = role_arn.split(":")[1]
    return f"arn:{partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
