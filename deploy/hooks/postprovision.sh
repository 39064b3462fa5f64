#!/usr/bin/env bash
# After the infrastructure, with what main.bicep answered in the environment: the worker's image, the cluster's rules.
set -euo pipefail
cd "$(dirname "$0")/../.."

# Built by the registry, from this folder: no Docker on this machine.
az acr build --registry "$REGISTRY_NAME" --image "sqlfleet-worker:$WORKER_TAG" --file deploy/worker.Dockerfile .

if [ -n "${AKS_NAME:-}" ]; then
  deploy/hooks/prepare-cluster.sh
fi
