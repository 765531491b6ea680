#!/bin/sh
# Installs, in a stage of the Dockerfile, what the processes need in production
set -eu

. deploy/image/mirror.sh
# No package of these needs its install script. The Node of the workspace does, which is for hosts that have none.
npm exec --yes "$pnpm" -- install --prod --frozen-lockfile --ignore-scripts --pm-on-fail=ignore \
  --filter mahilo-registry --filter "@mahilo/operator..." --filter "@mahilo/api..." --filter "@mahilo/worker..."
rm -rf node_modules/node node_modules/.pnpm/node@*

# SQLite's sources, its binaries for other systems, and what only editors and debuggers read: two thirds of it all.
sqlite=$(echo node_modules/.pnpm/better-sqlite3@*/node_modules/better-sqlite3)
rm -rf "$sqlite/deps" "$sqlite/src"
find "$sqlite/prebuilds" -type f ! -name "linux-$(node -p process.arch).node" -delete
find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' \) -delete
