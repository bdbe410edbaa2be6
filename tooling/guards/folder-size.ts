/** A folder holds at most a dozen source files; then it is split by noun (house style, "Layout"). Tests and contracts do not count. */
const mostFilesInFolder = 12

export interface CrowdedFolder {
  readonly folder: string
  readonly files: number
}

export function findCrowdedFolders(paths: readonly string[], most = mostFilesInFolder): CrowdedFolder[] {
  const counts = new Map<string, number>()
  for (const path of paths) {
    if (!/\.(?:ts|mts|mjs|js)$/.test(path) || /\.(?:test|contract)\.ts$/.test(path)) continue
    const folder = path.split('/').slice(0, -1).join('/')
    counts.set(folder, (counts.get(folder) ?? 0) + 1)
  }
  return [...counts].filter(([, files]) => files > most).map(([folder, files]) => ({ folder, files }))
}
