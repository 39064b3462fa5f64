#!/usr/bin/env bash
# Makes .local/function-app: compiled code, host.json and the packages that run it. Without what only tests and the
# local stack use the upload is little more than half as large.
set -euo pipefail
cd "$(dirname "$0")/../.."
stage=.local/function-app

npm run build
rm -rf "$stage"
mkdir -p "$stage"
cp -r host.json package.json package-lock.json dist "$stage/"
npm ci --prefix "$stage" --omit=dev --omit=optional --no-audit --no-fund
echo "Staged in $stage: $(du -sh "$stage" | cut -f1)"
