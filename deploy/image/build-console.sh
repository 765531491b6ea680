#!/bin/sh
# Builds the console, in a stage of the Dockerfile
set -eu

. deploy/image/mirror.sh
npm exec --yes "$pnpm" -- install --frozen-lockfile --ignore-scripts --pm-on-fail=ignore --filter @mahilo/console
node packages/console/build.ts
