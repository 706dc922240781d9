"""The REST API of jobs: its routes, all answered by one function."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from infra.jobs import api_routes
from infra.jobs.api_routes import ROUTES, VAULT_ROUTES, Route
from infra.jobs.api_stage import JobApiStage, JobApiStageArgs
from infra.names import Names

Body = tuple[aws.apigateway.Model, aws.apigateway.RequestValidator]


@dataclass(frozen=True)
class JobApiArgs:
    """The function that answers, who may call (`job_api`: iam or api_key) and how often; 0 is no quota.

    `vaults`: whether vault transfers can be asked for.
    """

    names: Names
    tags: Mapping[str, str]
    connection: Mapping[str, str]
    function_name: pulumi.Input[str]
    function_arn: pulumi.Input[str]
    job_api: str
    requests_per_second: int
    burst: int
    quota_per_day: int
    log_retention_days: int
    vaults: bool = False

    @property
    def routes(self) -> Sequence[Route]:
        """What is answered to."""
        return (*ROUTES, *VAULT_ROUTES) if self.vaults else ROUTES


class JobApi(pulumi.ComponentResource):
    """Where people start, list, show and cancel jobs; `key_id` is "" where no key is needed."""

    url: Output[str]
    key_id: Output[str]

    def __init__(self, name: str, args: JobApiArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("thaw:jobs:JobApi", name, None, opts)
        self._args = args
        self._child = ResourceOptions(parent=self)
        self._api = aws.apigateway.RestApi(
            "job-api",
            name=args.names.job_api,
            description="Starts, lists, shows and cancels the jobs of Thaw.",
            endpoint_configuration=aws.apigateway.RestApiEndpointConfigurationArgs(types="REGIONAL"),
            tags=args.tags,
            opts=self._child,
        )
        self._let_call()
        stage = JobApiStage(
            "job-api-stage",
            JobApiStageArgs(
                names=args.names,
                tags=args.tags,
                connection=args.connection,
                rest_api_id=self._api.id,
                fingerprint=Output.from_input(args.function_arn).apply(
                    lambda arn: api_routes.fingerprint(args.routes, args.job_api, arn)
                ),
                with_key=args.job_api == "api_key",
                requests_per_second=args.requests_per_second,
                burst=args.burst,
                quota_per_day=args.quota_per_day,
                log_retention_days=args.log_retention_days,
                after=[*self._routes(), *self._refusals()],
            ),
            self._child,
        )
        self.url, self.key_id = stage.url, stage.key_id
        self.register_outputs({"url": self.url})

    def _let_call(self) -> None:
        aws.lambda_.Permission(
            "job-api-permission",
            statement_id="job-api",
            action="lambda:InvokeFunction",
            function=self._args.function_name,
            principal="apigateway.amazonaws.com",
            source_arn=self._api.execution_arn.apply(lambda arn: f"{arn}/{api_routes.STAGE}/*"),
            opts=self._child,
        )

    def _routes(self) -> list[pulumi.Resource]:
        """The integrations of all routes."""
        jobs = self._resource("jobs", self._api.root_resource_id, "jobs")
        resources = {
            "create-job": self._resource("create-job", self._api.root_resource_id, "create-job"),
            "jobs": jobs,
            "job": self._resource("job", jobs.id, "{job_id}"),
            **(self._vault_resources() if self._args.vaults else {}),
        }
        body = self._body()
        return [
            self._integration(route, self._method(route, resources[route.resource], body))
            for route in self._args.routes
        ]

    def _vault_resources(self) -> dict[str, aws.apigateway.Resource]:
        transfers = self._resource("vault-transfers", self._api.root_resource_id, "vault-transfers")
        transfer = self._resource("vault-transfer", transfers.id, "{job_id}")
        return {
            "vault-transfers": transfers,
            "vault-transfer-resume": self._resource("vault-transfer-resume", transfer.id, "resume"),
        }

    def _resource(self, name: str, parent: pulumi.Input[str], part: str) -> aws.apigateway.Resource:
        return aws.apigateway.Resource(
            f"job-api-{name}", rest_api=self._api.id, parent_id=parent, path_part=part, opts=self._child
        )

    def _method(self, route: Route, resource: aws.apigateway.Resource, body: Body) -> aws.apigateway.Method:
        authorization, with_key = api_routes.authorization(self._args.job_api)
        model, validator = body if route.method == "POST" else (None, None)
        return aws.apigateway.Method(
            route.name,
            rest_api=self._api.id,
            resource_id=resource.id,
            http_method=route.method,
            authorization=authorization,
            api_key_required=with_key,
            request_models={"application/json": model.name} if model else None,
            request_validator_id=validator.id if validator else None,
            opts=self._child,
        )

    def _body(self) -> Body:
        """What a body has to be, and that it is looked at."""
        model = aws.apigateway.Model(
            "job-api-body",
            rest_api=self._api.id,
            name=api_routes.BODY_MODEL["title"],
            content_type="application/json",
            schema=json.dumps(api_routes.BODY_MODEL),
            opts=self._child,
        )
        validator = aws.apigateway.RequestValidator(
            "job-api-validator",
            rest_api=self._api.id,
            name="body",
            validate_request_body=True,
            validate_request_parameters=False,
            opts=self._child,
        )
        return model, validator

    def _integration(self, route: Route, method: aws.apigateway.Method) -> aws.apigateway.Integration:
        return aws.apigateway.Integration(
            route.name,
            rest_api=self._api.id,
            resource_id=method.resource_id,
            http_method=method.http_method,
            type="AWS_PROXY",
            integration_http_method="POST",
            uri=Output.from_input(self._args.function_arn).apply(api_routes.integration_uri),
            opts=self._child,
        )

    def _refusals(self) -> list[pulumi.Resource]:
        return [
            aws.apigateway.Response(
                f"job-api-{side}-refusal",
                rest_api_id=self._api.id,
                response_type=response_type,
                response_templates={"application/json": api_routes.REFUSAL},
                opts=self._child,
            )
            for side, response_type in api_routes.REFUSALS.items()
        ]
