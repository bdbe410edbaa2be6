/**
 * A registry mirror that lacks packages of other platforms leaves them out of package-lock.json, and `npm ci` then refuses the lock
 * everywhere. This adds the missing optional ones: version from the package that names them, platform from their name.
 * Run after every `npm install` on such a machine: node tooling/complete-lockfile.mjs [package-lock.json]
 */
import { readFileSync, writeFileSync } from 'node:fs'

const path = process.argv[2] ?? 'package-lock.json'
const lock = JSON.parse(readFileSync(path, 'utf8'))
const added = []
for (const [owner, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
  if (owner === '') continue
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const platform = readPlatform(name)
    if (platform === undefined || !/^\d+\.\d+\.\d+$/.test(version) || isLocked(owner, name)) continue
    lock.packages[`node_modules/${name}`] = { version, cpu: [platform.cpu], ...(dev && { dev }), optional: true, os: [platform.os] }
    added.push(name)
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
console.log(`${added.length} packages of other platforms added to ${path}`)

function isLocked(owner, name) {
  return `${owner}/node_modules/${name}` in lock.packages || `node_modules/${name}` in lock.packages
}

function readPlatform(name) {
  const found = /(?:^|[/-])(darwin|linux|win32|android|freebsd|openharmony)-(x64|arm64|arm|ia32|ppc64|riscv64|s390x)(?:-|$)/.exec(name)
  return found === null ? undefined : { os: found[1], cpu: found[2] }
}
