# For the stages of the Dockerfile that install packages, to be read by their scripts.

# What a build behind a mirror of the npm registry needs; see docs/deployment.md. No image gets it.
[ ! -f deploy/build/npmrc ] || cp deploy/build/npmrc "$HOME/.npmrc"
if [ -f deploy/build/ca.pem ]; then
  NODE_EXTRA_CA_CERTS=$(realpath deploy/build/ca.pem)
  export NODE_EXTRA_CA_CERTS npm_config_cafile="$NODE_EXTRA_CA_CERTS"
fi
pnpm=$(node -p 'require("./package.json").packageManager')
