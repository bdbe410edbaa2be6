/**
 * Node's own reporters leave out the file of a test that passed, and its JUnit is no valid XML once a message holds an escape. So `node --test` is given
 * a reporter of ours, as the module specifier that its option takes: no file has to be there. One JSON line a test; runs on Node 18.15 and later.
 */
const SOURCE = `export default async function* (source) {
  const names = [], errors = new Map()
  for await (const { type, data } of source) {
    if (type === 'test:start') { names.length = data.nesting; names[data.nesting] = data.name }
    if (type === 'test:stderr' && data.file) errors.set(data.file, ((errors.get(data.file) ?? '') + data.message).slice(-8000))
    if (type !== 'test:pass' && type !== 'test:fail') continue
    const { name, nesting, file, line, details } = data, error = details?.error, cause = error?.cause ?? error
    const said = file === name ? errors.get(file) : undefined
    yield JSON.stringify({
      names: [...names.slice(0, nesting), name].slice(-50), file, line: file === name ? undefined : line,
      result: type === 'test:fail' ? 'failed' : 'passed',
      isSkipped: (data.skip !== undefined && data.skip !== false) || (data.todo !== undefined && data.todo !== false),
      isSuite: details?.type === 'suite', kind: error?.failureType,
      message: error && [said, cause?.stack ?? cause?.message ?? String(cause)].filter((text) => typeof text === 'string').join('\\n').slice(0, 16000),
    }) + '\\n'
  }
}`

export const NODE_TEST_REPORTER = `data:text/javascript,${encodeURIComponent(SOURCE).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16)}`)}`
