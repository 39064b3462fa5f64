#!/usr/bin/env bash
# The namespace, and what the Function App may do in it. Needs az and kubectl, and the rights of a cluster
# administrator; where the cluster is administered by Entra ID groups, kubelogin too.
set -euo pipefail
cd "$(dirname "$0")/../kubernetes"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export KUBECONFIG="$work/config"
if ! az aks get-credentials --admin -g "$AZURE_RESOURCE_GROUP" -n "$AKS_NAME" --file "$KUBECONFIG"; then
  echo 'No local administrator account: logging in with Entra ID.' >&2
  az aks get-credentials -g "$AZURE_RESOURCE_GROUP" -n "$AKS_NAME" --file "$KUBECONFIG"
  kubelogin convert-kubeconfig -l azurecli
fi

for file in namespace.yaml function-app.yaml; do
  sed -e "s/00000000-0000-0000-0000-000000000000/$FUNCTION_APP_PRINCIPAL_ID/" \
    -e "s/\(name\|namespace\): sqlfleet\$/\1: $KUBERNETES_NAMESPACE/" "$file" | kubectl apply -f -
done
