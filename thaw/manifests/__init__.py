"""From S3 inventories and manifests to what a job needs: import files, Batch Operations manifests, totals."""
