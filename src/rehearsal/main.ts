import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { startModelServer, type ModelServer } from './model-server.ts'
import { defaultScript, parseScript, renderProblems, type Script } from './script/script.ts'

/** The rehearsal server as a program of its own: prints its url, serves until SIGTERM, SIGINT, or its parent's word or end. */
async function main(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      script: { type: 'string' },
      port: { type: 'string' },
      'port-file': { type: 'string' },
      record: { type: 'string' },
      'with-parent': { type: 'boolean' },
    },
  })
  const script = values.script === undefined ? defaultScript() : loadScript(values.script)
  const server = await startModelServer({
    script,
    port: Number(values.port ?? 0),
    ...(values.record === undefined ? {} : { recordFile: values.record }),
  })
  stopWhenAsked(server, values['with-parent'] === true)
  if (values['port-file'] !== undefined) writeWhole(values['port-file'], `${server.port}\n`)
  console.log(server.url)
}

function loadScript(path: string): Script {
  const parsed = parseScript(textOf(path))
  if (parsed.kind === 'script') return parsed.script
  console.error(renderProblems(path, parsed.problems))
  process.exit(2)
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    console.error(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
    process.exit(2)
  }
}

// A reader of the file sees all of it or none.
function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.tmp`, text, { mode: 0o600 })
  renameSync(`${path}.tmp`, path)
}

function stopWhenAsked(server: ModelServer, withParent: boolean): void {
  const stop = () => void server.stop().then(() => process.exit(0))
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, stop)
  process.once('disconnect', stop)
  process.once('message', stop)
  // A parent that dies by SIGKILL closes our stdin; that is the only word it can still send.
  if (withParent) process.stdin.on('end', stop).on('error', stop).resume()
}

await main(process.argv.slice(2))
