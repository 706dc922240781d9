"""The layer of the functions of jobs that need compiled libraries, which is too large for a direct upload."""

import pulumi
import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from infra.layers import Layer
from infra.names import Names
from infra.packaging import ARCHITECTURE, RUNTIME, Package

KEY = "layers/"
"""The folder in the jobs bucket; nothing in it expires."""


def job_layer(
    layer: Layer,
    package: Package,
    names: Names,
    bucket: pulumi.Input[str],
    opts: ResourceOptions,
) -> Output[str]:
    """The ARN of the layer's version; its zip goes through an object of the bucket, whose key says what is in
    it, so that another zip is another object and another version."""
    key = f"{KEY}{package.sha256.translate(_SAFE)}.zip"
    archive = aws.s3.BucketObjectv2(
        f"{layer.function}-layer-zip",
        bucket=bucket,
        key=key,
        source=pulumi.FileAsset(str(package.path)),
        opts=opts,
    )
    version = aws.lambda_.LayerVersion(
        f"{layer.function}-layer",
        layer_name=names.job_function(layer.function),
        description=f"{layer.libraries} for the jobs of Thaw.",
        s3_bucket=archive.bucket,
        s3_key=archive.key,
        source_code_hash=package.sha256,
        compatible_runtimes=[RUNTIME],
        compatible_architectures=[ARCHITECTURE],
        opts=opts,
    )
    return version.arn


_SAFE = str.maketrans("+/=", "-_.")
"""Base64 as a key takes it."""
