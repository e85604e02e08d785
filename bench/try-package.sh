#!/usr/bin/env bash
# The package as a person gets it: packed, installed into an empty project, every entry imported under NodeNext and
# strict (with and without skipLibCheck), a system of one's own made, checked, tested and put into the page.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
app=$(mktemp -d)
trap 'rm -rf "$app"' EXIT
cd "$root"
[ -f dist/index.js ] && [ -f dist/explorer/index.html ] || npm run build
npm pack --ignore-scripts --silent --pack-destination "$app" > /dev/null
cd "$app"
echo '{ "name": "app", "type": "module", "private": true }' > package.json
version() { node -p "require('$root/node_modules/$1/package.json').version"; }
npm install --no-audit --no-fund --silent ./pagewarden-*.tgz
npm install --no-audit --no-fund --silent --save-dev "typescript@$(version typescript)" "vite@$(version vite)" "@types/node@$(version @types/node)"
[ "$(npx pagewarden --version)" = "$(node -p "require('$root/package.json').version")" ]

node -e "
  const { exports } = require('pagewarden/package.json');
  const entries = Object.keys(exports).filter(entry => entry !== './package.json').map(entry => entry.slice(1));
  const lines = entries.map((entry, at) => 'import * as entry' + at + ' from \"pagewarden' + entry + '\";');
  const names = entries.map((_, at) => 'entry' + at).join(', ');
  console.log(lines.join('\n') + '\nif ([' + names + '].some(entry => Object.keys(entry).length === 0)) throw new Error(\"an entry is empty\");');
" > every-entry.ts
options=(--module nodenext --target es2022 --strict --types node --ignoreConfig)
npx tsc "${options[@]}" --noEmit every-entry.ts
npx tsc "${options[@]}" --noEmit --skipLibCheck --exactOptionalPropertyTypes every-entry.ts
npx tsc "${options[@]}" --skipLibCheck every-entry.ts && node every-entry.js

npx pagewarden new system door > /dev/null
npx tsc "${options[@]}" --noEmit --skipLibCheck door.ts
npx pagewarden check ./door.ts > /dev/null
npx pagewarden explore ./door.ts --output page.html > /dev/null
npx pagewarden why I8 isolation | grep -q 'docs/facts/pkvm.md'
node --test door.test.mjs > /dev/null
echo "the package works in an empty project: $(du -sh node_modules/pagewarden | cut -f1) unpacked, $(du -h pagewarden-*.tgz | cut -f1) packed"
