#!/bin/sh
# Installs the packages of the product for production, or brings them up to date: sh deploy/install.sh
# It needs npm, of whatever age; what npm runs is the Node of the product.
set -eu
# Another user is to read them.
umask 022
cd "$(dirname "$0")/.."
chmod go+rx .
chmod -R go+rX package.json packages scripts

node=$(sed -n 's/^ *"node": "\([0-9.]*\)".*/\1/p' package.json)
pnpm=$(sed -n 's/^ *"packageManager": "\(.*\)".*/\1/p' package.json)
npm exec --yes --loglevel=error --package="node@$node" --package="$pnpm" -- \
  pnpm install --prod --frozen-lockfile --loglevel=warn --pm-on-fail=ignore
chmod -R go+rX node_modules
echo "The packages of $PWD are installed."
