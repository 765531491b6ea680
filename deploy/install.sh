#!/bin/sh
# Installs the packages of the product for production, or brings them up to date: sh deploy/install.sh
# It needs npm, of whatever age; what npm runs is the Node of the product.
set -eu
# Another user is to read them.
umask 022
cd "$(dirname "$0")/.."
chmod go+rx .
chmod -R go+rX package.json packages scripts

# What builds the console does so elsewhere: nothing of it stays.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp package.json pnpm-lock.yaml pnpm-workspace.yaml "$work"
mkdir -p "$work/packages/client"
cp packages/client/package.json "$work/packages/client"
cp -R packages/console "$work/packages"
rm -rf "$work/packages/console/node_modules" "$work/packages/console/tsconfig.json"

node=$(sed -n 's/^ *"node": "\([0-9.]*\)".*/\1/p' package.json)
pnpm=$(sed -n 's/^ *"packageManager": "\(.*\)".*/\1/p' package.json)
npm exec --yes --loglevel=error --package="node@$node" --package="$pnpm" -- sh -euc '
  pnpm install --prod --frozen-lockfile --loglevel=warn --pm-on-fail=ignore
  cd "$0"
  pnpm install --frozen-lockfile --ignore-scripts --loglevel=warn --pm-on-fail=ignore --filter @mahilo/console
  node packages/console/build.ts
' "$work"
rm -rf packages/console/dist
cp -R "$work/packages/console/dist" packages/console/dist
chmod -R go+rX node_modules packages/console/dist
echo "The packages of $PWD are installed."
