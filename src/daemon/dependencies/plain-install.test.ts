import { expect, test } from 'vitest'
import { isPlainInstall } from './plain-install.ts'

test.each([
  'npm ci',
  ' npm  install ',
  'npm i',
  'npm ci --omit=dev --ignore-scripts',
  'npm i -D',
  'yarn',
  'yarn install --frozen-lockfile',
])('installs what the lock file says: %s', (line) => expect(isPlainInstall(line)).toBe(true))

test.each([
  'npm ci && npm run build',
  'npm ci; make',
  'npm ci\nmake',
  'npm ci | tee log',
  'npm ci > log',
  'npm ci $FLAGS',
  'npm ci `x`',
  'npm ci --omit=$(x)',
  'CI=1 npm ci',
  'npm i left-pad',
  'npm run ci',
  'npm install --no-package-lock',
  'npm install --package-lock=false',
  'yarn add x',
  'pnpm install',
  '',
])('does or may do something else: %j', (line) => expect(isPlainInstall(line)).toBe(false))
