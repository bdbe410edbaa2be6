/**
 * Which files of the repository a source file may import, by how it is written: a hint for ranking, so what cannot be read plainly is left out.
 * For each import the places where the file may be, the likeliest first.
 */
export function importedPlaces(path: string, text: string): readonly (readonly string[])[] {
  if (/\.[cm]?[jt]sx?$/.test(path)) return scriptImports(path, text)
  return path.endsWith('.py') ? pythonImports(path, text) : []
}

function scriptImports(path: string, text: string): string[][] {
  const found = text.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)(['"])(\.{1,2}\/[^'"\n]{1,300})\1/g)
  return [...found].map(([, , specifier = '']) => scriptPlaces(resolve(folderOf(path), specifier)))
}

/** Modules that a message quotes as they were asked for from `path`: `The requested module './price.js' does not provide …`. */
export function requestedPlaces(path: string, message: string): readonly string[] {
  const found = message.matchAll(/(['"])(\.{1,2}\/[^'"\n]{1,300})\1/g)
  return [...found].flatMap(([, , specifier = '']) => scriptPlaces(resolve(folderOf(path), specifier)))
}

const EXTENSIONS = ['.ts', '.tsx', '.js', '.jsx', '.mjs', '.cjs', '.mts', '.cts']

function scriptPlaces(path: string): string[] {
  const bare = path.replace(/\.[cm]?jsx?$/, '')
  const names = EXTENSIONS.flatMap((extension) => [`${bare}${extension}`, `${path}/index${extension}`])
  return [...new Set([path, ...names])]
}

function pythonImports(path: string, text: string): string[][] {
  const found = text.matchAll(/^[ \t]*(?:from[ \t]+(\.*[\w.]*)[ \t]+import\b|import[ \t]+([\w.]+))/gm)
  return [...found].flatMap(([, from, whole]) => {
    const module = from ?? whole ?? ''
    const dots = /^\.*/.exec(module)?.[0].length ?? 0
    const rest = module.slice(dots).replaceAll('.', '/')
    if (dots === 0) return [[`${rest}.py`, `src/${rest}.py`, `${rest}/__init__.py`]]
    const base = resolve(folderOf(path), '../'.repeat(dots - 1) || '.')
    const place = rest === '' ? base : `${base === '' ? '' : `${base}/`}${rest}`
    return [[`${place}.py`, `${place}/__init__.py`]]
  })
}

function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : ''
}

/** Never above the root of the repository. */
function resolve(folder: string, relative: string): string {
  const parts = folder === '' ? [] : folder.split('/')
  for (const part of relative.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.' && part !== '') parts.push(part)
  }
  return parts.join('/')
}
